package io.firn.benchmarks;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;

/// A folder for the data of all servers, gone when the run ends.
final class WorkFolder implements AutoCloseable {
    private final Path path;

    WorkFolder(Path parent) throws IOException {
        Files.createDirectories(parent);
        this.path = Files.createTempDirectory(parent.toAbsolutePath(), "firn-bench.");
        Runtime.getRuntime().addShutdownHook(new Thread(this::removeOnInterrupt, "clean up"));
    }

    /// When the run is interrupted, what servers wrote goes all the same.
    private void removeOnInterrupt() {
        try {
            close();
        } catch (IOException e) {
            System.err.printf("bench: %s is left behind (%s)%n", path, e);
        }
    }

    Path path() {
        return path;
    }

    @Override
    public void close() throws IOException {
        if (!Files.exists(path)) {
            return;
        }
        Files.walkFileTree(
                path,
                new SimpleFileVisitor<>() {
                    @Override
                    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
                            throws IOException {
                        Files.deleteIfExists(file);
                        return FileVisitResult.CONTINUE;
                    }

                    @Override
                    public FileVisitResult postVisitDirectory(
                            Path folder, @org.jspecify.annotations.Nullable IOException error)
                            throws IOException {
                        Files.deleteIfExists(folder);
                        return FileVisitResult.CONTINUE;
                    }
                });
    }
}
