package io.firn.launcher.folder;

import io.firn.launcher.settings.StartupException;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/// The data folder of one Firn process (DESIGN §13): checked, locked and of a layout this version
/// knows before anything in it is opened. One owner from [#open] until [#close] (L12).
public final class DataFolder implements AutoCloseable {
    /// The layout version that this code reads and writes.
    public static final int LAYOUT_VERSION = 2;

    /// What a first start lays down (the journal ring of 256 MiB, the metadata logs, Postgres with
    /// its binaries), and the room that the broker keeps free.
    public static final long FIRST_FREE_BYTES = 768L << 20;

    /// What a later start needs: checkpoints and the metadata log grow a little. Less than the room
    /// that the broker keeps free, so that a start is always possible and the offload makes room.
    public static final long LATER_FREE_BYTES = 64L << 20;

    private final Path root;
    private final FileChannel lockFile;
    private final FileLock lock;

    private DataFolder(Path root, FileChannel lockFile, FileLock lock) {
        this.root = root;
        this.lockFile = lockFile;
        this.lock = lock;
    }

    /// @param root created when absent
    /// @throws StartupException when another process owns it, its layout is another, it cannot be
    ///     written, or its disk has no room
    public static DataFolder open(Path root) {
        return open(root, FIRST_FREE_BYTES, LATER_FREE_BYTES);
    }

    public static DataFolder open(Path root, long firstFreeBytes, long laterFreeBytes) {
        Path folder = root.toAbsolutePath().normalize();
        try {
            Synced.createFolders(folder);
            boolean first = !Files.exists(folder.resolve("VERSION"));
            requireSpace(folder, first ? firstFreeBytes : laterFreeBytes);
            FileChannel lockFile = lockOf(folder);
            FileLock lock = take(folder, lockFile);
            checkVersion(folder);
            return new DataFolder(folder, lockFile, lock);
        } catch (AccessDeniedException e) {
            throw new StartupException(
                    "Cannot use data folder %s: no permission to write %s. Give this user the right or choose another folder with --data."
                            .formatted(folder, e.getFile()),
                    e);
        } catch (FileAlreadyExistsException e) {
            throw new StartupException(
                    "Cannot use data folder %s: %s is a file. Choose another folder with --data."
                            .formatted(folder, e.getFile()),
                    e);
        } catch (IOException e) {
            throw new StartupException(
                    "Cannot use data folder %s: %s. Choose another folder with --data."
                            .formatted(folder, e),
                    e);
        }
    }

    /// Looks whether another process has the folder, without making or keeping anything: the better
    /// answer than the taken port that the other process has, too.
    public static void requireUnused(Path root) {
        Path folder = root.toAbsolutePath().normalize();
        if (!Files.exists(folder.resolve("LOCK"))) {
            return;
        }
        try (FileChannel lockFile = lockOf(folder)) {
            take(folder, lockFile).release();
        } catch (IOException e) {
            // open() says what is wrong
        }
    }

    public Path path(String name) {
        return root.resolve(name);
    }

    public Path root() {
        return root;
    }

    @Override
    public void close() {
        try {
            lock.release();
            lockFile.close();
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot release the lock of " + root, e);
        }
    }

    private static void requireSpace(Path folder, long bytes) throws IOException {
        long free = Files.getFileStore(folder).getUsableSpace();
        if (free < bytes) {
            throw new StartupException(
                    "Cannot start on data folder %s: its disk has %d MiB free and Firn needs at least %d MiB. Free some space or choose another folder with --data."
                            .formatted(folder, free >> 20, bytes >> 20));
        }
    }

    private static FileChannel lockOf(Path folder) throws IOException {
        return FileChannel.open(
                folder.resolve("LOCK"),
                StandardOpenOption.CREATE,
                StandardOpenOption.READ,
                StandardOpenOption.WRITE);
    }

    private static FileLock take(Path folder, FileChannel lockFile) throws IOException {
        FileLock lock;
        try {
            lock = lockFile.tryLock();
        } catch (OverlappingFileLockException e) {
            lock = null;
        }
        if (lock == null) {
            lockFile.close();
            throw new StartupException(
                    "Cannot start on data folder %s: another Firn process uses it. Stop that one or choose another folder with --data."
                            .formatted(folder));
        }
        return lock;
    }

    private static void checkVersion(Path folder) throws IOException {
        Path file = folder.resolve("VERSION");
        if (!Files.exists(file) || Files.size(file) == 0) { // empty: cut off within a first start
            Files.writeString(file, LAYOUT_VERSION + "\n");
            Synced.sync(file);
            Synced.sync(folder);
            return;
        }
        String text = Files.readString(file).strip();
        int version;
        try {
            version = Integer.parseInt(text);
        } catch (NumberFormatException e) {
            throw new StartupException(
                    "Cannot start on data folder %s: its VERSION file says '%s', which is not a layout version. Is this a Firn data folder?"
                            .formatted(folder, text));
        }
        if (version < LAYOUT_VERSION) {
            throw new StartupException(
                    "Cannot start on data folder %s: its layout version is %d and this Firn knows %d. Go on with the Firn that wrote it, or choose another folder with --data."
                            .formatted(folder, version, LAYOUT_VERSION));
        }
        if (version > LAYOUT_VERSION) {
            throw new StartupException(
                    "Cannot start on data folder %s: its layout version is %d and this Firn knows %d. Use the newer Firn that wrote it."
                            .formatted(folder, version, LAYOUT_VERSION));
        }
    }
}
