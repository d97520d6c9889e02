package io.firn.launcher.command;

import io.firn.launcher.folder.Keys;
import io.firn.launcher.settings.StartupException;

import org.apache.kafka.common.Uuid;
import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;

/// `firn init DIR`: a new cluster's id and keys, and a `firn.yaml` for each role as separate
/// processes on one machine. Nothing starts; nothing that is there is overwritten.
@Command(
        name = "init",
        mixinStandardHelpOptions = true,
        description = "Makes cluster id, keys and a configuration file for each separate process.")
public final class InitCommand implements Callable<Integer> {
    private static final List<String> FILES =
            List.of("backends", "controller", "catalog", "broker", "gateway", "gateway-2");

    @Parameters(description = "a new folder for them")
    private @Nullable Path dir;

    @Override
    public Integer call() {
        if (dir == null) {
            throw new StartupException("Cannot make a cluster: name a folder, firn init DIR.");
        }
        Path folder = dir.toAbsolutePath().normalize();
        make(folder);
        System.out.println(
                """
                A new cluster in %1$s. Start its processes in this order, each in a terminal of its own:
                  firn backends   --config %1$s/backends.yaml   (not needed with a Postgres and an S3 of your own)
                  firn controller --config %1$s/controller.yaml
                  firn catalog    --config %1$s/catalog.yaml
                  firn broker     --config %1$s/broker.yaml
                  firn gateway    --config %1$s/gateway.yaml    (and gateway-2.yaml, for a second one)
                The files hold keys: keep them private. Ports, addresses and data folders are theirs to change."""
                        .formatted(folder));
        return 0;
    }

    public static void make(Path folder) {
        try {
            if (Files.exists(folder.resolve("cluster.key"))) {
                throw new StartupException(
                        "Cannot make a cluster in %s: there is one already. Name another folder."
                                .formatted(folder));
            }
            Files.createDirectories(folder);
            Keys keys = new Keys(folder.resolve("backends/keys"));
            write(
                    folder.resolve("cluster.key"),
                    HexFormat.of().formatHex(keys.clusterKey()) + "\n");
            Map<String, String> values =
                    Map.of(
                            "{dir}", folder.toString(),
                            "{cluster-id}", Uuid.randomUuid().toString(),
                            "{postgres-password}", keys.postgresPassword(),
                            "{access-key}", keys.s3AccessKey(),
                            "{secret-key}", keys.s3SecretKey(),
                            "{read-access-key}", keys.readOnlyS3AccessKey(),
                            "{read-secret-key}", keys.readOnlyS3SecretKey());
            for (String name : FILES) {
                String text = template(name);
                for (var value : values.entrySet()) {
                    text = text.replace(value.getKey(), value.getValue());
                }
                write(folder.resolve(name + ".yaml"), text);
            }
        } catch (IOException e) {
            throw new StartupException("Cannot make a cluster in %s: %s.".formatted(folder, e), e);
        }
    }

    private static String template(String name) throws IOException {
        String resource = "/init/" + name + ".yaml";
        try (InputStream in = InitCommand.class.getResourceAsStream(resource)) {
            if (in == null) {
                throw new IOException("this distribution lacks " + resource);
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private static void write(Path file, String text) throws IOException {
        Files.createFile(
                file,
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.writeString(file, text, StandardOpenOption.WRITE);
    }
}
