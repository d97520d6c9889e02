package io.firn.tiering.table;

import static org.assertj.core.api.Assertions.assertThat;

import io.firn.tiering.table.column.SchemaLookup;
import io.firn.tiering.table.column.TableShape;
import io.firn.tiering.table.file.EncodedFile;
import io.firn.tiering.table.file.RangeReader;
import io.firn.tiering.table.file.SeekIndex;
import io.firn.tiering.table.file.SeekIndexJson;

import org.apache.iceberg.ContentFileParser;
import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.FileContent;
import org.apache.iceberg.MetadataColumns;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Schema;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.data.parquet.GenericParquetReaders;
import org.apache.iceberg.parquet.Parquet;
import org.apache.kafka.common.compress.Compression;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicLong;

/// C17: rows below the log start leave a table whose files stay.
class PositionDeletesTest {
    private static final String PATH = "s3://lake/t/data/0/" + "x".repeat(150) + ".parquet";

    @TempDir Path folder;

    @Test
    void anyReaderOfIcebergSeesTheRowsThatAreNamed() throws Exception {
        PositionDeletes deletes =
                PositionDeletes.of(
                        PATH,
                        List.of(
                                new PositionDeletes.Rows(0, 120_000),
                                new PositionDeletes.Rows(120_000, 120_000),
                                new PositionDeletes.Rows(200_000, 200_003)));
        Path file = folder.resolve("deletes.parquet");
        Files.write(file, deletes.bytes());
        assertThat(deletes.bytes().length).isLessThan(20_000); // runs of numbers, and one path
        Schema schema =
                new Schema(MetadataColumns.DELETE_FILE_PATH, MetadataColumns.DELETE_FILE_POS);
        List<Long> rows = new ArrayList<>();
        try (var reader =
                Parquet.read(org.apache.iceberg.Files.localInput(file.toFile()))
                        .project(schema)
                        .createReaderFunc(type -> GenericParquetReaders.buildReader(schema, type))
                        .<Record>build()) {
            for (Record row : reader) {
                assertThat(row.getField("file_path")).isEqualTo(PATH);
                rows.add((Long) row.getField("pos"));
            }
        }
        assertThat(rows).hasSize(120_003);
        assertThat(rows.get(119_999)).isEqualTo(119_999);
        assertThat(rows.subList(120_000, 120_003)).containsExactly(200_000L, 200_001L, 200_002L);

        DeleteFile named =
                (DeleteFile)
                        ContentFileParser.fromJson(
                                SeekIndexJson.read(
                                        deletes.icebergDeleteFileJson("s3://lake/t/d.parquet")),
                                Map.of(0, PartitionSpec.unpartitioned()));
        assertThat(named.content()).isEqualTo(FileContent.POSITION_DELETES);
        assertThat(named.referencedDataFile()).isEqualTo(PATH);
        assertThat(named.recordCount()).isEqualTo(120_003);
        assertThat(named.fileSizeInBytes()).isEqualTo(deletes.bytes().length);
    }

    @Test
    void rowsBelowAnOffsetAreCountedFromOneColumnOfOneRowGroup() {
        Random random = new Random(7);
        List<ByteBuffer> batches = new ArrayList<>();
        TreeSet<Long> offsets = new TreeSet<>();
        long next = 100;
        for (int i = 0; i < 60; i++) {
            int count = 1 + random.nextInt(5);
            Batches.Rec[] records = new Batches.Rec[count];
            for (int r = 0; r < count; r++) {
                byte[] value = new byte[200_000];
                random.nextBytes(value);
                records[r] = new Batches.Rec(1, null, value);
                offsets.add(next + r);
            }
            batches.add(Batches.batch(next, Compression.NONE, records));
            next += count + random.nextInt(3);
        }
        Path file = folder.resolve("data.parquet");
        EncodedFile encoded =
                SegmentEncoder.encode(
                        TableShape.EMPTY_RAW,
                        List.of(ExactnessTest.input(0, batches, "")),
                        SchemaLookup.NONE,
                        file);
        SeekIndex index = SeekIndex.parse(encoded.segments().getFirst().seekIndexJson());
        assertThat(index.groups()).hasSizeGreaterThan(2);
        RangeReader whole = ExactnessTest.reader(file);
        AtomicLong read = new AtomicLong();
        RangeReader counting =
                new RangeReader() {
                    @Override
                    public ByteBuffer read(long position, int length) {
                        read.addAndGet(length);
                        return whole.read(position, length);
                    }

                    @Override
                    public long size() {
                        return whole.size();
                    }
                };
        for (long offset = 98; offset < next + 2; offset++) {
            read.set(0);
            assertThat(SegmentRows.below(index, offset, counting))
                    .as("below %d", offset)
                    .isEqualTo(offsets.headSet(offset).size());
            assertThat(read.get()).isLessThan(2_000);
        }
        assertThat(SegmentRows.all(index)).isEqualTo(offsets.size());
    }
}
