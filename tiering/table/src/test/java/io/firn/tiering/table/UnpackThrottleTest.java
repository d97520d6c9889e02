package io.firn.tiering.table;

import static io.firn.tiering.table.Batches.bytes;

import static org.assertj.core.api.Assertions.assertThat;

import io.firn.schema.ByteSink;
import io.firn.tiering.table.batch.BatchRecords;
import io.firn.tiering.table.batch.UnpackThrottle;
import io.firn.tiering.table.batch.ValuePrefixes;
import io.firn.tiering.table.column.Layout;
import io.firn.tiering.table.column.SchemaLookup;
import io.firn.tiering.table.column.TableShape;
import io.firn.tiering.table.column.TopicTableSchema;
import io.firn.tiering.table.file.EncodedFile;
import io.firn.tiering.table.file.SeekIndex;

import org.apache.kafka.common.compress.Compression;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// What is small in the log and would be large in memory on its way to the table (C15, C19, G7):
/// rows all the same, a few at a time, and what follows goes to the table as ever.
class UnpackThrottleTest {
    private static final ByteBuffer AFTER =
            Batches.batch(1, Compression.NONE, new Batches.Rec(1, null, bytes("after")));

    @TempDir Path folder;

    private EncodedFile encode(TableShape shape, List<ByteBuffer> batches, SchemaLookup schemas) {
        return SegmentEncoder.encode(
                shape,
                List.of(ExactnessTest.input(0, batches, "")),
                schemas,
                folder.resolve("a.parquet"));
    }

    private List<ByteBuffer> decoded(EncodedFile file, SchemaLookup schemas) {
        SeekIndex index = SeekIndex.parse(file.segments().getFirst().seekIndexJson());
        List<ByteBuffer> batches = new ArrayList<>();
        for (int i = 0; i < index.groups().size(); i++) {
            assertThat(index.groups().get(i).length()).isLessThan(16 << 20);
            batches.addAll(
                    Batches.split(
                            new SegmentDecoder(schemas, Recompression.NONE)
                                    .decode(
                                            ExactnessTest.group(
                                                    folder.resolve("a.parquet"), index, i),
                                            index,
                                            i)
                                    .bytes()));
        }
        return batches;
    }

    @Test
    void anEncoderRestsAfterABombButNotForEver() {
        long[] now = {0};
        List<Long> rests = new ArrayList<>();
        UnpackThrottle throttle = new UnpackThrottle(() -> now[0], rests::add);
        throttle.begin();
        now[0] += 1_000;
        throttle.done(1_000_000, 90_000_000); // well packed
        throttle.begin();
        now[0] += 1_000;
        throttle.done(100, 900_000); // small
        assertThat(rests).isEmpty();
        throttle.begin();
        now[0] += 1_000;
        throttle.done(10_000, 30_000_000);
        assertThat(rests).containsExactly(4_000L);
        for (int i = 0; i < 100; i++) {
            throttle.begin();
            now[0] += Duration.ofSeconds(1).toNanos();
            throttle.done(10_000, 30_000_000);
        }
        assertThat(rests.stream().mapToLong(Long::longValue).sum())
                .isEqualTo(Duration.ofMinutes(5).toNanos()); // C10: the attempt has 15 minutes
    }

    @Test
    void prefixesAreFoundAlsoInWhatIsTooLargeForMemory() {
        byte[] avro = {0, 0, 0, 1, 2, 99};
        List<Integer> ids = new ArrayList<>();
        ValuePrefixes prefixes = new ValuePrefixes();
        prefixes.forEach(
                Batches.batch(
                        0,
                        Compression.lz4().build(),
                        new Batches.Rec(1, bytes("key"), avro),
                        new Batches.Rec(2, null, null),
                        new Batches.Rec(3, null, bytes("no prefix")),
                        new Batches.Rec(4, null, new byte[] {0, 0, 0, 0, 7})),
                ids::add);
        assertThat(ids).containsExactly(258, 7);
        ids.clear();
        byte[] large = new byte[BatchRecords.MOST_BYTES + (1 << 20)];
        large[4] = 9;
        prefixes.forEach(
                Batches.batch(0, Compression.zstd().build(), new Batches.Rec(1, null, large)),
                ids::add);
        assertThat(ids).containsExactly(9);
        ids.clear();
        prefixes.forEach(Batches.handmade(5, 1, 4, bytes("not zstd")), ids::add);
        ByteBuffer endless = Batches.handmade(6, 1, 0, bytes("of no size"));
        endless.putInt(8, -12);
        prefixes.forEach(endless, ids::add);
        assertThat(ids).isEmpty();
    }

    @Test
    void batchesThatStayWholeDoNotPileUpInMemory() {
        List<ByteBuffer> batches = new ArrayList<>();
        for (int i = 0; i < 40; i++) { // lies: they say two records and hold nothing of the kind
            batches.add(Batches.handmade(i * 2L, 2, 1, new byte[500_000]));
        }
        batches.add(Batches.batch(80, Compression.NONE, new Batches.Rec(1, null, bytes("after"))));
        EncodedFile file = encode(TableShape.EMPTY_RAW, batches, SchemaLookup.NONE);
        SeekIndex index = SeekIndex.parse(file.segments().getFirst().seekIndexJson());
        assertThat(index.groups()).hasSizeBetween(3, 4);
        assertThat(decoded(file, SchemaLookup.NONE)).isEqualTo(batches);
    }

    @Test
    void aFewBytesDoNotBecomeColumnEntriesWithoutEnd() {
        String schema = wide(300);
        var evolved = TopicTableSchema.evolve(TopicTableSchema.base(), "", 42, schema);
        var shape =
                new TableShape(
                        org.apache.iceberg.SchemaParser.toJson(evolved.schema()),
                        evolved.mappingJson(),
                        Layout.COMPACT,
                        0);
        SchemaLookup schemas = id -> id == 42 ? Optional.of(schema) : Optional.empty();
        // 10,000 nulls of a record with 300 fields: 10 KB, and 3 million entries.
        ByteSink value = new ByteSink(16 << 10);
        value.put(0);
        value.putIntBigEndian(42);
        value.putVarlong(10_000);
        value.put(new byte[10_000], 0, 10_000);
        value.put(0);
        byte[] one = java.util.Arrays.copyOf(value.bytes(), value.size());
        Batches.Rec[] records = new Batches.Rec[20];
        java.util.Arrays.fill(records, new Batches.Rec(1, null, one));
        ByteBuffer batch = Batches.batch(0, Compression.NONE, records);
        EncodedFile file = encode(shape, List.of(batch), schemas);
        assertThat(file.segments().getFirst().counts().typedValues()).isEqualTo(20);
        assertThat(decoded(file, schemas)).containsExactly(batch);
        SeekIndex index = SeekIndex.parse(file.segments().getFirst().seekIndexJson());
        assertThat(index.groups()).hasSizeBetween(7, 10);
    }

    private static String wide(int fields) {
        var text = new StringBuilder("{\"type\":\"record\",\"name\":\"L\",\"fields\":[");
        text.append("{\"name\":\"l\",\"type\":{\"type\":\"array\",\"items\":[\"null\",");
        text.append("{\"type\":\"record\",\"name\":\"W\",\"fields\":[");
        for (int i = 0; i < fields; i++) {
            text.append(i == 0 ? "" : ",");
            text.append("{\"name\":\"f%d\",\"type\":[\"null\",\"int\"]}".formatted(i));
        }
        return text.append("]}]}}]}").toString();
    }
}
