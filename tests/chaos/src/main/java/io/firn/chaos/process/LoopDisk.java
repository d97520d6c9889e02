package io.firn.chaos.process;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/// An ext4 file system of its own in an image file, whose power can be cut. Needs root, `mkfs.ext4`
/// and `mount`; Linux only.
public final class LoopDisk implements AutoCloseable {
    /// `FS_IOC_SHUTDOWN` with `FS_SHUTDOWN_FLAGS_NOLOGFLUSH`: what was synced stays, nothing else
    /// reaches the device from then on.
    private static final long FS_IOC_SHUTDOWN = 0x8004587DL;

    private static final int NO_LOG_FLUSH = 2;
    private static final int UNMOUNT_TRIES = 100;

    private final Path image;
    private final Path mount;
    private boolean mounted;

    private LoopDisk(Path image, Path mount) {
        this.image = image;
        this.mount = mount;
    }

    /// Makes the image, formats and mounts it.
    public static LoopDisk create(Path folder, long bytes)
            throws IOException, InterruptedException {
        Files.createDirectories(folder);
        LoopDisk disk = new LoopDisk(folder.resolve("disk.img"), folder.resolve("disk"));
        Files.createDirectories(disk.mount);
        Files.deleteIfExists(disk.image);
        try (RandomAccessFile file = new RandomAccessFile(disk.image.toFile(), "rw")) {
            file.setLength(bytes);
        }
        run("mkfs.ext4", "-q", "-F", "-m", "0", disk.image.toString());
        disk.mount();
        return disk;
    }

    public Path path() {
        return mount;
    }

    public long usable() throws IOException {
        return Files.getFileStore(mount).getUsableSpace();
    }

    public void mount() throws IOException, InterruptedException {
        run("mount", "-o", "loop", image.toString(), mount.toString());
        mounted = true;
    }

    /// Waits for the last file to be closed.
    public void unmount() throws IOException, InterruptedException {
        for (int tries = 1; ; tries++) {
            try {
                run("umount", mount.toString());
                mounted = false;
                return;
            } catch (ChaosException e) {
                if (tries == UNMOUNT_TRIES) {
                    throw e;
                }
                Thread.sleep(100);
            }
        }
    }

    /// From here on the device takes nothing any more.
    public void cutPower() {
        Linker linker = Linker.nativeLinker();
        MethodHandle open =
                linker.downcallHandle(
                        linker.defaultLookup().findOrThrow("open"),
                        FunctionDescriptor.of(
                                ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.JAVA_INT),
                        Linker.Option.firstVariadicArg(2));
        MethodHandle ioctl =
                linker.downcallHandle(
                        linker.defaultLookup().findOrThrow("ioctl"),
                        FunctionDescriptor.of(
                                ValueLayout.JAVA_INT,
                                ValueLayout.JAVA_INT,
                                ValueLayout.JAVA_LONG,
                                ValueLayout.ADDRESS),
                        Linker.Option.firstVariadicArg(2));
        MethodHandle close =
                linker.downcallHandle(
                        linker.defaultLookup().findOrThrow("close"),
                        FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));
        try (Arena arena = Arena.ofConfined()) {
            int fd = (int) open.invokeExact(arena.allocateFrom(mount.toString()), 0);
            MemorySegment flags = arena.allocateFrom(ValueLayout.JAVA_INT, NO_LOG_FLUSH);
            int status = (int) ioctl.invokeExact(fd, FS_IOC_SHUTDOWN, flags);
            int unused = (int) close.invokeExact(fd);
            if (fd < 0 || status != 0) {
                throw new ChaosException(
                        "Cannot cut the power of %s (descriptor %d, status %d); is this root on Linux with ext4?"
                                .formatted(mount, fd, status));
            }
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new ChaosException("Cannot call ioctl", e);
        }
    }

    private static void run(String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (!process.waitFor(60, TimeUnit.SECONDS) || process.exitValue() != 0) {
            throw new ChaosException(
                    "%s failed: %s".formatted(String.join(" ", command), said.strip()));
        }
    }

    @Override
    public void close() throws IOException, InterruptedException {
        if (mounted) {
            unmount();
        }
        Files.deleteIfExists(image);
    }
}
