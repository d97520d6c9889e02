package io.firn.tiering.table;

import static io.firn.tiering.table.Batches.bytes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.firn.tiering.table.column.SchemaLookup;
import io.firn.tiering.table.column.TableColumns;
import io.firn.tiering.table.column.TableShape;
import io.firn.tiering.table.column.TopicTableSchema;
import io.firn.tiering.table.file.CorruptFileException;
import io.firn.tiering.table.file.EncodedFile;
import io.firn.tiering.table.file.FileFooter;
import io.firn.tiering.table.file.FileInspector;
import io.firn.tiering.table.file.SeekIndex;
import io.firn.tiering.table.file.SeekIndexJson;

import org.apache.iceberg.ContentFileParser;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Schema;
import org.apache.iceberg.SchemaParser;
import org.apache.iceberg.types.Conversions;
import org.apache.iceberg.types.Types;
import org.apache.kafka.common.compress.Compression;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// The file as Iceberg and as the cold index see it.
class DataFileTest {
    @TempDir Path folder;
    private Path file;
    private List<ByteBuffer> hot;
    private EncodedFile encoded;

    @BeforeEach
    void encode() {
        file = folder.resolve("a.parquet");
        hot = ExactnessTest.generated(21, 80);
        encoded =
                SegmentEncoder.encode(
                        ExactnessTest.compact(),
                        List.of(ExactnessTest.input(3, hot, "")),
                        id -> id == 42 ? schema() : java.util.Optional.empty(),
                        file);
    }

    private static java.util.Optional<String> schema() {
        return java.util.Optional.of(ExactnessTest.orderSchema());
    }

    @Test
    void itsJsonIsADataFileWithBoundsThatPrune() throws Exception {
        String json = encoded.icebergDataFileJson("s3://lake/t/data/3/x.parquet");
        DataFile parsed =
                (DataFile)
                        ContentFileParser.fromJson(
                                SeekIndexJson.read(json), Map.of(0, PartitionSpec.unpartitioned()));
        assertThat(parsed.location()).isEqualTo("s3://lake/t/data/3/x.parquet");
        assertThat(parsed.recordCount()).isEqualTo(encoded.rows());
        assertThat(parsed.fileSizeInBytes()).isEqualTo(Files.size(file)).isEqualTo(encoded.size());
        Long least = Conversions.fromByteBuffer(Types.LongType.get(), parsed.lowerBounds().get(2));
        Long most = Conversions.fromByteBuffer(Types.LongType.get(), parsed.upperBounds().get(2));
        assertThat(least).isGreaterThanOrEqualTo(hot.getFirst().getLong(0));
        assertThat(most).isGreaterThan(least).isLessThan(encoded.segments().getFirst().end());
        assertThat(parsed.lowerBounds()).doesNotContainKeys(11, 12, 14, 16);
        assertThat(parsed.valueCounts().get(1)).isEqualTo(encoded.rows());
        assertThat(parsed.splitOffsets()).isNotEmpty();
    }

    @Test
    void theColdIndexCanBeRebuiltFromItsFooterAlone() {
        // C16
        FileFooter footer = FileFooter.read(ExactnessTest.reader(file));
        assertThat(footer.segments()).hasSize(1);
        FileFooter.Segment segment = footer.segments().getFirst();
        EncodedFile.EncodedSegment written = encoded.segments().getFirst();
        assertThat(segment.seekIndex()).isEqualTo(SeekIndex.parse(written.seekIndexJson()));
        assertThat(segment.contentDigest()).isEqualTo(written.contentDigest());
        assertThat(segment.counts()).isEqualTo(written.counts());
        List<ByteBuffer> cold = new ArrayList<>();
        for (int i = 0; i < segment.seekIndex().groups().size(); i++) {
            cold.addAll(
                    Batches.split(
                            new SegmentDecoder(footer.schemaLookup(), Recompression.NONE)
                                    .decode(
                                            ExactnessTest.group(file, segment.seekIndex(), i),
                                            segment.seekIndex(),
                                            i)
                                    .bytes()));
        }
        ExactnessTest.assertSame(hot, cold);
        assertThat(FileInspector.print(file))
                .contains("layout compact")
                .contains("partition 3")
                .contains("lines.element.sku")
                .contains("schema 42");
    }

    @Test
    void aFlippedBitIsNeverServed() throws Exception {
        byte[] good = Files.readAllBytes(file);
        SeekIndex index = SeekIndex.parse(encoded.segments().getFirst().seekIndexJson());
        SeekIndex.RowGroup group = index.groups().getFirst();
        int served = 0;
        for (int i = 0; i < 400; i++) {
            byte[] bad = good.clone();
            bad[(int) group.position() + (int) ((long) group.length() * i / 400)] ^= 1 << i % 8;
            Files.write(file, bad);
            try {
                DecodedBatches decoded =
                        new SegmentDecoder(id -> schema(), Recompression.NONE)
                                .decode(ExactnessTest.group(file, index, 0), index, 0);
                ExactnessTest.assertSame(hot, Batches.split(decoded.bytes()));
                served++; // a bit that no reader needs, such as a statistic in a page header
            } catch (CorruptFileException e) {
                assertThat(e).hasMessageContaining("Cannot");
            }
        }
        assertThat(served).isLessThan(150);
    }

    @Test
    void whatAnotherFormatWroteIsRefusedInWords() throws Exception {
        byte[] bytes = Files.readAllBytes(file);
        String text = new String(bytes, StandardCharsets.ISO_8859_1);
        int at = text.indexOf("2", text.indexOf("firn.format"));
        bytes[at] = '1';
        Files.write(file, bytes);
        assertThatThrownBy(() -> FileFooter.read(ExactnessTest.reader(file)))
                .isInstanceOf(CorruptFileException.class)
                .hasMessageContaining("firn.format in its footer is 1, and this Firn reads 2");

        String older =
                encoded.segments().getFirst().seekIndexJson().replace("{\"v\":2", "{\"v\":1");
        assertThatThrownBy(() -> SeekIndex.parse(older))
                .hasMessageContaining("seek index of version 1: this Firn knows version 2");

        List<Types.NestedField> twelve = TopicTableSchema.base().columns().subList(0, 12);
        String table = SchemaParser.toJson(new Schema(twelve));
        assertThatThrownBy(() -> new TableColumns(table))
                .hasMessageContaining("_kafka_timestamp_ms")
                .hasMessageContaining("Drop the topic and make it again");
    }

    @Test
    void aDamagedBatchIsNotEncoded() {
        ByteBuffer batch = Batches.batch(0, Compression.NONE, new Batches.Rec(1, null, bytes("x")));
        batch.put(batch.limit() - 2, (byte) 99);
        assertThatThrownBy(
                        () ->
                                SegmentEncoder.encode(
                                        TableShape.EMPTY_RAW,
                                        List.of(ExactnessTest.input(0, List.of(batch), "")),
                                        SchemaLookup.NONE,
                                        folder.resolve("b.parquet")))
                .isInstanceOf(CorruptFileException.class)
                .hasMessageContaining("CRC");
        assertThat(folder.resolve("b.parquet")).doesNotExist();
    }

    @Test
    void aFetchGetsWholeBatchesFromItsOffsetOn() {
        List<ByteBuffer> two =
                List.of(
                        Batches.batch(
                                0,
                                Compression.NONE,
                                new Batches.Rec(1, null, bytes("a")),
                                new Batches.Rec(1, null, bytes("b"))),
                        Batches.batch(2, Compression.NONE, new Batches.Rec(1, null, bytes("c"))));
        EncodedFile small =
                SegmentEncoder.encode(
                        TableShape.EMPTY_RAW,
                        List.of(ExactnessTest.input(0, two, "")),
                        SchemaLookup.NONE,
                        file);
        SeekIndex index = SeekIndex.parse(small.segments().getFirst().seekIndexJson());
        DecodedBatches decoded =
                new SegmentDecoder(SchemaLookup.NONE, Recompression.NONE)
                        .decode(ExactnessTest.group(file, index, 0), index, 0);
        assertThat(decoded.from(1, 1)).isEqualTo(two.getFirst());
        assertThat(decoded.from(1, 1 << 20).remaining())
                .isEqualTo(two.get(0).remaining() + two.get(1).remaining());
        assertThat(decoded.from(2, 1)).isEqualTo(two.get(1));
        assertThat(decoded.from(3, 1).remaining()).isZero();
        assertThat(index.groupFor(3)).isEqualTo(-1);
        assertThat(index.groupFor(0)).isZero();
    }
}
