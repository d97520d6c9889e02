package io.firn.log.model;

import io.firn.log.Isolation;
import io.firn.log.LogRead;
import io.firn.log.PartitionLog;

import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.errors.OffsetOutOfRangeException;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.Record;
import org.apache.kafka.common.record.internal.RecordBatch;
import org.apache.kafka.common.record.internal.SimpleRecord;
import org.apache.kafka.common.utils.Utils;

import java.nio.ByteBuffer;
import java.util.TreeMap;

/// Between the model's records and Kafka's.
final class Records {
    private static final int PIECE = 16 << 10;

    private Records() {}

    static MemoryRecords batch(Sent sent, long nowMillis) {
        SimpleRecord[] records =
                sent.records().stream().map(r -> simple(r, nowMillis)).toArray(SimpleRecord[]::new);
        return sent.producer() < 0
                ? MemoryRecords.withRecords(Compression.NONE, records)
                : MemoryRecords.withIdempotentRecords(
                        0,
                        Compression.NONE,
                        sent.producer(),
                        (short) 0,
                        sent.sequence(),
                        0,
                        records);
    }

    private static SimpleRecord simple(Rec record, long nowMillis) {
        Long timestamp = record.timestamp();
        return new SimpleRecord(
                timestamp == null ? nowMillis : timestamp,
                record.key().getBytes(),
                record.value().getBytes());
    }

    /// The same bytes but for the last one.
    static MemoryRecords damaged(MemoryRecords records) {
        ByteBuffer bytes = records.buffer();
        int last = bytes.limit() - 1;
        bytes.put(last, (byte) (bytes.get(last) ^ 1));
        return records;
    }

    /// Everything that is here, by offset; each batch must hold. Until its files are open, a log
    /// may not know what retention took before a crash: who is refused looks again.
    static TreeMap<Long, Record> read(PartitionLog log) {
        try {
            return readFrom(log, localStart(log));
        } catch (OffsetOutOfRangeException moved) {
            return readFrom(log, localStart(log));
        }
    }

    static long localStart(PartitionLog log) {
        return Math.max(log.logStartOffset(), log.localLogStartOffset());
    }

    private static TreeMap<Long, Record> readFrom(PartitionLog log, long offset) {
        var found = new TreeMap<Long, Record>();
        long next = offset;
        while (true) {
            long after = read(log, next, PIECE, found);
            if (after == next) {
                found.headMap(offset).clear();
                return found;
            }
            next = after;
        }
    }

    /// One read; the offset after it.
    static long read(PartitionLog log, long offset, int bytes, TreeMap<Long, Record> found) {
        LogRead read = log.read(offset, bytes, true, Isolation.UNCOMMITTED);
        long next = offset;
        for (RecordBatch batch : read.records().batches()) {
            add(batch, found);
            next = Math.max(next, batch.nextOffset());
        }
        return next;
    }

    static void add(RecordBatch batch, TreeMap<Long, Record> found) {
        batch.ensureValid();
        for (Record record : batch) {
            Record other = found.put(record.offset(), record);
            Violation.unless(other == null, "offset %d is there twice", record.offset());
        }
    }

    static void mustBe(Rec expected, Record record, Object where) {
        boolean same =
                expected.key().equals(text(record.key()))
                        && expected.value().equals(text(record.value()))
                        && (expected.timestamp() == null
                                || expected.timestamp() == record.timestamp());
        Violation.unless(
                same,
                "%s: offset %d holds %s=%.30s at %d, not %s=%.30s at %s",
                where,
                record.offset(),
                text(record.key()),
                text(record.value()),
                record.timestamp(),
                expected.key(),
                expected.value(),
                expected.timestamp());
    }

    static boolean is(Rec expected, Record record) {
        return expected.key().equals(text(record.key()))
                && expected.value().equals(text(record.value()));
    }

    private static String text(ByteBuffer bytes) {
        return bytes == null ? "" : Utils.utf8(bytes);
    }
}
