package io.firn.catalog.store.embedded;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/// PostgreSQL's programs, as the embedded server unpacks them at its first start: each version in a
/// folder of its own, which has the file `.exists` when it is complete, and our `.synced` when it
/// outlives a power cut. Without the latter the programs may be files of no length.
final class UnpackedBinaries {
    private static final String SYNCED = ".synced";

    private UnpackedBinaries() {}

    /// Deletes what a process or a machine that ended while it unpacked has left: the next
    /// unpacking would stumble over it, or none would come, every time.
    static void deleteUnfinished(Path bin) throws IOException {
        for (Path version : versions(bin)) {
            if (!Files.exists(version.resolve(SYNCED))) {
                deleteTree(version);
            }
        }
    }

    /// Brings complete versions to the device, once: a second or so. An interrupt ends it with a
    /// `ClosedByInterruptException`, and the next start unpacks again.
    static void sync(Path bin) throws IOException {
        for (Path version : versions(bin)) {
            if (Files.exists(version.resolve(".exists"))
                    && !Files.exists(version.resolve(SYNCED))) {
                try (Stream<Path> entries = Files.walk(version)) {
                    for (Path entry : entries.filter(e -> !Files.isSymbolicLink(e)).toList()) {
                        force(entry);
                    }
                }
                Files.createFile(version.resolve(SYNCED));
                force(version);
                force(bin);
            }
        }
    }

    private static void force(Path path) throws IOException {
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    private static List<Path> versions(Path bin) throws IOException {
        if (!Files.isDirectory(bin)) {
            return List.of();
        }
        return children(bin).stream()
                .filter(folder -> folder.getFileName().toString().startsWith("PG-"))
                .toList();
    }

    private static List<Path> children(Path folder) throws IOException {
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.toList();
        }
    }

    private static void deleteTree(Path folder) throws IOException {
        try (Stream<Path> entries = Files.walk(folder)) {
            for (Path entry : entries.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(entry);
            }
        }
    }
}
