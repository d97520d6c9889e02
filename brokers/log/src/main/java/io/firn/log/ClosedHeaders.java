package io.firn.log;

import org.apache.kafka.common.errors.KafkaStorageException;
import org.apache.kafka.common.record.internal.DefaultRecordBatch;
import org.apache.kafka.common.record.internal.Records;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.util.List;

/// Which batches closed segments hold, from their headers: what there is, found by other code than
/// that which reads it ([ClosedBatches]), so that one can be checked by the other (C17). Opens
/// files of its own for the same reason as that one does.
public final class ClosedHeaders {
    private static final int WINDOW = 64 << 10;
    private static final int CRC = 17;
    private static final int LAST_OFFSET_DELTA = 23;

    /// Is told of one batch.
    public interface Visitor {
        /// @param last its last offset, which may belong to no record
        /// @param size of the whole batch in bytes
        void batch(long base, long last, int size, int crc);
    }

    private ClosedHeaders() {}

    /// Visits each batch with an offset in `[start, end)`, in offset order.
    ///
    /// @throws KafkaStorageException when a segment cannot be read
    public static void visit(List<ClosedSegment> closed, long start, long end, Visitor visitor) {
        for (ClosedSegment segment : closed) {
            if (segment.base() < end && segment.end() > start) {
                visit(segment, start, end, visitor);
            }
        }
    }

    private static void visit(ClosedSegment segment, long start, long end, Visitor visitor) {
        try (var file = new RandomAccessFile(segment.records().file(), "r")) {
            ByteBuffer window = ByteBuffer.allocate(WINDOW).flip();
            long windowAt = 0;
            long position = 0;
            while (position + DefaultRecordBatch.RECORD_BATCH_OVERHEAD <= segment.size()) {
                long in = position - windowAt;
                if (in + DefaultRecordBatch.RECORD_BATCH_OVERHEAD > window.limit()) {
                    windowAt = position;
                    in = 0;
                    file.seek(position);
                    window.clear().limit((int) Math.min(WINDOW, segment.size() - position));
                    file.readFully(window.array(), 0, window.limit());
                }
                int at = (int) in;
                long base = window.getLong(at + Records.OFFSET_OFFSET);
                int size = Records.LOG_OVERHEAD + window.getInt(at + Records.SIZE_OFFSET);
                long last = base + window.getInt(at + LAST_OFFSET_DELTA);
                if (base >= end) {
                    return;
                }
                if (size < DefaultRecordBatch.RECORD_BATCH_OVERHEAD) {
                    throw new KafkaStorageException(
                            "Cannot read %s: the batch at position %d says that it has %d bytes"
                                    .formatted(segment.records().file(), position, size));
                }
                if (last >= start) {
                    visitor.batch(base, last, size, window.getInt(at + CRC));
                }
                position += size;
            }
        } catch (IOException e) {
            throw new KafkaStorageException(
                    "Cannot read the headers of %s: %s"
                            .formatted(segment.records().file(), e.getMessage()),
                    e);
        }
    }
}
