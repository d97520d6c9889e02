package io.firn.log;

import io.firn.log.batch.BatchBytes;

import org.apache.kafka.common.errors.KafkaStorageException;
import org.apache.kafka.common.record.internal.Records;
import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;

/// The batches of closed segments that have an offset in `[start, end)`, one buffer each, for one
/// thread. The first may begin below `start`: what a batch holds goes nowhere without its header
/// (C17).
///
/// Reads pieces of a file that it opens for each of them: offload interrupts the threads that work
/// for it, an interrupt closes the channel that its thread reads, and the segment's own channel is
/// everybody's (R20). What is opened here takes no notice of interrupts and needs no closing.
public final class ClosedBatches implements Iterator<ByteBuffer> {
    private static final int PIECE = 1 << 20;

    private final Iterator<ClosedSegment> segments;
    private final long start;
    private final long end;
    private @Nullable ClosedSegment segment;
    private long position; // in the segment, of the first byte that is not in `piece`
    private ByteBuffer piece = ByteBuffer.allocate(0);
    private @Nullable ByteBuffer next;

    /// @throws KafkaStorageException here and later, when a segment cannot be read
    public ClosedBatches(List<ClosedSegment> closed, long start, long end) {
        this.segments =
                closed.stream()
                        .filter(one -> one.end() > start && one.base() < end)
                        .toList()
                        .iterator();
        this.start = start;
        this.end = end;
        this.next = advance();
    }

    @Override
    public boolean hasNext() {
        return next != null;
    }

    /// Nobody else has this buffer; it may share its array with its neighbours.
    @Override
    public ByteBuffer next() {
        ByteBuffer batch = next;
        if (batch == null) {
            throw new NoSuchElementException();
        }
        next = advance();
        return batch;
    }

    private @Nullable ByteBuffer advance() {
        while (true) {
            ByteBuffer batch = batch();
            if (batch == null) {
                if (!segments.hasNext()) {
                    return null;
                }
                segment = segments.next();
                position = 0;
                continue;
            }
            long base = batch.getLong(Records.OFFSET_OFFSET);
            if (base >= end) {
                return null;
            }
            if (base + BatchBytes.span(batch, 0) > start) {
                return batch;
            }
        }
    }

    /// The segment's next batch; null at its end.
    private @Nullable ByteBuffer batch() {
        if (!has(Records.LOG_OVERHEAD)) {
            return null;
        }
        int size = Records.LOG_OVERHEAD + piece.getInt(piece.position() + Records.SIZE_OFFSET);
        if (size < Records.LOG_OVERHEAD || !has(size)) {
            throw new KafkaStorageException(
                    "Cannot read %s: the batch %d bytes before position %d says that it has %d bytes"
                            .formatted(name(), piece.remaining(), position, size));
        }
        ByteBuffer batch = piece.slice(piece.position(), size);
        piece.position(piece.position() + size);
        return batch;
    }

    /// Reads on until `bytes` are at hand, unless the segment ends before.
    private boolean has(int bytes) {
        ClosedSegment from = segment;
        if (piece.remaining() >= bytes || from == null) {
            return piece.remaining() >= bytes;
        }
        long left = from.size() - position;
        if (piece.remaining() + left < bytes) {
            return false;
        }
        byte[] more = new byte[(int) Math.min(piece.remaining() + left, Math.max(PIECE, bytes))];
        int kept = piece.remaining();
        piece.get(more, 0, kept);
        try (var file = new RandomAccessFile(from.records().file(), "r")) {
            file.seek(position);
            file.readFully(more, kept, more.length - kept);
        } catch (IOException e) {
            throw new KafkaStorageException(
                    "Cannot read %s at %d: %s".formatted(name(), position, e.getMessage()), e);
        }
        position += more.length - kept;
        piece = ByteBuffer.wrap(more);
        return true;
    }

    private String name() {
        ClosedSegment from = segment;
        return from == null ? "no segment" : from.records().file().toString();
    }
}
