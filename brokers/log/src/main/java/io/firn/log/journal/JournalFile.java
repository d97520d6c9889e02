package io.firn.log.journal;

import com.sun.nio.file.ExtendedOpenOption;

import io.firn.log.Durability;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;

/// The ring's file: aligned writes that return when they count.
///
/// `STRICT` writes with O_DIRECT and O_DSYNC; where the file system refuses O_DIRECT, buffered and
/// then `fdatasync`. `REPLICATED` writes buffered and does not wait for the device.
public final class JournalFile implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(JournalFile.class);
    private static final int ZEROES = 1 << 20;

    private final Path path;
    private final long ringBytes;
    private final Durability durability;
    private final FileChannel channel;
    private final boolean direct;
    private volatile long ready; // bytes written once, so that their extents are real
    private volatile boolean closing;
    private volatile @Nullable IOException zeroError;
    private @Nullable Thread zeroing;

    private JournalFile(Path path, long ringBytes, Durability durability) throws IOException {
        this.path = path;
        this.ringBytes = ringBytes;
        this.durability = durability;
        FileChannel opened = durability == Durability.STRICT ? tryDirect(path) : null;
        this.direct = opened != null;
        this.channel =
                opened != null
                        ? opened
                        : FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE);
        this.ready =
                Math.min(ringBytes, channel.size() / JournalFormat.BLOCK * JournalFormat.BLOCK);
    }

    /// Makes the file if it is not there; its space fills with zeros in the background, ahead of
    /// the writer.
    public static JournalFile open(Path path, long ringBytes, Durability durability)
            throws IOException {
        if (!Files.exists(path)) {
            Files.createFile(path);
        }
        return new JournalFile(path, ringBytes, durability);
    }

    private static @Nullable FileChannel tryDirect(Path path) throws IOException {
        try {
            Set<OpenOption> options =
                    Set.of(
                            StandardOpenOption.READ,
                            StandardOpenOption.WRITE,
                            StandardOpenOption.DSYNC,
                            ExtendedOpenOption.DIRECT);
            if (Files.getFileStore(path).getBlockSize() > JournalFormat.BLOCK) {
                log.warn(
                        "Journal {}: blocks above 4 KiB, so it is written buffered and synced by fdatasync",
                        path);
                return null;
            }
            return FileChannel.open(path, options);
        } catch (UnsupportedOperationException | IOException refused) {
            log.warn(
                    "Journal {}: this file system refuses O_DIRECT ({}), so it is written buffered and synced by"
                            + " fdatasync",
                    path,
                    refused.getMessage());
            return null;
        }
    }

    boolean direct() {
        return direct;
    }

    /// A buffer that O_DIRECT takes.
    public static ByteBuffer buffer(int bytes) {
        return ByteBuffer.allocateDirect(bytes + JournalFormat.BLOCK)
                .alignedSlice(JournalFormat.BLOCK)
                .limit(bytes)
                .slice();
    }

    /// Writes zeros up to the ring's size, the first part now and the rest on a thread of its own.
    public void prepare() throws IOException {
        ByteBuffer zeroes = buffer(ZEROES);
        long first = Math.min(ringBytes, ZEROES);
        while (ready < first) {
            writeZeroes(zeroes, channel);
        }
        if (ready < ringBytes) {
            Thread thread = new Thread(this::zeroRest, "firn-log-zero");
            thread.setDaemon(true);
            zeroing = thread;
            thread.start();
        }
    }

    /// Its own channel without DSYNC: zeros need no sync, a group's own write syncs the extents it
    /// stands on.
    private void zeroRest() {
        Set<OpenOption> options =
                direct
                        ? Set.of(StandardOpenOption.WRITE, ExtendedOpenOption.DIRECT)
                        : Set.of(StandardOpenOption.WRITE);
        try (FileChannel quiet = FileChannel.open(path, options)) {
            ByteBuffer zeroes = buffer(ZEROES);
            while (ready < ringBytes && !closing) {
                writeZeroes(zeroes, quiet);
            }
        } catch (IOException e) {
            zeroError = e;
            synchronized (this) {
                notifyAll();
            }
        }
    }

    private void writeZeroes(ByteBuffer zeroes, FileChannel to) throws IOException {
        zeroes.clear().limit((int) Math.min(zeroes.capacity(), ringBytes - ready));
        long at = ready;
        while (zeroes.hasRemaining()) {
            at += to.write(zeroes, at);
        }
        synchronized (this) {
            ready = at;
            notifyAll();
        }
    }

    /// Returns when the bytes count as durable. `bytes` is block aligned in memory, length and
    /// position.
    void write(ByteBuffer bytes, long position) throws IOException {
        awaitReady(position + bytes.remaining());
        writeFully(bytes, position);
        if (durability == Durability.STRICT && !direct) {
            channel.force(false);
        }
    }

    /// Writes and syncs whatever the mode.
    void writeSynced(ByteBuffer bytes, long position) throws IOException {
        writeFully(bytes, position);
        channel.force(false);
    }

    private void writeFully(ByteBuffer bytes, long position) throws IOException {
        long at = position;
        while (bytes.hasRemaining()) {
            at += channel.write(bytes, at);
        }
    }

    private void awaitReady(long end) throws IOException {
        if (ready >= end) {
            return;
        }
        synchronized (this) {
            while (ready < end) {
                IOException error = zeroError;
                if (error != null) {
                    throw new IOException(
                            "Cannot fill the journal %s with zeros".formatted(path), error);
                }
                try {
                    wait(1000);
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    throw new IOException("Interrupted while the journal is being prepared", e);
                }
            }
        }
    }

    /// Reads whole blocks; what lies behind the end of the file reads as zeros.
    void read(ByteBuffer into, long position) throws IOException {
        long at = position;
        while (into.hasRemaining()) {
            int read = channel.read(into, at);
            if (read < 0) {
                while (into.hasRemaining()) {
                    into.put((byte) 0);
                }
                return;
            }
            at += read;
        }
    }

    void force() throws IOException {
        channel.force(false);
    }

    @Override
    public void close() throws IOException {
        closing = true;
        Thread thread = zeroing;
        if (thread != null) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
        channel.close();
    }
}
