package io.firn.log;

import io.firn.log.directory.Folders;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;

/// Folders as killed processes leave them.
final class Crashes {
    private Crashes() {}

    /// As `kill -9` leaves it: everything written is there, nothing closed. A release may be under
    /// way meanwhile, so the copy goes against its order (segments, manifest, journal header): what
    /// it has was there at one moment.
    static Path copy(Path dir, Path to) throws IOException {
        Files.createDirectories(to);
        for (String name : List.of("journal", "manifest", "meta.properties")) {
            if (Files.exists(dir.resolve(name))) {
                Files.copy(dir.resolve(name), to.resolve(name));
            }
        }
        for (Path folder : Folders.list(dir)) {
            if (Files.isDirectory(folder) && !folder.toString().endsWith("-delete")) {
                copyFolder(folder, to.resolve(folder.getFileName()));
            }
        }
        return to;
    }

    static void copyFolder(Path folder, Path to) throws IOException {
        Files.createDirectories(to);
        for (Path file : Folders.list(folder)) {
            if (!file.toString().endsWith(".deleted") && !file.toString().endsWith(".tmp")) {
                try {
                    Files.copy(file, to.resolve(file.getFileName()));
                } catch (NoSuchFileException gone) {
                    // as if it had gone a moment earlier
                }
            }
        }
    }
}
