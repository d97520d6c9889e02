package io.firn.broker.cluster;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.nio.file.StandardOpenOption.READ;

import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/// Small files beside the log that a loss of power must not take.
final class DurableFile {
    private DurableFile() {}

    /// Puts `text` in the place of what the file had: after a crash it has one or the other, and
    /// once this has returned, the new one.
    static void replace(Path file, String text) throws IOException {
        Path fresh = file.resolveSibling(file.getFileName() + ".new");
        try (FileOutputStream out = new FileOutputStream(fresh.toFile())) {
            write(out, text);
        }
        Files.move(
                fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        try (FileChannel folder = FileChannel.open(file.toAbsolutePath().getParent(), READ)) {
            folder.force(true); // or the new name may be forgotten
        }
    }

    /// Synced on return.
    static void append(Path file, String text) throws IOException {
        try (FileOutputStream out = new FileOutputStream(file.toFile(), true)) {
            write(out, text);
        }
    }

    private static void write(FileOutputStream out, String text) throws IOException {
        out.write(text.getBytes(UTF_8));
        out.getFD().sync();
    }
}
