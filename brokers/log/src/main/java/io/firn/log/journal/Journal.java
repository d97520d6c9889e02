package io.firn.log.journal;

import io.firn.log.Durability;
import io.firn.log.journal.JournalFormat.EntryHeader;
import io.firn.log.journal.JournalFormat.GroupHeader;
import io.firn.log.journal.JournalFormat.Header;
import io.firn.log.journal.JournalFormat.Type;

import org.apache.kafka.common.Uuid;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;

/// Writes groups into the ring: one is staged while the last one is being written. One thread
/// stages and seals, one writes, in the order of sealing; [#released] may come from another.
///
/// Entering a half waits until it is released (L5, L10): the owner is told by [HalfFull] that the
/// other half is full, so that it flushes what that one holds while this one is written.
public final class Journal implements AutoCloseable {
    /// Called on the writing thread when the half `left` is full and the other one begins with
    /// group `firstSeq`.
    public interface HalfFull {
        void left(int half, long firstSeq, long firstPosition);
    }

    /// A group that is complete and waits for [#write].
    ///
    /// @param buffer its bytes, padded
    public record Sealed(long seq, long position, ByteBuffer buffer) {}

    private static final int SMALL = 1 << 20;

    private final JournalFile file;
    private final Ring ring;
    private final Durability durability;
    private final Uuid directoryId;
    private final int nodeId;
    private final long generation;
    private final ByteBuffer headerBlock = JournalFile.buffer(JournalFormat.BLOCK);
    private final BlockingQueue<ByteBuffer> spare = new ArrayBlockingQueue<>(2);
    private ByteBuffer buffer;
    private int entries;
    private int used = JournalFormat.GROUP_HEADER;
    private long seq;
    private long position;
    private int half;
    private volatile long syncedSeq;
    private long headerTurn;
    private int halvesEntered;
    private final boolean[] free = {true, true};
    private volatile boolean failed;

    /// The ring is empty and its first group gets `seq` at `position`, as the header on disk says.
    public Journal(
            JournalFile file,
            Ring ring,
            Durability durability,
            Uuid directoryId,
            int nodeId,
            long generation,
            long headerTurn,
            long seq,
            long position) {
        this.file = file;
        this.ring = ring;
        this.durability = durability;
        this.directoryId = directoryId;
        this.nodeId = nodeId;
        this.generation = generation;
        this.headerTurn = headerTurn;
        this.seq = seq;
        this.position = position;
        this.syncedSeq = seq - 1;
        this.buffer = newBuffer();
        this.half = ring.half(position);
        free[half] = false;
    }

    /// Sequence of the group being staged.
    public long seq() {
        return seq;
    }

    public int entries() {
        return entries;
    }

    /// Changes each time a half is entered: handles named before are to be named again.
    public int halvesEntered() {
        return halvesEntered;
    }

    private ByteBuffer newBuffer() {
        return JournalFile.buffer(Math.min(SMALL, ring.maxGroup()));
    }

    /// Whether so many bytes more still fit into the group that was begun.
    public boolean fits(int bytes) {
        int most = JournalFormat.padded(used + bytes);
        return most <= ring.maxGroup() && position + most <= ring.end(half);
    }

    /// Whether a group of so many bytes enters the other half.
    public boolean entersHalf(int bytes) {
        return position + padded(bytes) > ring.end(half);
    }

    private int padded(int bytes) {
        return JournalFormat.padded(Math.min(ring.maxGroup(), bytes + JournalFormat.GROUP_HEADER));
    }

    /// Makes room for a half change before anything of this group is staged, so that all of it
    /// lands in one half. When it [#entersHalf], every group before must have been written.
    ///
    /// @param bytes upper bound of what will be staged
    public void begin(int bytes, HalfFull onFull) throws IOException {
        requireSound();
        if (entersHalf(bytes)) {
            int next = 1 - half;
            long start = ring.start(next);
            onFull.left(half, seq, start);
            awaitFree(next);
            position = start;
            half = next;
            halvesEntered++;
        }
    }

    private synchronized void awaitFree(int half) throws IOException {
        while (!free[half]) {
            requireSound();
            try {
                wait(1000);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IOException(
                        "Interrupted while waiting for a free half of the journal", e);
            }
        }
        free[half] = false;
    }

    /// All that the half held is on disk: names the oldest group needed and gives the half back
    /// (L5). Not once it has failed: what an earlier release did not do stays needed (L4).
    public synchronized void released(int half, long oldestSeq, long oldestPosition)
            throws IOException {
        requireSound();
        file.force();
        writeHeader(oldestSeq, oldestPosition);
        free[half] = true;
        notifyAll();
    }

    public synchronized void fail() {
        failed = true;
        notifyAll();
    }

    private void requireSound() throws IOException {
        if (failed) {
            throw new IOException("The journal has failed and takes nothing more");
        }
    }

    public void writeHeader(long oldestSeq, long oldestPosition) throws IOException {
        writeHeader(oldestSeq, oldestPosition, false);
    }

    private synchronized void writeHeader(long oldestSeq, long oldestPosition, boolean closed)
            throws IOException {
        headerTurn++;
        new Header(
                        headerTurn,
                        directoryId.getMostSignificantBits(),
                        directoryId.getLeastSignificantBits(),
                        nodeId,
                        (closed ? Header.CLOSED : 0)
                                | (durability == Durability.STRICT ? Header.STRICT : 0),
                        ring.bytes(),
                        generation,
                        oldestSeq,
                        oldestPosition,
                        oldestSeq - 1)
                .write(headerBlock);
        file.writeSynced(
                headerBlock, headerTurn % JournalFormat.HEADER_BLOCKS * JournalFormat.BLOCK);
    }

    /// Space for the payload of a DATA entry, which [#data] then completes; nothing is staged until
    /// then.
    public ByteBuffer space(int bytes) {
        int at = used + JournalFormat.ENTRY_HEADER;
        grow(at + bytes);
        return buffer.slice(at, bytes);
    }

    public void data(
            int handle, int leaderEpoch, long before, long after, int batches, int payload) {
        put(new EntryHeader(Type.DATA, payload, handle, leaderEpoch, before, after, batches));
    }

    public void handle(int handle, LogCheckpoint checkpoint) throws IOException {
        var bytes = new ByteArrayOutputStream(200);
        checkpoint.write(new DataOutputStream(bytes));
        space(bytes.size()).put(bytes.toByteArray());
        put(
                new EntryHeader(
                        Type.HANDLE,
                        bytes.size(),
                        handle,
                        -1,
                        checkpoint.logStart(),
                        checkpoint.end(),
                        0));
    }

    /// @param logStart of a log that restarts; else the offset again
    public void mark(Type type, int handle, long offset, long logStart) {
        space(0);
        put(new EntryHeader(type, 0, handle, -1, offset, logStart, 0));
    }

    private void put(EntryHeader header) {
        header.write(buffer, used);
        used += JournalFormat.ENTRY_HEADER + header.payload();
        entries++;
    }

    private void grow(int need) {
        if (need <= buffer.capacity()) {
            return;
        }
        int size =
                (int)
                        Math.min(
                                Math.max(ring.maxGroup(), JournalFormat.padded(need)),
                                2L * JournalFormat.padded(need));
        ByteBuffer bigger = JournalFile.buffer(JournalFormat.padded(size));
        bigger.put(0, buffer, 0, used);
        buffer = bigger;
    }

    /// Completes the group that is staged; the next one may be staged at once.
    public Sealed seal() throws IOException {
        int length = used;
        int padded = JournalFormat.padded(length);
        if (position + padded > ring.end(half)) { // else it would wait for ever for its own half
            throw new IOException(
                    "A write group of %d bytes at position %d is larger than was reserved: its half ends at %d"
                            .formatted(length, position, ring.end(half)));
        }
        grow(padded);
        new GroupHeader(0, length, generation, seq, syncedSeq, entries).write(buffer, 0);
        for (int i = length; i < padded; i++) {
            buffer.put(i, (byte) 0);
        }
        buffer.putInt(8, (int) JournalFormat.groupCrc(buffer, length));
        var sealed = new Sealed(seq, position, buffer.duplicate().clear().limit(padded));
        position += padded;
        seq++;
        ByteBuffer next = spare.poll();
        buffer = next == null ? newBuffer() : next;
        discard();
        return sealed;
    }

    /// Returns when the group counts as durable (L3).
    public void write(Sealed group) throws IOException {
        file.write(group.buffer.duplicate(), group.position);
        if (durability == Durability.STRICT) {
            syncedSeq = group.seq;
        }
        if (group.buffer.capacity() <= 8 * SMALL) {
            spare.offer(group.buffer.duplicate().clear());
        }
    }

    /// Forgets what is staged.
    public void discard() {
        entries = 0;
        used = JournalFormat.GROUP_HEADER;
    }

    /// After everything is flushed: the next start finds nothing to replay, unless a log broke and
    /// needs it.
    public void closeEmptyIf(boolean allFlushed) throws IOException {
        if (allFlushed) {
            file.force();
            writeHeader(seq, position, true);
        }
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
