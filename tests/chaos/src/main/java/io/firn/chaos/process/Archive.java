package io.firn.chaos.process;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;

/// A class-data archive (JEP 350) of a started Firn: a test that starts a hundred of them does so
/// with a third of the CPU. One, of the last class path, is kept in the temporary folder.
public final class Archive {
    private static final String QUIET = "-Xlog:disable"; // its warnings would fill standard output

    private Archive() {}

    /// Options for a JVM of [Firn#java], after making the archive when there is none for it.
    ///
    /// @param settings of a data folder that may be started and stopped once
    public static List<String> options(Firn.Settings settings)
            throws IOException, InterruptedException {
        Path archive = Path.of(System.getProperty("java.io.tmpdir"), "firn-chaos.jsa");
        Path keyFile = archive.resolveSibling("firn-chaos.jsa.key");
        String key = key();
        if (!Files.exists(archive)
                || !Files.exists(keyFile)
                || !Files.readString(keyFile).equals(key)) {
            Path fresh = archive.resolveSibling("firn-chaos.jsa." + settings.kafkaPort());
            Firn firn =
                    Firn.launch(
                            settings.with(null),
                            List.of("-XX:ArchiveClassesAtExit=" + fresh, QUIET));
            boolean ready = firn.awaitReady();
            firn.stop();
            if (!ready || !Files.exists(fresh)) {
                return List.of();
            }
            Files.move(
                    fresh,
                    archive,
                    StandardCopyOption.ATOMIC_MOVE,
                    StandardCopyOption.REPLACE_EXISTING);
            Files.writeString(keyFile, key);
        }
        return List.of("-XX:SharedArchiveFile=" + archive, QUIET);
    }

    /// The JVM ignores an archive whose jars have changed, so it would only be of no use.
    private static String key() {
        String classes = Firn.classPath();
        long hash = classes.hashCode();
        for (String entry : classes.split(":")) {
            hash = 31 * hash + Path.of(entry).toFile().lastModified();
        }
        return Long.toHexString(hash);
    }
}
