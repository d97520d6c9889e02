package io.firn.tiering.cold.offload;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.UUID;

/// Where files wait between encoding and upload. Nothing in it outlives the process.
final class Spool {
    private final Path folder;

    private Spool(Path folder) {
        this.folder = folder;
    }

    /// Makes the folder and removes what a crash has left.
    static Spool open(Path folder) {
        try {
            Files.createDirectories(folder);
            try (DirectoryStream<Path> left = Files.newDirectoryStream(folder, "*.parquet")) {
                for (Path file : left) {
                    Files.delete(file);
                }
            }
            return new Spool(folder);
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "Cannot use %s for files on their way to the object store".formatted(folder),
                    e);
        }
    }

    Path file(UUID segment) {
        return folder.resolve(segment + ".parquet");
    }

    void remove(UUID segment) {
        try {
            Files.deleteIfExists(file(segment));
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot remove %s".formatted(file(segment)), e);
        }
    }
}
