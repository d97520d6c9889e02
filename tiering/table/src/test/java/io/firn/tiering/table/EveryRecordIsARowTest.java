package io.firn.tiering.table;

import static io.firn.tiering.table.Batches.bytes;

import static org.assertj.core.api.Assertions.assertThat;

import io.firn.schema.ByteSink;
import io.firn.schema.Years;
import io.firn.tiering.table.batch.BatchHeader;
import io.firn.tiering.table.batch.BatchRecords;
import io.firn.tiering.table.batch.ContentDigest;
import io.firn.tiering.table.batch.LargeBatches;
import io.firn.tiering.table.column.Layout;
import io.firn.tiering.table.column.SchemaLookup;
import io.firn.tiering.table.column.TableShape;
import io.firn.tiering.table.column.TopicTableSchema;
import io.firn.tiering.table.file.EncodedFile;
import io.firn.tiering.table.file.FileFooter;
import io.firn.tiering.table.file.Flaw;
import io.firn.tiering.table.file.FlawCount;
import io.firn.tiering.table.file.RangeReader;
import io.firn.tiering.table.file.SeekIndex;

import org.apache.iceberg.SchemaParser;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.data.parquet.GenericParquetReaders;
import org.apache.iceberg.parquet.Parquet;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.record.TimestampType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;

/// C19: what does not fit costs its own cell. Each test has a good neighbour, whose row is as ever,
/// and gets back what it put in (C15).
class EveryRecordIsARowTest {
    private static final int LARGE = BatchRecords.MOST_BYTES + (1 << 20);
    private static final SchemaLookup NONE = SchemaLookup.NONE;

    @TempDir Path folder;

    private record Written(EncodedFile file, List<Record> rows) {
        Map<Flaw, Long> flaws() {
            return file.segments().getFirst().flaws().stream()
                    .collect(Collectors.toMap(FlawCount::flaw, FlawCount::count));
        }
    }

    /// Encodes, compares what comes back with what went in, and reads the rows as Iceberg does.
    private Written write(TableShape shape, SchemaLookup schemas, List<ByteBuffer> batches)
            throws Exception {
        Path file = folder.resolve("a.parquet");
        EncodedFile encoded =
                SegmentEncoder.encode(
                        shape, List.of(ExactnessTest.input(0, batches, "")), schemas, file);
        SeekIndex index = SeekIndex.parse(encoded.segments().getFirst().seekIndexJson());
        SegmentDecoder decoder = new SegmentDecoder(schemas, Recompression.NONE);
        List<ByteBuffer> cold = new ArrayList<>();
        for (int i = 0; i < index.groups().size(); i++) {
            cold.addAll(
                    Batches.split(
                            decoder.decode(ExactnessTest.group(file, index, i), index, i).bytes()));
        }
        assertThat(cold).hasSameSizeAs(batches);
        ContentDigest hotDigest = new ContentDigest();
        ContentDigest coldDigest = new ContentDigest();
        for (int i = 0; i < batches.size(); i++) {
            if ((batches.get(i).get(22) & 7) == 0) {
                assertThat(cold.get(i)).isEqualTo(batches.get(i));
            }
            hotDigest.update(batches.get(i));
            coldDigest.update(cold.get(i));
            assertThat(index.groups().get(index.groupFor(batches.get(i).getLong(0))).continues())
                    .isFalse();
        }
        byte[] digest = hotDigest.digest();
        assertThat(coldDigest.digest()).isEqualTo(digest);
        assertThat(encoded.segments().getFirst().contentDigest()).isEqualTo(digest);
        assertThat(FileFooter.read(ExactnessTest.reader(file)).segments().getFirst().seekIndex())
                .isEqualTo(index);
        return new Written(encoded, rows(shape, file));
    }

    private static List<Record> rows(TableShape shape, Path file) throws Exception {
        org.apache.iceberg.Schema schema = SchemaParser.fromJson(shape.icebergSchemaJson());
        List<Record> rows = new ArrayList<>();
        try (var reader =
                Parquet.read(org.apache.iceberg.Files.localInput(file.toFile()))
                        .project(schema)
                        .createReaderFunc(type -> GenericParquetReaders.buildReader(schema, type))
                        .<Record>build()) {
            reader.forEach(row -> rows.add(row.copy()));
        }
        return rows;
    }

    private static long millis(Record row, String column) {
        return ((OffsetDateTime) row.getField(column)).toInstant().toEpochMilli();
    }

    private static String text(Object bytes) {
        return StandardCharsets.UTF_8.decode(((ByteBuffer) bytes).duplicate()).toString();
    }

    @Test
    void aTimestampThatNoEngineShowsCostsNoRow() throws Exception {
        long[] odd = {Long.MAX_VALUE, Years.MOST_MILLIS + 1, Years.MOST_MILLIS, 1, -1};
        List<Batches.Rec> records = new ArrayList<>();
        for (long time : odd) {
            records.add(new Batches.Rec(time, null, bytes("v")));
        }
        Batches.Rec[] all = records.toArray(Batches.Rec[]::new);
        ByteBuffer lowest = Batches.batch(10, Compression.NONE, new Batches.Rec(1, null, null));
        lowest.putLong(27, Long.MIN_VALUE).putLong(35, Long.MIN_VALUE);
        BatchHeader.seal(lowest.array(), 0, lowest.limit(), 0);
        Written written =
                write(
                        TableShape.EMPTY_RAW,
                        NONE,
                        List.of(
                                Batches.batch(0, Compression.NONE, all),
                                Batches.batch(
                                        5,
                                        Compression.lz4().build(),
                                        TimestampType.LOG_APPEND_TIME,
                                        -1,
                                        (short) -1,
                                        -1,
                                        false,
                                        1,
                                        all),
                                lowest));
        assertThat(written.rows()).hasSize(11);
        for (int i = 0; i < odd.length; i++) {
            Record created = written.rows().get(i);
            assertThat(millis(created, "_kafka_timestamp")).isEqualTo(Years.nearest(odd[i]));
            assertThat(created.getField("_kafka_timestamp_ms"))
                    .isEqualTo(odd[i] > Years.MOST_MILLIS ? odd[i] : null);
            Record appended = written.rows().get(5 + i);
            assertThat(millis(appended, "_kafka_timestamp")).isEqualTo(1_700_000_099_123L);
        }
        assertThat(millis(written.rows().get(10), "_kafka_timestamp"))
                .isEqualTo(Years.LEAST_MILLIS);
        assertThat(written.flaws().get(Flaw.TIMESTAMP)).isGreaterThanOrEqualTo(3);
        assertThat(written.file().segments().getFirst().counts().opaqueBatches()).isZero();
    }

    @Test
    void aHeaderNameThatIsNoTextCostsNoRow() throws Exception {
        ByteSink records = new ByteSink(100);
        Batches.record(records, 0, null, bytes("good"), false);
        Batches.record(records, 1, new byte[] {'h', (byte) 0xff}, bytes("odd"), false);
        Batches.record(records, 2, bytes("name"), bytes("good"), false);
        Written written = write(TableShape.EMPTY_RAW, NONE, List.of(handmade(0, 3, records)));
        assertThat(written.rows()).hasSize(3);
        Record odd = written.rows().get(1);
        Record header = (Record) ((List<?>) odd.getField("_kafka_headers")).getFirst();
        assertThat(header.getField("key")).isEqualTo("h\ufffd");
        assertThat(odd.getField("_kafka_headers_raw"))
                .isEqualTo(ByteBuffer.wrap(new byte[] {2, 4, 'h', (byte) 0xff, 1}));
        assertThat(text(odd.getField("_kafka_value_raw"))).isEqualTo("odd");
        assertThat(written.rows().get(2).getField("_kafka_headers_raw")).isNull();
        assertThat(written.flaws()).isEqualTo(Map.of(Flaw.HEADER_NAME, 1L));
    }

    @Test
    void recordsThatAreWrittenInAnotherWayAreRowsBesideTheirBatch() throws Exception {
        ByteSink records = new ByteSink(100);
        Batches.record(records, 0, bytes("name"), bytes("good"), false);
        Batches.record(records, 1, null, bytes("padded"), true);
        ByteSink attributes = new ByteSink(100);
        Batches.record(attributes, 0, null, bytes("attributes"), false);
        attributes.bytes()[1] = 5;
        List<ByteBuffer> batches =
                List.of(
                        Batches.empty(0, 3),
                        handmade(4, 2, records),
                        Batches.batch(6, Compression.NONE, new Batches.Rec(1, null, bytes("next"))),
                        handmade(7, 1, attributes));
        Written written = write(TableShape.EMPTY_RAW, NONE, batches);
        assertThat(written.rows().stream().map(r -> text(r.getField("_kafka_value_raw"))))
                .containsExactly("good", "padded", "next", "attributes");
        assertThat(written.flaws()).isEqualTo(Map.of(Flaw.OTHER_RECORD_BYTES, 2L));
        assertThat(written.file().segments().getFirst().counts().opaqueBatches()).isEqualTo(1);
    }

    @Test
    void aBatchThatNoConsumerReadsIsTheOnlyOneWithoutRows() throws Exception {
        ByteBuffer notZstd = Batches.handmade(2, 1, 0, bytes("not zstd"));
        BatchHeader.seal(notZstd.array(), 0, notZstd.limit(), 4);
        Written written =
                write(
                        TableShape.EMPTY_RAW,
                        NONE,
                        List.of(
                                Batches.batch(
                                        0, Compression.NONE, new Batches.Rec(1, null, bytes("a"))),
                                Batches.handmade(1, 1, 0, bytes("lies")),
                                notZstd,
                                Batches.batch(
                                        3,
                                        Compression.NONE,
                                        new Batches.Rec(1, null, bytes("b")))));
        assertThat(written.rows()).hasSize(2);
        assertThat(written.flaws()).isEqualTo(Map.of(Flaw.BROKEN_BATCH, 2L));
    }

    @Test
    void aBatchThatIsTooLargeForMemoryIsRowsOfSeveralRowGroups() throws Exception {
        Batches.Rec[] records = new Batches.Rec[5_000];
        Random random = new Random(1);
        byte[] value = new byte[8_000];
        random.nextBytes(value);
        for (int i = 0; i < records.length; i++) {
            value[i] = (byte) i;
            records[i] =
                    new Batches.Rec(
                            i, bytes("k" + i), value.clone(), Batches.header("h", bytes("x")));
        }
        ByteBuffer large = Batches.batch(10, Compression.zstd().build(), records);
        assertThat(large.remaining()).isLessThan(LARGE / BatchRecords.MOST_RATIO);
        List<ByteBuffer> batches =
                List.of(
                        Batches.batch(0, Compression.NONE, new Batches.Rec(1, null, bytes("a"))),
                        Batches.empty(1, 9),
                        large,
                        Batches.empty(5_010, 5_011),
                        Batches.batch(
                                5_012, Compression.NONE, new Batches.Rec(1, null, bytes("b"))));
        Written written = write(TableShape.EMPTY_RAW, NONE, batches);
        assertThat(written.rows()).hasSize(5_002);
        for (int i = 0; i < records.length; i++) {
            Record row = written.rows().get(1 + i);
            assertThat(row.getField("_kafka_offset")).isEqualTo(10L + i);
            assertThat(text(row.getField("_kafka_key"))).isEqualTo("k" + i);
            assertThat(row.getField("_kafka_value_raw"))
                    .isEqualTo(ByteBuffer.wrap(records[i].value()));
            assertThat((List<?>) row.getField("_kafka_headers")).hasSize(1);
        }
        SeekIndex index = SeekIndex.parse(written.file().segments().getFirst().seekIndexJson());
        assertThat(index.groups().stream().filter(SeekIndex.RowGroup::continues).count())
                .isBetween(3L, 6L);
        assertThat(index.groups().get(index.groupFor(2_000)).firstOffset()).isEqualTo(1);
        RangeReader file = ExactnessTest.reader(folder.resolve("a.parquet"));
        for (long offset : new long[] {1, 10, 11, 900, 2_345, 5_009, 5_010, 5_012, 5_013}) {
            assertThat(SegmentRows.below(index, offset, file)) // C17
                    .isEqualTo(offset <= 10 ? 1 : offset <= 5_010 ? offset - 9 : offset - 11);
        }
        assertThat(index.groups().stream().mapToInt(SeekIndex.RowGroup::length).max().orElseThrow())
                .isLessThan(20 << 20);
        assertThat(written.flaws()).isEqualTo(Map.of(Flaw.LARGE_BATCH, 1L));
    }

    @Test
    void aValueThatIsTooLargeForACellIsARowWithoutIt() throws Exception {
        byte[] huge = new byte[LARGE];
        byte[] half = new byte[LARGE / 3];
        Written written =
                write(
                        TableShape.EMPTY_RAW,
                        NONE,
                        List.of(
                                Batches.batch(
                                        0,
                                        Compression.zstd().build(),
                                        new Batches.Rec(1, bytes("k"), huge),
                                        new Batches.Rec(2, huge, bytes("small")),
                                        new Batches.Rec(3, half, huge, Batches.header("h", half)),
                                        new Batches.Rec(4, null, null, Batches.header("h", huge)),
                                        new Batches.Rec(5, bytes("good"), bytes("good")))));
        List<Object> kinds =
                written.rows().stream().map(r -> r.getField("_kafka_value_kind")).toList();
        assertThat(kinds).isEqualTo(List.of(3, 2, 3, 0, 2));
        assertThat(written.rows().get(0).getField("_kafka_value_raw")).isNull();
        assertThat(text(written.rows().get(0).getField("_kafka_key"))).isEqualTo("k");
        assertThat(written.rows().get(1).getField("_kafka_key")).isNull();
        assertThat(text(written.rows().get(1).getField("_kafka_value_raw"))).isEqualTo("small");
        assertThat(((ByteBuffer) written.rows().get(2).getField("_kafka_key")).remaining())
                .isEqualTo(half.length);
        assertThat((List<?>) written.rows().get(2).getField("_kafka_headers")).hasSize(1);
        assertThat((List<?>) written.rows().get(3).getField("_kafka_headers")).isEmpty();
        assertThat(written.flaws()).isEqualTo(Map.of(Flaw.LARGE_BATCH, 1L, Flaw.LARGE_CELL, 4L));
    }

    @Test
    void whatNoBatchCanHoldIsABombWithoutRows() {
        LargeBatches small = new LargeBatches(40 << 20, 100 << 20);
        byte[] bomb =
                bytesOf(
                        Batches.batch(
                                0,
                                Compression.zstd().build(),
                                new Batches.Rec(1, null, new byte[LARGE])));
        BatchHeader header = new BatchHeader().on(bomb, 0);
        assertThat(small.look(header, id -> {})).isEqualTo(LargeBatches.Look.WELL_FORMED);
        assertThat(small.look(header, id -> {})).isEqualTo(LargeBatches.Look.WELL_FORMED);
        assertThat(small.look(header, id -> {})).isEqualTo(LargeBatches.Look.WELL_FORMED);
        assertThat(small.look(header, id -> {})).isEqualTo(LargeBatches.Look.BOMB); // C10: of all
        byte[] larger =
                bytesOf(
                        Batches.batch(
                                0,
                                Compression.zstd().build(),
                                new Batches.Rec(1, null, new byte[41 << 20])));
        assertThat(
                        new LargeBatches(40 << 20, 1L << 30)
                                .look(new BatchHeader().on(larger, 0), id -> {}))
                .isEqualTo(LargeBatches.Look.BOMB);
    }

    @Test
    void aLargeBatchThatLiesIsKeptWithoutRows() throws Exception {
        byte[] good = new byte[LARGE];
        List<ByteBuffer> batches = new ArrayList<>();
        for (int lie = 0; lie < 3; lie++) {
            ByteBuffer batch =
                    Batches.batch(
                            10L * lie,
                            Compression.zstd().build(),
                            new Batches.Rec(1, null, good),
                            new Batches.Rec(1, null, bytes("second")));
            switch (lie) {
                case 0 -> batch.putInt(57, 3); // counts one more
                case 1 -> batch.putInt(57, 1); // counts one less
                default -> batch.putInt(23, 0); // says that its last offset is the first
            }
            BatchHeader.seal(batch.array(), 0, batch.limit(), 4);
            batches.add(batch);
        }
        Written written = write(TableShape.EMPTY_RAW, NONE, batches);
        assertThat(written.rows()).isEmpty();
        assertThat(written.flaws()).isEqualTo(Map.of(Flaw.BROKEN_BATCH, 3L));
    }

    @Test
    void aWideTableSplitsABatchOfManyRecords() throws Exception {
        StringBuilder fields = new StringBuilder();
        for (int i = 0; i < 900; i++) {
            fields.append(i == 0 ? "" : ",")
                    .append("{\"name\":\"f%d\",\"type\":[\"null\",\"int\"]}".formatted(i));
        }
        String schema = "{\"type\":\"record\",\"name\":\"W\",\"fields\":[" + fields + "]}";
        var evolved = TopicTableSchema.evolve(TopicTableSchema.base(), "", 42, schema);
        TableShape shape =
                new TableShape(
                        SchemaParser.toJson(evolved.schema()),
                        evolved.mappingJson(),
                        Layout.COMPACT,
                        0);
        byte[] value = new byte[5 + 900];
        value[4] = 42;
        List<Batches.Rec> records =
                new ArrayList<>(
                        Collections.nCopies(10_000, new Batches.Rec(1, null, bytes("raw"))));
        records.set(9_999, new Batches.Rec(1, null, value));
        Written written =
                write(
                        shape,
                        id -> id == 42 ? java.util.Optional.of(schema) : java.util.Optional.empty(),
                        List.of(
                                Batches.batch(
                                        0, Compression.NONE, records.toArray(Batches.Rec[]::new))));
        assertThat(written.rows()).hasSize(10_000);
        assertThat(written.rows().get(9_999).getField("_kafka_value_kind")).isEqualTo(1);
        assertThat(written.flaws()).isEqualTo(Map.of(Flaw.LARGE_BATCH, 1L));
    }

    private static ByteBuffer handmade(long base, int count, ByteSink records) {
        return Batches.handmade(
                base, count, count - 1, Arrays.copyOf(records.bytes(), records.size()));
    }

    private static byte[] bytesOf(ByteBuffer buffer) {
        byte[] bytes = new byte[buffer.remaining()];
        buffer.duplicate().get(bytes);
        return bytes;
    }
}
