package io.firn.log;

import io.firn.log.segment.SegmentRecords;

import org.apache.kafka.common.TopicIdPartition;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.network.TransferableChannel;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.common.record.internal.CompressionType;
import org.apache.kafka.common.record.internal.ControlRecordType;
import org.apache.kafka.common.record.internal.EndTransactionMarker;
import org.apache.kafka.common.record.internal.FileRecords;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.Record;
import org.apache.kafka.common.record.internal.Records;
import org.apache.kafka.common.record.internal.SimpleRecord;
import org.apache.kafka.storage.internals.log.LogConfig;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// Batches and settings for tests.
public final class Batches {
    private Batches() {}

    public static TopicIdPartition partition(String topic, int partition) {
        return new TopicIdPartition(Uuid.randomUuid(), new TopicPartition(topic, partition));
    }

    static LogConfig config(Object... pairs) {
        var map = new java.util.Properties();
        for (int i = 0; i < pairs.length; i += 2) {
            map.put(pairs[i], pairs[i + 1].toString());
        }
        map.putIfAbsent("segment.index.bytes", "65536");
        map.putIfAbsent("file.delete.delay.ms", "0");
        return LogConfig.fromProps(Map.of(), map);
    }

    static SimpleRecord[] values(String... values) {
        var records = new ArrayList<SimpleRecord>();
        for (String value : values) {
            records.add(
                    new SimpleRecord(
                            System.currentTimeMillis(),
                            null,
                            value.getBytes(StandardCharsets.UTF_8)));
        }
        return records.toArray(SimpleRecord[]::new);
    }

    static MemoryRecords batch(String... values) {
        return MemoryRecords.withRecords(Compression.NONE, values(values));
    }

    static MemoryRecords compressed(CompressionType type, String... values) {
        return MemoryRecords.withRecords(Compression.of(type).build(), values(values));
    }

    static MemoryRecords keyed(String key, String value) {
        return MemoryRecords.withRecords(
                Compression.NONE,
                new SimpleRecord(System.currentTimeMillis(), key.getBytes(), value.getBytes()));
    }

    static MemoryRecords idempotent(long producer, int epoch, int sequence, String... values) {
        return MemoryRecords.withIdempotentRecords(
                0, Compression.NONE, producer, (short) epoch, sequence, 0, values(values));
    }

    static MemoryRecords transactional(
            long offset, int leaderEpoch, long producer, int sequence, String... values) {
        return MemoryRecords.withTransactionalRecords(
                offset,
                Compression.NONE,
                producer,
                (short) 0,
                sequence,
                leaderEpoch,
                values(values));
    }

    static MemoryRecords marker(long offset, int leaderEpoch, long producer, boolean commit) {
        return MemoryRecords.withEndTransactionMarker(
                offset,
                System.currentTimeMillis(),
                leaderEpoch,
                producer,
                (short) 0,
                new EndTransactionMarker(
                        commit ? ControlRecordType.COMMIT : ControlRecordType.ABORT, 0));
    }

    static MemoryRecords stamped(long timestamp, String... values) {
        SimpleRecord[] records = new SimpleRecord[values.length];
        for (int i = 0; i < values.length; i++) {
            records[i] = new SimpleRecord(timestamp, null, values[i].getBytes());
        }
        return MemoryRecords.withRecords(Compression.NONE, records);
    }

    /// All values from the local start on, read batch by batch.
    static List<String> read(PartitionLog log, Isolation isolation) {
        var values = new ArrayList<String>();
        long offset = Math.max(log.logStartOffset(), log.localLogStartOffset());
        while (true) {
            Records records = log.read(offset, 1 << 20, true, isolation).records();
            if (records.sizeInBytes() == 0) {
                return values;
            }
            for (Record record : copy(records).records()) {
                if (record.offset() >= offset && record.hasValue()) {
                    values.add(StandardCharsets.UTF_8.decode(record.value()).toString());
                }
            }
            for (var batch : copy(records).batches()) {
                offset = Math.max(offset, batch.nextOffset());
            }
        }
    }

    static MemoryRecords copy(Records records) {
        if (records instanceof FileRecords file) {
            try {
                ByteBuffer buffer = ByteBuffer.allocate(file.sizeInBytes());
                file.readInto(buffer, 0);
                return MemoryRecords.readableRecords(buffer);
            } catch (java.io.IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
        }
        if (records instanceof SegmentRecords segment) {
            return MemoryRecords.readableRecords(ByteBuffer.wrap(sent(segment)));
        }
        return (MemoryRecords) records;
    }

    /// What a client gets: regions of the file, and bytes from memory.
    public static byte[] sent(SegmentRecords records) {
        var wire = new Wire();
        try {
            int at = 0;
            while (at < records.sizeInBytes()) {
                at += records.writeTo(wire, at, records.sizeInBytes() - at);
            }
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
        return wire.bytes.toByteArray();
    }

    /// A connection that keeps what is sent.
    private static final class Wire implements TransferableChannel {
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

        @Override
        public long transferFrom(FileChannel file, long position, long count)
                throws java.io.IOException {
            ByteBuffer part = ByteBuffer.allocate((int) count);
            while (part.hasRemaining()) {
                if (file.read(part, position + part.position()) < 0) {
                    throw new java.io.EOFException("A file region ends too early");
                }
            }
            bytes.writeBytes(part.array());
            return count;
        }

        @Override
        public int write(ByteBuffer source) {
            byte[] part = new byte[source.remaining()];
            source.get(part);
            bytes.writeBytes(part);
            return part.length;
        }

        @Override
        public long write(ByteBuffer[] sources) {
            return write(sources, 0, sources.length);
        }

        @Override
        public long write(ByteBuffer[] sources, int offset, int length) {
            long count = 0;
            for (int i = offset; i < offset + length; i++) {
                count += write(sources[i]);
            }
            return count;
        }

        @Override
        public boolean hasPendingWrites() {
            return false;
        }

        @Override
        public boolean isOpen() {
            return true;
        }

        @Override
        public void close() {}
    }

    static final TimestampType CREATE_TIME = TimestampType.CREATE_TIME;
}
