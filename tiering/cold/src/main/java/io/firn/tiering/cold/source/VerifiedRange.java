package io.firn.tiering.cold.source;

import io.firn.tiering.cold.ColdUnavailableException;
import io.firn.tiering.cold.TieringMetrics;

import org.apache.kafka.common.record.internal.DefaultRecordBatch;
import org.apache.kafka.common.record.internal.Records;

import java.nio.ByteBuffer;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.zip.CRC32C;

/// The batches of a range as the source hands them over, and at their end the proof that these are
/// all that the log holds of it (C17): a digest over what somebody was handed says nothing of what
/// he was not. Each batch's own CRC stands for its bytes; whoever encodes them checks it.
public final class VerifiedRange implements Iterable<ByteBuffer> {
    private static final int CRC = 17;
    private static final int LAST_OFFSET_DELTA = 23;

    private final OffloadSource source;
    private final long start;
    private final long end;
    private final TieringMetrics metrics;

    public VerifiedRange(OffloadSource source, long start, long end, TieringMetrics metrics) {
        this.source = source;
        this.start = start;
        this.end = end;
        this.metrics = metrics;
    }

    /// One iteration, for one thread.
    ///
    /// @throws ColdUnavailableException from its end, when the log's first segments went meanwhile
    /// @throws IllegalStateException from its end, when the log holds other batches
    @Override
    public Iterator<ByteBuffer> iterator() {
        return new Checked(source.batches(start, end).iterator());
    }

    private final class Checked implements Iterator<ByteBuffer> {
        private final Iterator<ByteBuffer> handed;
        private final Sum sum = new Sum();
        private boolean compared;

        Checked(Iterator<ByteBuffer> handed) {
            this.handed = handed;
        }

        @Override
        public boolean hasNext() {
            if (handed.hasNext()) {
                return true;
            }
            if (!compared) {
                compared = true;
                compare(sum);
            }
            return false;
        }

        @Override
        public ByteBuffer next() {
            if (!hasNext()) {
                throw new NoSuchElementException();
            }
            ByteBuffer batches = handed.next();
            for (int at = batches.position(); at < batches.limit(); ) {
                long base = batches.getLong(at + Records.OFFSET_OFFSET);
                int size = Records.LOG_OVERHEAD + batches.getInt(at + Records.SIZE_OFFSET);
                if (size < DefaultRecordBatch.RECORD_BATCH_OVERHEAD
                        || size > batches.limit() - at) {
                    break; // whoever takes it apart says what is wrong with it
                }
                sum.add(
                        base,
                        base + batches.getInt(at + LAST_OFFSET_DELTA),
                        size,
                        batches.getInt(at + CRC));
                at += size;
            }
            return batches;
        }
    }

    private void compare(Sum handed) {
        Sum held = new Sum();
        source.held(start, end, held::add);
        if (held.equals(handed)) {
            return;
        }
        if (held.first > handed.first && source.localLogStart() > start) {
            throw new ColdUnavailableException(
                    "The local log of %s-%d begins at %d by now: range [%d, %d) is planned anew"
                            .formatted(
                                    source.topic().topic(),
                                    source.partition(),
                                    source.localLogStart(),
                                    start,
                                    end),
                    null);
        }
        metrics.copyDiffers(source.topic(), source.partition());
        throw new IllegalStateException(
                "Cannot take [%d, %d) of %s-%d to the table: its log holds %s and %s were read. Local copies stay; report this with the segment files"
                        .formatted(
                                start,
                                end,
                                source.topic().topic(),
                                source.partition(),
                                held,
                                handed));
    }

    private static final class Sum {
        private final CRC32C sum = new CRC32C();
        private final ByteBuffer entry = ByteBuffer.allocate(24);
        private long batches;
        private long first = -1;
        private long last = -1;

        void add(long base, long lastOffset, int size, int crc) {
            entry.clear().putLong(base).putLong(lastOffset).putInt(size).putInt(crc);
            sum.update(entry.flip());
            first = batches == 0 ? base : first;
            last = lastOffset;
            batches++;
        }

        boolean equals(Sum other) {
            return batches == other.batches && sum.getValue() == other.sum.getValue();
        }

        @Override
        public String toString() {
            return "%d batches of offsets %d to %d (sum %08x)"
                    .formatted(batches, first, last, sum.getValue());
        }
    }
}
