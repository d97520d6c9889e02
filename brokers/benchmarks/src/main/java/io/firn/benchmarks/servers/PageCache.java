package io.firn.benchmarks.servers;

import io.firn.benchmarks.BenchException;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;

/// Fills the machine's page cache before a run, by reading a sparse file that is larger than its
/// memory. A server that writes files then gets its pages from reclaim, as on a broker that has run
/// for a day, and not from memory that was never touched, which on a virtual machine costs several
/// times as much (DESIGN §10, HOT-PATH §2).
public final class PageCache implements AutoCloseable {
    private static final int PIECE_BYTES = 4 << 20;
    private static final int PIECES = 16;
    private static final Duration AT_MOST = Duration.ofSeconds(15);
    private static final double FREE_SHARE = 0.02;

    private final Path file;
    private final FileChannel channel;
    private final long size;
    private final ByteBuffer piece = ByteBuffer.allocateDirect(PIECE_BYTES);
    private long position;

    public PageCache(Path folder) {
        try {
            this.file = folder.resolve("sparse");
            this.size = memory("MemTotal") * 2;
            this.channel =
                    FileChannel.open(
                            file,
                            StandardOpenOption.CREATE,
                            StandardOpenOption.READ,
                            StandardOpenOption.WRITE);
            channel.write(ByteBuffer.allocate(1), size - 1);
        } catch (IOException e) {
            throw new BenchException("Cannot make a sparse file in %s: %s".formatted(folder, e), e);
        }
    }

    /// Reads on until next to no memory is free, everything has been read once, or the time is up
    /// (a host that takes free memory back makes this endless).
    ///
    /// @return whether memory is full
    public boolean fill() {
        long deadline = System.nanoTime() + AT_MOST.toNanos();
        try {
            long enough = (long) (memory("MemTotal") * FREE_SHARE);
            long read = 0;
            while (memory("MemFree") > enough) {
                if (read > size || System.nanoTime() > deadline) {
                    return false;
                }
                for (int i = 0; i < PIECES; i++) {
                    piece.clear();
                    position = (position + Math.max(0, channel.read(piece, position))) % (size - 1);
                }
                read += (long) PIECES * PIECE_BYTES;
            }
            return true;
        } catch (IOException e) {
            throw new BenchException("Cannot fill the page cache: " + e, e);
        }
    }

    /// A line of `/proc/meminfo`, in bytes.
    static long memory(String name) throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc/meminfo"))) {
            if (line.startsWith(name + ":")) {
                return Long.parseLong(line.replaceAll("[^0-9]", "")) << 10;
            }
        }
        throw new IOException("/proc/meminfo has no " + name);
    }

    @Override
    public void close() {
        try {
            channel.close();
            Files.deleteIfExists(file);
        } catch (IOException e) {
            throw new BenchException("Cannot remove %s: %s".formatted(file, e), e);
        }
    }
}
