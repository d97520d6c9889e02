package io.firn.broker;

import static java.nio.charset.StandardCharsets.UTF_8;

import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.EncoderFactory;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.common.record.internal.ControlRecordType;
import org.apache.kafka.common.record.internal.DefaultRecordBatch;
import org.apache.kafka.common.record.internal.EndTransactionMarker;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.MemoryRecordsBuilder;
import org.apache.kafka.common.record.internal.RecordBatch;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;

/// What a leader's log may hold, from a seed: every codec, producers of all kinds, transactions
/// with both ends, gaps between and inside batches, batches that compaction emptied, and values
/// that are Avro, nearly Avro, or nothing.
final class GeneratedLog {
    static final int SCHEMA_ID = 42;
    static final Schema ORDER =
            new Schema.Parser()
                    .parse(
                            """
                            {"type":"record","name":"Order","fields":[
                              {"name":"id","type":"long"},
                              {"name":"city","type":"string"},
                              {"name":"amount","type":["null","double"]},
                              {"name":"tags","type":{"type":"array","items":"string"}},
                              {"name":"attrs","type":{"type":"map","values":"long"}}]}
                            """);
    private static final long TIME = 1_700_000_000_000L;
    private static final short PRODUCER_EPOCH = 3;
    private static final int LARGE = 600_000;
    private static final Compression[] CODECS = {
        Compression.NONE,
        Compression.gzip().build(),
        Compression.snappy().build(),
        Compression.lz4().build(),
        Compression.zstd().build()
    };

    private final Random random;
    private final List<MemoryRecords> batches = new ArrayList<>();

    /// Open transactions by producer, with the indexes of their batches.
    private final Map<Long, List<Integer>> open = new TreeMap<>();

    private final Map<Long, Integer> sequences = new TreeMap<>();
    private final Set<Integer> aborted = new HashSet<>();
    private long offset = 5; // the log begins with a gap
    private int leaderEpoch;

    GeneratedLog(long seed, int steps) {
        random = new Random(seed);
        for (Compression codec : CODECS) { // whatever the seed
            data(-1, false, codec);
        }
        for (int i = 0; i < steps; i++) {
            step();
        }
        List.copyOf(open.keySet()).forEach(this::end);
        data(-1, false, CODECS[0]);
    }

    List<MemoryRecords> batches() {
        return batches;
    }

    /// Whether the batch belongs to a transaction that was aborted.
    boolean isAborted(int batch) {
        return aborted.contains(batch);
    }

    long end() {
        return offset;
    }

    int leaderEpoch() {
        return leaderEpoch;
    }

    private void step() {
        switch (random.nextInt(14)) {
            case 0 -> offset += random.nextInt(1_000);
            case 1 -> emptied();
            case 2 -> leaderEpoch += random.nextInt(3);
            case 3, 4, 5 -> data(100 + random.nextInt(3), true, codec());
            case 6, 7 -> {
                if (!open.isEmpty()) {
                    end(open.keySet().iterator().next());
                }
            }
            case 8, 9, 10 -> data(7 + random.nextInt(2), false, codec());
            default -> data(-1, false, codec());
        }
    }

    private Compression codec() {
        return CODECS[random.nextInt(CODECS.length)];
    }

    private void data(long producer, boolean transactional, Compression codec) {
        int count =
                switch (random.nextInt(10)) {
                    case 0 -> 300;
                    case 1, 2 -> 1;
                    default -> 1 + random.nextInt(8);
                };
        int step = random.nextInt(4) == 0 ? 3 : 1;
        TimestampType type =
                random.nextInt(4) == 0 ? TimestampType.LOG_APPEND_TIME : TimestampType.CREATE_TIME;
        int sequence = producer < 0 ? -1 : sequences.getOrDefault(producer, 0);
        MemoryRecordsBuilder builder =
                MemoryRecords.builder(
                        ByteBuffer.allocate(1024),
                        RecordBatch.MAGIC_VALUE_V2,
                        codec,
                        type,
                        offset,
                        type == TimestampType.LOG_APPEND_TIME ? TIME + 99_123 : -1,
                        producer,
                        producer < 0 ? -1 : PRODUCER_EPOCH,
                        sequence,
                        transactional,
                        leaderEpoch);
        boolean large = random.nextInt(40) == 0;
        for (int i = 0; i < count; i++) {
            byte[] value = large && i == 0 ? noise(LARGE) : value();
            byte[] key = key();
            builder.appendWithOffset(
                    offset + (long) i * step,
                    random.nextInt(30) == 0 ? -1 : TIME + random.nextInt(100_000),
                    key == null ? null : ByteBuffer.wrap(key),
                    value == null ? null : ByteBuffer.wrap(value),
                    headers());
        }
        if (producer >= 0) {
            sequences.put(producer, sequence + (count - 1) * step + 1);
        }
        if (transactional) {
            open.computeIfAbsent(producer, p -> new ArrayList<>()).add(batches.size());
        }
        batches.add(builder.build());
        offset += (long) (count - 1) * step + 1;
    }

    private void end(long producer) {
        List<Integer> mine = open.remove(producer);
        boolean commit = random.nextBoolean();
        if (!commit) {
            aborted.addAll(mine);
        }
        batches.add(
                MemoryRecords.withEndTransactionMarker(
                        offset,
                        TIME + 500,
                        leaderEpoch,
                        producer,
                        PRODUCER_EPOCH,
                        new EndTransactionMarker(
                                commit ? ControlRecordType.COMMIT : ControlRecordType.ABORT, 11)));
        offset++;
    }

    /// A header without records, as compaction leaves it for a producer's last sequence.
    private void emptied() {
        ByteBuffer buffer = ByteBuffer.allocate(DefaultRecordBatch.RECORD_BATCH_OVERHEAD);
        DefaultRecordBatch.writeEmptyHeader(
                buffer,
                RecordBatch.MAGIC_VALUE_V2,
                55L,
                (short) 2,
                10,
                offset,
                offset + 9,
                leaderEpoch,
                TimestampType.CREATE_TIME,
                TIME + 600,
                false,
                false);
        batches.add(MemoryRecords.readableRecords(buffer.flip()));
        offset += 10;
    }

    private byte[] key() {
        return switch (random.nextInt(8)) {
            case 0, 1 -> null;
            case 2 -> new byte[0];
            default -> ("key" + random.nextInt(9)).getBytes(UTF_8);
        };
    }

    private byte[] value() {
        return switch (random.nextInt(12)) {
            case 0 -> null;
            case 1 -> new byte[0];
            case 2 -> new byte[] {0, 0, 0, 0, SCHEMA_ID, 1, 2, 3}; // a known id before garbage
            case 3 -> new byte[] {0, 0, 0, 0, 9, 1}; // an unknown id
            case 4 -> noise(random.nextInt(2_000));
            case 5 -> { // one byte too many
                byte[] good = avro();
                yield Arrays.copyOf(good, good.length + 1);
            }
            default -> avro();
        };
    }

    private byte[] noise(int bytes) {
        byte[] noise = new byte[bytes];
        random.nextBytes(noise);
        return noise;
    }

    private Header[] headers() {
        return switch (random.nextInt(5)) {
            case 0 ->
                    new Header[] {
                        new RecordHeader("k", "1".getBytes(UTF_8)),
                        new RecordHeader("k", "2".getBytes(UTF_8)),
                        new RecordHeader("k", (byte[]) null),
                        new RecordHeader("k", new byte[0])
                    };
            case 1 ->
                    new Header[] {
                        new RecordHeader("", new byte[0]), new RecordHeader("é", noise(5))
                    };
            default -> new Header[0];
        };
    }

    private byte[] avro() {
        GenericRecord order = new GenericData.Record(ORDER);
        order.put("id", random.nextLong() >> random.nextInt(64));
        order.put("city", "Zürich-" + random.nextInt(5));
        order.put("amount", random.nextInt(3) == 0 ? null : random.nextDouble());
        List<String> tags = new ArrayList<>();
        for (int i = random.nextInt(4); i > 0; i--) {
            tags.add("t" + i);
        }
        order.put("tags", tags);
        order.put("attrs", Map.of("a", random.nextLong(), "b", 1L));
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(new byte[] {0, 0, 0, 0, SCHEMA_ID});
        try {
            var encoder = // blocks without their size, or with it as Go's hamba/avro has them
                    random.nextInt(3) > 0
                            ? EncoderFactory.get().directBinaryEncoder(out, null)
                            : EncoderFactory.get().blockingDirectBinaryEncoder(out, null);
            new GenericDatumWriter<GenericRecord>(ORDER).write(order, encoder);
            encoder.flush();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toByteArray();
    }
}
