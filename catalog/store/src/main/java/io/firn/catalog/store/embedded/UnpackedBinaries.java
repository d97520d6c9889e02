package io.firn.catalog.store.embedded;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/// PostgreSQL's programs, as the embedded server unpacks them at its first start: each version in a
/// folder of its own, which has the file `.exists` when it is complete.
final class UnpackedBinaries {
    private UnpackedBinaries() {}

    /// Deletes what a process that ended while it unpacked has left: the next unpacking would
    // stumble
    /// over it, every time.
    static void deleteUnfinished(Path bin) throws IOException {
        if (!Files.isDirectory(bin)) {
            return;
        }
        for (Path version : children(bin)) {
            if (version.getFileName().toString().startsWith("PG-")
                    && !Files.exists(version.resolve(".exists"))) {
                deleteTree(version);
            }
        }
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
