package io.firn.tiering.table;

import io.firn.schema.ByteSink;
import io.firn.tiering.table.batch.BatchHeader;

import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.common.record.internal.ControlRecordType;
import org.apache.kafka.common.record.internal.EndTransactionMarker;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.MemoryRecordsBuilder;
import org.apache.kafka.common.record.internal.RecordBatch;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/// Makes record batches with Kafka's own builder, and with bytes of our choice.
public final class Batches {
    private Batches() {}

    public record Rec(long timestamp, byte[] key, byte[] value, Header... headers) {}

    public static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    static Header header(String key, byte[] value) {
        return new RecordHeader(key, value);
    }

    public static ByteBuffer batch(long base, Compression codec, Rec... records) {
        return batch(base, codec, TimestampType.CREATE_TIME, -1, (short) -1, -1, false, 1, records);
    }

    public static ByteBuffer batch(
            long base,
            Compression codec,
            TimestampType type,
            long producer,
            short epoch,
            int sequence,
            boolean transactional,
            int step,
            Rec... records) {
        MemoryRecordsBuilder builder =
                MemoryRecords.builder(
                        ByteBuffer.allocate(1024),
                        RecordBatch.MAGIC_VALUE_V2,
                        codec,
                        type,
                        base,
                        type == TimestampType.LOG_APPEND_TIME ? 1_700_000_099_123L : -1,
                        producer,
                        epoch,
                        sequence,
                        transactional,
                        7);
        for (int i = 0; i < records.length; i++) {
            Rec r = records[i];
            builder.appendWithOffset(
                    base + (long) i * step,
                    r.timestamp(),
                    r.key() == null ? null : ByteBuffer.wrap(r.key()),
                    r.value() == null ? null : ByteBuffer.wrap(r.value()),
                    r.headers());
        }
        return copy(builder.build().buffer());
    }

    static ByteBuffer marker(long offset, long producer, ControlRecordType type) {
        return copy(
                MemoryRecords.withEndTransactionMarker(
                                offset,
                                1_700_000_000_500L,
                                7,
                                producer,
                                (short) 3,
                                new EndTransactionMarker(type, 11))
                        .buffer());
    }

    static ByteBuffer empty(long base, long last) {
        ByteBuffer buffer = ByteBuffer.allocate(61);
        org.apache.kafka.common.record.internal.DefaultRecordBatch.writeEmptyHeader(
                buffer,
                RecordBatch.MAGIC_VALUE_V2,
                55L,
                (short) 2,
                10,
                base,
                last,
                7,
                TimestampType.CREATE_TIME,
                1_700_000_000_600L,
                false,
                false);
        buffer.flip();
        return buffer;
    }

    /// An uncompressed batch whose records section is exactly `records`, with a right CRC.
    static ByteBuffer handmade(long base, int count, int lastDelta, byte[] records) {
        ByteBuffer buffer = ByteBuffer.allocate(61 + records.length);
        buffer.putLong(base).putInt(49 + records.length).putInt(7).put((byte) 2).putInt(0);
        buffer.putShort((short) 0).putInt(lastDelta);
        buffer.putLong(1_700_000_000_000L).putLong(1_700_000_000_000L);
        buffer.putLong(-1).putShort((short) -1).putInt(-1).putInt(count).put(records).flip();
        BatchHeader.seal(buffer.array(), 0, buffer.limit(), 0);
        return buffer;
    }

    /// One record's bytes, written with an own hand so that oddities can be put in.
    static void record(ByteSink out, int delta, byte[] headerKey, byte[] value, boolean padded) {
        ByteSink body = new ByteSink(64);
        body.put(0);
        body.putVarlong(0);
        body.putVarlong(delta);
        body.putVarlong(-1);
        if (padded) {
            long zigzag = (long) value.length << 1;
            body.put((int) (zigzag | 0x80));
            body.put(0);
        } else {
            body.putVarlong(value.length);
        }
        body.put(value, 0, value.length);
        body.putVarlong(headerKey == null ? 0 : 1);
        if (headerKey != null) {
            body.putVarlong(headerKey.length);
            body.put(headerKey, 0, headerKey.length);
            body.putVarlong(-1);
        }
        out.putVarlong(body.size());
        out.put(body.bytes(), 0, body.size());
    }

    static ByteBuffer copy(ByteBuffer source) {
        ByteBuffer copy = ByteBuffer.allocate(source.remaining());
        copy.put(source.duplicate()).flip();
        return copy;
    }

    static List<ByteBuffer> split(ByteBuffer bytes) {
        List<ByteBuffer> batches = new ArrayList<>();
        int at = bytes.position();
        while (at < bytes.limit()) {
            int size = bytes.getInt(at + 8) + 12;
            batches.add(bytes.slice(at, size));
            at += size;
        }
        return batches;
    }
}
