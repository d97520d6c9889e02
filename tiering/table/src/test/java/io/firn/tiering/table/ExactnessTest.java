package io.firn.tiering.table;

import static io.firn.tiering.table.Batches.bytes;
import static io.firn.tiering.table.Batches.header;

import static org.assertj.core.api.Assertions.assertThat;

import io.firn.schema.ByteSink;
import io.firn.schema.Years;
import io.firn.tiering.table.batch.BatchHeader;
import io.firn.tiering.table.batch.BatchRecords;
import io.firn.tiering.table.batch.ContentDigest;
import io.firn.tiering.table.column.Layout;
import io.firn.tiering.table.column.SchemaLookup;
import io.firn.tiering.table.column.TableShape;
import io.firn.tiering.table.column.TopicTableSchema;
import io.firn.tiering.table.file.EncodedFile;
import io.firn.tiering.table.file.RangeReader;
import io.firn.tiering.table.file.SeekIndex;
import io.firn.tiering.table.row.ValueKind;

import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.EncoderFactory;
import org.apache.iceberg.SchemaParser;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.data.parquet.GenericParquetReaders;
import org.apache.iceberg.parquet.Parquet;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.common.record.internal.ControlRecordType;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;

/// C15: what the log handed over comes back from the table's rows, record for record and header for
/// header.
public class ExactnessTest {
    private static final Schema ORDER =
            new Schema.Parser()
                    .parse(
                            """
                            {"type":"record","name":"Order","fields":[
                              {"name":"id","type":"long"},
                              {"name":"city","type":"string"},
                              {"name":"amount","type":["null","double"]},
                              {"name":"tags","type":{"type":"array","items":"string"}},
                              {"name":"lines","type":{"type":"array","items":{"type":"record","name":"Line","fields":[
                                 {"name":"sku","type":"string"},{"name":"qty","type":["int","null"]}]}}},
                              {"name":"attrs","type":{"type":"map","values":"long"}}]}
                            """);
    private static final SchemaLookup REGISTRY =
            id -> id == 42 ? Optional.of(ORDER.toString()) : Optional.empty();
    private static final Compression[] CODECS = {
        Compression.NONE,
        Compression.gzip().build(),
        Compression.snappy().build(),
        Compression.lz4().build(),
        Compression.zstd().build()
    };

    private static final long[] ODD_TIMES = {
        Long.MAX_VALUE, Long.MAX_VALUE / 1000 + 1, Years.MOST_MILLIS, Years.MOST_MILLIS + 1
    };

    static String orderSchema() {
        return ORDER.toString();
    }

    @TempDir Path folder;

    static TableShape compact() {
        TopicTableSchema.Evolved evolved =
                TopicTableSchema.evolve(TopicTableSchema.base(), "", 42, ORDER.toString());
        return new TableShape(
                SchemaParser.toJson(evolved.schema()), evolved.mappingJson(), Layout.COMPACT, 0);
    }

    static byte[] avro(Random random) {
        GenericRecord order = new GenericData.Record(ORDER);
        order.put("id", random.nextLong() >> random.nextInt(64));
        order.put("city", "Zürich-" + random.nextInt(5));
        order.put("amount", random.nextInt(3) == 0 ? null : random.nextDouble());
        List<String> tags = new ArrayList<>();
        for (int i = random.nextInt(4); i > 0; i--) {
            tags.add("t" + i);
        }
        order.put("tags", tags);
        List<GenericRecord> lines = new ArrayList<>();
        for (int i = random.nextInt(3); i > 0; i--) {
            GenericRecord line =
                    new GenericData.Record(ORDER.getField("lines").schema().getElementType());
            line.put("sku", "sku" + random.nextInt());
            line.put("qty", random.nextBoolean() ? null : random.nextInt());
            lines.add(line);
        }
        order.put("lines", lines);
        order.put("attrs", Map.of("a", random.nextLong(), "b", 1L));
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(new byte[] {0, 0, 0, 0, 42});
        try {
            var encoder =
                    random.nextInt(3) > 0
                            ? EncoderFactory.get().directBinaryEncoder(out, null)
                            : EncoderFactory.get().blockingDirectBinaryEncoder(out, null);
            new GenericDatumWriter<GenericRecord>(ORDER).write(order, encoder);
            encoder.flush();
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
        return out.toByteArray();
    }

    private static byte[] value(Random random) {
        return switch (random.nextInt(13)) {
            case 12 -> { // the id's varint with a byte more than it needs
                byte[] good = avro(random);
                int at = 5;
                while (good[at] < 0) {
                    at++;
                }
                if (at == 14) {
                    yield good; // is as long as one may be
                }
                byte[] padded = new byte[good.length + 1];
                System.arraycopy(good, 0, padded, 0, at + 1);
                padded[at] |= (byte) 0x80;
                System.arraycopy(good, at + 1, padded, at + 2, good.length - at - 1);
                yield padded;
            }
            case 0 -> null; // tombstone
            case 1 -> new byte[0];
            case 2 -> new byte[] {0, 0, 0, 0, 42, 1, 2, 3}; // a known id before garbage
            case 3 -> new byte[] {0, 0, 0, 0, 9, 1}; // an unknown id
            case 4 -> {
                byte[] noise = new byte[random.nextInt(2000)];
                random.nextBytes(noise);
                yield noise;
            }
            case 5 -> { // trailing byte after a good value
                byte[] good = avro(random);
                yield java.util.Arrays.copyOf(good, good.length + 1);
            }
            default -> avro(random);
        };
    }

    private static Header[] headers(Random random) {
        return switch (random.nextInt(5)) {
            case 0 ->
                    new Header[] {
                        header("k", bytes("1")), header("k", bytes("2")), header("k", null)
                    };
            case 1 -> new Header[] {header("", new byte[0]), header("é", bytes("x"))};
            default -> new Header[0];
        };
    }

    static List<ByteBuffer> generated(long seed, int batches) {
        Random random = new Random(seed);
        List<ByteBuffer> all = new ArrayList<>();
        long offset = 100;
        for (int b = 0; b < batches; b++) {
            switch (random.nextInt(14)) {
                case 0 -> {
                    all.add(
                            Batches.marker(
                                    offset,
                                    77,
                                    random.nextBoolean()
                                            ? ControlRecordType.COMMIT
                                            : ControlRecordType.ABORT));
                    offset++;
                }
                case 1 -> {
                    all.add(Batches.empty(offset, offset + 9));
                    offset += 10;
                }
                case 2 -> offset += random.nextInt(1000); // a gap between batches
                case 3 -> {
                    ByteSink odd = new ByteSink(100);
                    Batches.record(odd, 0, null, bytes("plain"), false);
                    boolean padded = random.nextBoolean();
                    Batches.record(
                            odd,
                            1,
                            padded ? null : new byte[] {(byte) 0xff, (byte) 0xfe}, // no UTF-8
                            bytes("odd"),
                            padded);
                    all.add(
                            Batches.handmade(
                                    offset,
                                    2,
                                    1,
                                    java.util.Arrays.copyOf(odd.bytes(), odd.size())));
                    offset += 2;
                }
                case 4 -> { // a header that counts more records than there are
                    ByteSink one = new ByteSink(100);
                    Batches.record(one, 0, null, bytes("lonely"), false);
                    all.add(
                            Batches.handmade(
                                    offset,
                                    3,
                                    2,
                                    java.util.Arrays.copyOf(one.bytes(), one.size())));
                    offset += 3;
                }
                default -> {
                    int count = random.nextInt(8) == 0 ? 400 : 1 + random.nextInt(6);
                    int step = random.nextInt(5) == 0 ? 3 : 1;
                    Batches.Rec[] records = new Batches.Rec[count];
                    for (int i = 0; i < count; i++) {
                        byte[] key =
                                random.nextInt(4) == 0
                                        ? null
                                        : random.nextInt(4) == 0
                                                ? new byte[0]
                                                : bytes("key" + random.nextInt(9));
                        long time =
                                switch (random.nextInt(24)) {
                                    case 0 -> -1;
                                    case 1 -> ODD_TIMES[random.nextInt(ODD_TIMES.length)];
                                    default -> 1_700_000_000_000L + random.nextInt(100_000);
                                };
                        records[i] = new Batches.Rec(time, key, value(random), headers(random));
                    }
                    boolean transactional = random.nextInt(4) == 0;
                    boolean idempotent = transactional || random.nextBoolean();
                    all.add(
                            Batches.batch(
                                    offset,
                                    CODECS[random.nextInt(CODECS.length)],
                                    random.nextInt(4) == 0
                                            ? TimestampType.LOG_APPEND_TIME
                                            : TimestampType.CREATE_TIME,
                                    idempotent ? 77 : -1,
                                    idempotent ? (short) 3 : -1,
                                    idempotent ? random.nextInt(Integer.MAX_VALUE) : -1,
                                    transactional,
                                    step,
                                    records));
                    offset += (long) count * step;
                }
            }
        }
        return all;
    }

    public static SegmentInput input(int partition, List<ByteBuffer> batches, String aborted) {
        long start = batches.getFirst().getLong(0);
        ByteBuffer last = batches.getLast();
        long end = last.getLong(0) + last.getInt(23) + 1;
        return new SegmentInput(
                new UUID(1, partition),
                new UUID(2, 2),
                partition,
                start,
                end,
                7,
                batches,
                "[{\"epoch\":7}]",
                aborted);
    }

    static ByteBuffer group(Path file, SeekIndex index, int group) {
        SeekIndex.RowGroup at = index.groups().get(group);
        return reader(file).read(at.position(), at.length());
    }

    static RangeReader reader(Path file) {
        byte[] all;
        try {
            all = Files.readAllBytes(file);
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
        return new RangeReader() {
            @Override
            public ByteBuffer read(long position, int length) {
                return ByteBuffer.wrap(all, (int) position, length).slice().asReadOnlyBuffer();
            }

            @Override
            public long size() {
                return all.length;
            }
        };
    }

    static List<ByteBuffer> decodeAll(Path file, String seekIndex, Recompression wire) {
        SeekIndex index = SeekIndex.parse(seekIndex);
        List<ByteBuffer> batches = new ArrayList<>();
        SegmentDecoder decoder = new SegmentDecoder(REGISTRY, wire);
        for (int i = 0; i < index.groups().size(); i++) {
            DecodedBatches decoded = decoder.decode(group(file, index, i), index, i);
            if (index.groups().get(i).continues()) {
                assertThat(decoded.batches()).isEmpty();
                continue;
            }
            assertThat(decoded.batches().getFirst().baseOffset())
                    .isEqualTo(index.groups().get(i).firstOffset());
            assertThat(decoded.batches().getLast().lastOffset())
                    .isEqualTo(index.groups().get(i).lastOffset());
            batches.addAll(Batches.split(decoded.bytes()));
        }
        return batches;
    }

    private static byte[] records(ByteBuffer batch) {
        byte[] all = new byte[batch.remaining()];
        batch.duplicate().get(all);
        ByteSink sink = new ByteSink(100);
        assertThat(new BatchRecords().unpack(new BatchHeader().on(all, 0), sink))
                .isEqualTo(BatchRecords.Unpacked.WHOLE);
        return java.util.Arrays.copyOf(sink.bytes(), sink.size());
    }

    private static byte[] comparableHeader(ByteBuffer batch) {
        byte[] header = new byte[61];
        batch.duplicate().get(header);
        BatchHeader.normalize(header);
        return header;
    }

    static void assertSame(List<ByteBuffer> hot, List<ByteBuffer> cold) {
        assertThat(cold).hasSameSizeAs(hot);
        ContentDigest hotDigest = new ContentDigest();
        ContentDigest coldDigest = new ContentDigest();
        for (int i = 0; i < hot.size(); i++) {
            ByteBuffer a = hot.get(i);
            ByteBuffer b = cold.get(i);
            assertThat(comparableHeader(b)).as("header %d", i).isEqualTo(comparableHeader(a));
            assertThat(records(b)).as("records %d", i).isEqualTo(records(a));
            MemoryRecords.readableRecords(b.duplicate())
                    .batches()
                    .forEach(batch -> batch.ensureValid());
            if ((a.get(22) & 7) == 0 && (b.get(22) & 7) == 0) {
                assertThat(b).as("uncompressed batch %d", i).isEqualTo(a);
            }
            hotDigest.update(a);
            coldDigest.update(b);
        }
        assertThat(coldDigest.digest()).isEqualTo(hotDigest.digest());
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void batchesComeBackRecordForRecordAndHeaderForHeader(long seed) {
        List<ByteBuffer> hot = generated(seed, 150);
        Path file = folder.resolve("a.parquet");
        TableShape shape = seed % 3 == 0 ? TableShape.EMPTY_RAW : compact();
        EncodedFile encoded =
                SegmentEncoder.encode(shape, List.of(input(3, hot, "")), REGISTRY, file);

        EncodedFile.EncodedSegment segment = encoded.segments().getFirst();
        assertSame(hot, decodeAll(file, segment.seekIndexJson(), Recompression.NONE));
        assertThat(segment.counts().records()).isEqualTo(encoded.rows());
        if (seed % 3 == 0) {
            assertThat(encoded.unmappedSchemaIds()).contains(42);
        } else {
            assertThat(segment.counts().typedValues())
                    .isGreaterThan(segment.counts().records() / 2);
            assertThat(encoded.unmappedSchemaIds()).contains(9);
        }
        ContentDigest digest = new ContentDigest();
        hot.forEach(digest::update);
        assertThat(segment.contentDigest()).isEqualTo(digest.digest());
    }

    @ParameterizedTest
    @EnumSource(Recompression.class)
    void deliveredInAnyCodecTheRecordsAreTheSame(Recompression wire) {
        List<ByteBuffer> hot = generated(99, 60);
        Path file = folder.resolve("a.parquet");
        EncodedFile encoded =
                SegmentEncoder.encode(compact(), List.of(input(0, hot, "")), REGISTRY, file);
        assertSame(hot, decodeAll(file, encoded.segments().getFirst().seekIndexJson(), wire));
    }

    @Test
    void abortedTransactionsNeverBecomeRowsAndComeBackByteForByte() {
        Batches.Rec one = new Batches.Rec(5, bytes("k"), bytes("v"));
        List<ByteBuffer> hot =
                List.of(
                        Batches.batch(0, CODECS[4], one),
                        Batches.batch(
                                1,
                                CODECS[4],
                                TimestampType.CREATE_TIME,
                                9,
                                (short) 0,
                                0,
                                true,
                                1,
                                one,
                                one),
                        Batches.marker(3, 9, ControlRecordType.ABORT));
        Path file = folder.resolve("a.parquet");
        EncodedFile encoded =
                SegmentEncoder.encode(
                        TableShape.EMPTY_RAW,
                        List.of(
                                input(
                                        0,
                                        hot,
                                        "[{\"pid\":9,\"firstOffset\":1,\"lastOffset\":3,\"lastStable\":4}]")),
                        REGISTRY,
                        file);
        assertThat(encoded.rows()).isEqualTo(1);
        List<ByteBuffer> cold =
                decodeAll(file, encoded.segments().getFirst().seekIndexJson(), Recompression.NONE);
        assertSame(hot, cold);
        assertThat(cold.get(1)).isEqualTo(hot.get(1));
        assertThat(cold.get(2)).isEqualTo(hot.get(2));
    }

    @Test
    void aSegmentWithoutAnyRowComesBack() {
        List<ByteBuffer> hot =
                List.of(Batches.marker(5, 9, ControlRecordType.ABORT), Batches.empty(6, 8));
        Path file = folder.resolve("a.parquet");
        EncodedFile encoded =
                SegmentEncoder.encode(
                        TableShape.EMPTY_RAW, List.of(input(0, hot, "")), REGISTRY, file);
        assertThat(encoded.rows()).isZero();
        assertSame(
                hot,
                decodeAll(file, encoded.segments().getFirst().seekIndexJson(), Recompression.NONE));
    }

    @Test
    void segmentsOfSeveralPartitionsShareAFileAndLargeOnesHaveSeveralRowGroups() {
        byte[] large = new byte[1 << 20];
        new Random(1).nextBytes(large);
        List<ByteBuffer> big = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            big.add(Batches.batch(i, CODECS[0], new Batches.Rec(i, null, large)));
        }
        List<ByteBuffer> small = generated(5, 20);
        Path file = folder.resolve("a.parquet");
        EncodedFile encoded =
                SegmentEncoder.encode(
                        compact(),
                        List.of(input(0, big, ""), input(1, small, "[]")),
                        REGISTRY,
                        file);
        assertThat(SeekIndex.parse(encoded.segments().getFirst().seekIndexJson()).groups())
                .hasSize(3);
        assertSame(
                big,
                decodeAll(file, encoded.segments().get(0).seekIndexJson(), Recompression.NONE));
        assertSame(
                small,
                decodeAll(file, encoded.segments().get(1).seekIndexJson(), Recompression.NONE));
    }

    @Test
    void icebergReadsTheRowsThatKafkaWouldRead() throws Exception {
        List<ByteBuffer> hot = generated(12, 100);
        Path file = folder.resolve("a.parquet");
        TableShape shape = compact();
        SegmentEncoder.encode(shape, List.of(input(3, hot, "")), REGISTRY, file);

        List<org.apache.kafka.common.record.internal.Record> expected = new ArrayList<>();
        for (ByteBuffer batch : hot) {
            MemoryRecords.readableRecords(batch.duplicate())
                    .batches()
                    .forEach(
                            b -> {
                                if (!b.isControlBatch() && isReadable(batch)) {
                                    b.forEach(expected::add);
                                }
                            });
        }
        org.apache.iceberg.Schema schema = SchemaParser.fromJson(shape.icebergSchemaJson());
        List<Record> rows = new ArrayList<>();
        try (var reader =
                Parquet.read(org.apache.iceberg.Files.localInput(file.toFile()))
                        .project(schema)
                        .createReaderFunc(type -> GenericParquetReaders.buildReader(schema, type))
                        .<Record>build()) {
            reader.forEach(row -> rows.add(row.copy()));
        }
        assertThat(rows).hasSameSizeAs(expected); // C19
        Set<Integer> kinds = new TreeSet<>();
        var decoder = new org.apache.avro.generic.GenericDatumReader<GenericRecord>(ORDER);
        for (int i = 0; i < rows.size(); i++) {
            Record row = rows.get(i);
            var record = expected.get(i);
            assertThat(row.getField("_kafka_offset")).isEqualTo(record.offset());
            assertThat(row.getField("_kafka_partition")).isEqualTo(3);
            assertThat(
                            ((java.time.OffsetDateTime) row.getField("_kafka_timestamp"))
                                    .toInstant()
                                    .toEpochMilli())
                    .isEqualTo(Years.nearest(record.timestamp()));
            boolean odd = record.timestamp() != Years.nearest(record.timestamp());
            if ((int) row.getField("_kafka_timestamp_type") == 0) {
                assertThat(row.getField("_kafka_timestamp_ms"))
                        .isEqualTo(odd ? record.timestamp() : null);
            }
            assertThat(row.getField("_kafka_key")).isEqualTo(record.key());
            assertThat((List<?>) row.getField("_kafka_headers")).hasSize(record.headers().length);
            int kind = (int) row.getField("_kafka_value_kind");
            kinds.add(kind);
            switch (ValueKind.of(kind)) {
                case NULL -> assertThat(record.hasValue()).isFalse();
                case RAW -> assertThat(row.getField("_kafka_value_raw")).isEqualTo(record.value());
                default -> {
                    assertThat(row.getField("_kafka_value_raw"))
                            .isEqualTo(
                                    kind == ValueKind.TYPED_AND_RAW.ordinal()
                                            ? record.value()
                                            : null);
                    byte[] value = new byte[record.valueSize()];
                    record.value().get(value);
                    GenericRecord order =
                            decoder.read(
                                    null,
                                    org.apache.avro.io.DecoderFactory.get()
                                            .binaryDecoder(value, 5, value.length - 5, null));
                    assertThat(row.getField("id")).isEqualTo(order.get("id"));
                    assertThat(row.getField("city")).isEqualTo(order.get("city").toString());
                    assertThat(row.getField("amount")).isEqualTo(order.get("amount"));
                    assertThat((List<?>) row.getField("lines"))
                            .hasSize(((List<?>) order.get("lines")).size());
                    assertThat(((Map<?, ?>) row.getField("attrs")).get("b")).isEqualTo(1L);
                }
            }
        }
        assertThat(kinds).containsExactly(0, 1, 2, 4, 5);
    }

    private static boolean isReadable(ByteBuffer batch) {
        byte[] first = records(batch);
        int count = batch.getInt(57);
        boolean lies =
                count == 3 && batch.get(22) == 0 && batch.getLong(43) == -1 && first.length < 20;
        return count > 0 && !lies;
    }
}
