package io.firn.launcher.folder;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/// What has to be there after a power cut.
final class Synced {
    private Synced() {}

    /// Syncs a file's content, or a folder's entries.
    static void sync(Path path) throws IOException {
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    /// Makes a folder and those above it; on return their names are synced too.
    static void createFolders(Path folder) throws IOException {
        if (Files.exists(folder)) {
            return;
        }
        Path parent = folder.toAbsolutePath().getParent();
        if (parent != null) {
            createFolders(parent);
        }
        Files.createDirectories(folder);
        if (parent != null) {
            sync(parent);
        }
    }
}
