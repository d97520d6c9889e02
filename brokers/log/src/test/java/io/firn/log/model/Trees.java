package io.firn.log.model;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/// Folders copied while they are in use, and deleted.
final class Trees {
    private Trees() {}

    static void copy(Path from, Path to) {
        try {
            Files.createDirectories(to);
            for (Path each : list(from)) {
                Path target = to.resolve(each.getFileName().toString());
                if (Files.isDirectory(each)) {
                    copy(each, target);
                } else {
                    copyFile(each, target);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void copyFile(Path from, Path to) throws IOException {
        try {
            Files.copy(from, to);
        } catch (NoSuchFileException gone) {
            // deleted meanwhile
        }
    }

    static List<Path> list(Path folder) throws IOException {
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.sorted().toList();
        } catch (NoSuchFileException | NotDirectoryException gone) {
            return List.of();
        }
    }

    static void delete(Path folder) throws IOException {
        for (int attempt = 0; ; attempt++) {
            try {
                deleteOnce(folder);
                return;
            } catch (IOException | UncheckedIOException e) { // somebody still deletes there too
                if (attempt == 20) {
                    throw e;
                }
            }
        }
    }

    private static void deleteOnce(Path folder) throws IOException {
        if (!Files.exists(folder)) {
            return;
        }
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        }
    }
}
