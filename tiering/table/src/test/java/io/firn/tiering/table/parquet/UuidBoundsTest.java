package io.firn.tiering.table.parquet;

import static org.assertj.core.api.Assertions.assertThat;

import io.firn.tiering.table.Batches;
import io.firn.tiering.table.ExactnessTest;
import io.firn.tiering.table.SegmentEncoder;
import io.firn.tiering.table.SegmentInput;
import io.firn.tiering.table.column.Layout;
import io.firn.tiering.table.column.TableShape;
import io.firn.tiering.table.column.TopicTableSchema;
import io.firn.tiering.table.file.EncodedFile;
import io.firn.tiering.table.file.SeekIndexJson;

import org.apache.iceberg.ContentFileParser;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Schema;
import org.apache.iceberg.SchemaParser;
import org.apache.iceberg.expressions.Expression;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.expressions.InclusiveMetricsEvaluator;
import org.apache.iceberg.parquet.ParquetMetricsRowGroupFilter;
import org.apache.kafka.common.compress.Compression;
import org.apache.parquet.ParquetReadOptions;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.io.LocalInputFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/// Bounds of uuids never hide a row, whether an engine compares with signs (Iceberg's Java
/// library up to 1.11) or without (its specification, DuckDB, PyIceberg).
class UuidBoundsTest {
    private static final String SCHEMA =
            "{\"type\":\"record\",\"name\":\"R\",\"fields\":[{\"name\":\"id\",\"type\":{\"type\":\"string\",\"logicalType\":\"uuid\"}},{\"name\":\"zero\",\"type\":\"double\"}]}";

    @TempDir Path folder;
    private Schema schema;
    private DataFile dataFile;
    private Path file;

    /// One row group for each list.
    private void write(List<List<UUID>> groups) throws Exception {
        var evolved = TopicTableSchema.evolve(TopicTableSchema.base(), "", 7, SCHEMA);
        schema = evolved.schema();
        file = folder.resolve(UUID.randomUUID() + ".parquet");
        List<SegmentInput> inputs = new ArrayList<>();
        for (List<UUID> group : groups) {
            List<Batches.Rec> records = new ArrayList<>();
            for (UUID id : group) {
                byte[] value = new byte[5 + 1 + 36 + 8];
                value[4] = 7;
                value[5] = 72;
                System.arraycopy(Batches.bytes(id.toString()), 0, value, 6, 36);
                value[49] = (byte) (records.size() % 2 == 0 ? 0x80 : 0); // -0.0
                records.add(new Batches.Rec(1, null, value));
            }
            inputs.add(
                    ExactnessTest.input(
                            inputs.size(),
                            List.of(
                                    Batches.batch(
                                            0,
                                            Compression.NONE,
                                            records.toArray(Batches.Rec[]::new))),
                            ""));
        }
        EncodedFile encoded =
                SegmentEncoder.encode(
                        new TableShape(
                                SchemaParser.toJson(schema),
                                evolved.mappingJson(),
                                Layout.COMPACT,
                                0),
                        inputs,
                        id -> Optional.of(SCHEMA),
                        file);
        dataFile =
                (DataFile)
                        ContentFileParser.fromJson(
                                SeekIndexJson.read(encoded.icebergDataFileJson("s3://b/x.parquet")),
                                Map.of(0, PartitionSpec.unpartitioned()));
    }

    private boolean mightMatch(Expression expression) throws Exception {
        if (!new InclusiveMetricsEvaluator(schema, expression).eval(dataFile)) {
            return false;
        }
        try (var reader =
                ParquetFileReader.open(
                        new LocalInputFile(file), ParquetReadOptions.builder().build())) {
            var filter = new ParquetMetricsRowGroupFilter(schema, expression);
            return reader.getFooter().getBlocks().stream()
                    .anyMatch(
                            block ->
                                    filter.shouldRead(
                                            reader.getFooter().getFileMetaData().getSchema(),
                                            block));
        }
    }

    private static UUID uuid(long high, long low) {
        return new UUID(high, low);
    }

    private int idOf(String column) {
        return schema.findField(column).fieldId();
    }

    @Test
    void noRowIsPrunedThatExists() throws Exception {
        List<List<List<UUID>>> files =
                List.of(
                        List.of(List.of(uuid(1, -1), uuid(-1, -1), uuid(5, 5))),
                        List.of(List.of(uuid(1, -1), uuid(2, -1)), List.of(uuid(-5, -1))),
                        List.of(List.of(uuid(-5, -1)), List.of(uuid(1, -1)), List.of(uuid(-9, -1))),
                        List.of(List.of(uuid(3, 1), uuid(3, -1))),
                        List.of(List.of(uuid(3, 1)), List.of(uuid(3, -1), uuid(3, -2))),
                        List.of(List.of(uuid(1, -5), uuid(9, -7)), List.of(uuid(4, -1))));
        for (List<List<UUID>> groups : files) {
            write(groups);
            for (List<UUID> group : groups) {
                for (UUID id : group) {
                    assertThat(mightMatch(Expressions.equal("id", id))).as("%s", id).isTrue();
                }
            }
            ByteBuffer low = dataFile.lowerBounds().get(idOf("id"));
            ByteBuffer high = dataFile.upperBounds().get(idOf("id"));
            if (low != null) { // the specification's order: bytes without signs
                for (List<UUID> group : groups) {
                    for (UUID id : group) {
                        byte[] bytes =
                                ByteBuffer.allocate(16)
                                        .putLong(id.getMostSignificantBits())
                                        .putLong(id.getLeastSignificantBits())
                                        .array();
                        assertThat(bytes).satisfies(b -> between(low, b, high));
                    }
                }
            }
        }
    }

    private static void between(ByteBuffer low, byte[] value, ByteBuffer high) {
        assertThat(java.util.Arrays.compareUnsigned(bytes(low), value)).isLessThanOrEqualTo(0);
        assertThat(java.util.Arrays.compareUnsigned(value, bytes(high))).isLessThanOrEqualTo(0);
    }

    private static byte[] bytes(ByteBuffer buffer) {
        byte[] bytes = new byte[buffer.remaining()];
        buffer.duplicate().get(bytes);
        return bytes;
    }

    @Test
    void idsThatGrowWithTimeStillPrune() throws Exception {
        long time = 0x0190_0000_0000_7000L;
        write(
                List.of(
                        List.of(uuid(time, Long.MIN_VALUE | 5), uuid(time + 9, Long.MIN_VALUE)),
                        List.of(uuid(time + 20, Long.MIN_VALUE | 7))));
        assertThat(mightMatch(Expressions.equal("id", uuid(time + 9, Long.MIN_VALUE)))).isTrue();
        assertThat(mightMatch(Expressions.equal("id", uuid(time + 21, Long.MIN_VALUE)))).isFalse();
    }

    @Test
    void aZeroIsFoundWhateverItsSign() throws Exception {
        write(List.of(List.of(uuid(1, 1), uuid(2, 2))));
        assertThat(mightMatch(Expressions.equal("zero", 0.0))).isTrue();
        assertThat(mightMatch(Expressions.equal("zero", -0.0))).isTrue();
        write(List.of(List.of(uuid(1, 1)))); // only -0.0
        assertThat(mightMatch(Expressions.equal("zero", 0.0))).isTrue();
    }
}
