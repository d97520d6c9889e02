package io.firn.launcher.cluster;

import io.firn.launcher.folder.Keys;
import io.firn.launcher.settings.StartupException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HexFormat;
import java.util.List;

/// What `firn init` writes: a new cluster's id and keys, and a `firn.yaml` for each process.
public final class ClusterFiles {
    static final String LOOPBACK = "127.0.0.1";
    private static final String KEY = "cluster.key";

    private ClusterFiles() {}

    /// Writes them into a folder that has none yet.
    ///
    /// @return for each process, in the order to start them: `role --config FILE`
    /// @throws StartupException when there is a cluster already
    public static List<String> make(Path folder, Shape shape) {
        try {
            if (Files.exists(folder.resolve(KEY))) {
                throw new StartupException(
                        "Cannot make a cluster in %s: there is one already. Name another folder."
                                .formatted(folder));
            }
            Files.createDirectories(folder);
            Plan plan = plan(folder, shape, new FixedPorts());
            for (Member member : plan.members()) {
                write(config(folder, member), member.config());
            }
            return plan.members().stream()
                    .map(
                            member ->
                                    "%s --config %s"
                                            .formatted(
                                                    member.role().label(), config(folder, member)))
                    .toList();
        } catch (IOException e) {
            throw new StartupException("Cannot make a cluster in %s: %s.".formatted(folder, e), e);
        }
    }

    /// The plan of a cluster whose keys lie in `folder`; the first time they are made.
    static Plan plan(Path folder, Shape shape, Plan.Ports ports) throws IOException {
        Keys keys = new Keys(folder.resolve("backends/keys"));
        Path key = folder.resolve(KEY);
        if (!Files.exists(key)) {
            write(key, HexFormat.of().formatHex(keys.clusterKey()) + "\n");
        }
        return new Plan(folder, LOOPBACK, shape, ports, keys.clusterId(), keys);
    }

    private static Path config(Path folder, Member member) {
        return folder.resolve(member.id() + ".yaml");
    }

    /// Only for its owner to read: it holds keys.
    static void write(Path file, String text) throws IOException {
        Files.deleteIfExists(file);
        Files.createFile(
                file,
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.writeString(file, text, StandardOpenOption.WRITE);
    }
}
