package io.firn.tiering.table;

import io.firn.schema.Column;
import io.firn.schema.ColumnBuffer;
import io.firn.schema.ColumnLayout;
import io.firn.schema.ColumnType.Plain;
import io.firn.tiering.table.parquet.ColumnChunkWriter;
import io.firn.tiering.table.parquet.MetricsCollector;
import io.firn.tiering.table.parquet.PageEncoder;
import io.firn.tiering.table.parquet.ParquetSchemas;

import org.apache.iceberg.ContentFileParser;
import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.FileFormat;
import org.apache.iceberg.FileMetadata;
import org.apache.iceberg.MetadataColumns;
import org.apache.iceberg.Metrics;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Schema;
import org.apache.iceberg.types.Conversions;
import org.apache.iceberg.types.Types;
import org.apache.parquet.hadoop.ParquetFileWriter;
import org.apache.parquet.io.OutputFile;
import org.apache.parquet.io.PositionOutputStream;
import org.apache.parquet.schema.MessageType;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32C;

/// An Iceberg position delete file (v2) of one data file: the rows that engines leave out although
/// the file stays (C17). Firn's own readers, who rebuild whole batches, take no notice of it.
///
/// @param bytes the Parquet file
/// @param path of the data file
/// @param rows how many rows it takes out
public record PositionDeletes(byte[] bytes, String path, long rows, long first, long last) {
    private static final int GROUP_ROWS = 50_000; // each has the path in memory
    private static final Schema SCHEMA =
            new Schema(MetadataColumns.DELETE_FILE_PATH, MetadataColumns.DELETE_FILE_POS);
    private static final List<Column> COLUMNS =
            List.of(
                    new Column(
                            MetadataColumns.DELETE_FILE_PATH.fieldId(),
                            MetadataColumns.DELETE_FILE_PATH.name(),
                            Plain.STRING,
                            true),
                    new Column(
                            MetadataColumns.DELETE_FILE_POS.fieldId(),
                            MetadataColumns.DELETE_FILE_POS.name(),
                            Plain.LONG,
                            true));

    /// Rows `[from, to)` of a data file, counted from its first one.
    public record Rows(long from, long to) {}

    /// Writes one.
    ///
    /// @param path of the data file, as the table names it
    /// @param rows ascending, with at least one row in all
    public static PositionDeletes of(String path, List<Rows> rows) {
        Memory out = new Memory();
        try {
            write(path, rows, out);
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot write position deletes in memory", e);
        }
        long count = rows.stream().mapToLong(r -> r.to() - r.from()).sum();
        List<Rows> some = rows.stream().filter(r -> r.to() > r.from()).toList();
        if (count <= 0) {
            throw new IllegalArgumentException(
                    "Cannot write position deletes of %s: no row is named".formatted(path));
        }
        return new PositionDeletes(
                out.bytes.toByteArray(),
                path,
                count,
                some.getFirst().from(),
                some.getLast().to() - 1);
    }

    private static void write(String path, List<Rows> rows, Memory out) throws IOException {
        MessageType schema = ParquetSchemas.of(COLUMNS);
        ColumnLayout layout = new ColumnLayout(COLUMNS);
        ColumnBuffer[] buffers = layout.buffers();
        byte[] name = path.getBytes(StandardCharsets.UTF_8);
        try (PageEncoder pages = new PageEncoder();
                ParquetFileWriter file =
                        new ParquetFileWriter(
                                out,
                                schema,
                                ParquetFileWriter.Mode.CREATE,
                                128 << 20,
                                0,
                                64,
                                128,
                                true)) {
            ColumnChunkWriter chunks =
                    new ColumnChunkWriter(file, pages, new MetricsCollector(SCHEMA));
            file.start();
            for (Rows range : rows) {
                for (long row = range.from(); row < range.to(); row++) {
                    buffers[0].addBytes(0, name, 0, name.length);
                    buffers[1].addWord(0, row);
                    if (buffers[1].entries() == GROUP_ROWS) {
                        group(file, chunks, schema, layout, buffers);
                    }
                }
            }
            if (buffers[1].entries() > 0) {
                group(file, chunks, schema, layout, buffers);
            }
            file.end(Map.of());
        }
    }

    private static void group(
            ParquetFileWriter file,
            ColumnChunkWriter chunks,
            MessageType schema,
            ColumnLayout layout,
            ColumnBuffer[] buffers)
            throws IOException {
        int rows = buffers[1].entries();
        file.startBlock(rows);
        for (int i = 0; i < buffers.length; i++) {
            chunks.write(
                    schema.getColumns().get(i),
                    layout.leaves().get(i),
                    buffers[i],
                    List.of(rows),
                    i == 0, // one path, again and again
                    true);
            buffers[i].clear();
        }
        file.endBlock();
    }

    /// `crc32c:` and the sum of its bytes.
    public String checksum() {
        CRC32C crc = new CRC32C();
        crc.update(bytes);
        return "crc32c:%08x".formatted(crc.getValue());
    }

    /// As Iceberg's manifests name it.
    ///
    /// @param location where its bytes are put
    public String icebergDeleteFileJson(String location) {
        Types.NestedField file = MetadataColumns.DELETE_FILE_PATH;
        Types.NestedField pos = MetadataColumns.DELETE_FILE_POS;
        var name = Conversions.toByteBuffer(file.type(), path);
        DeleteFile deletes =
                FileMetadata.deleteFileBuilder(PartitionSpec.unpartitioned())
                        .ofPositionDeletes()
                        .withPath(location)
                        .withFormat(FileFormat.PARQUET)
                        .withFileSizeInBytes(bytes.length)
                        .withReferencedDataFile(path)
                        .withMetrics(
                                new Metrics(
                                        rows,
                                        Map.of(),
                                        Map.of(file.fieldId(), rows, pos.fieldId(), rows),
                                        Map.of(file.fieldId(), 0L, pos.fieldId(), 0L),
                                        Map.of(),
                                        Map.of(
                                                file.fieldId(),
                                                name,
                                                pos.fieldId(),
                                                Conversions.toByteBuffer(pos.type(), first)),
                                        Map.of(
                                                file.fieldId(),
                                                name,
                                                pos.fieldId(),
                                                Conversions.toByteBuffer(pos.type(), last))))
                        .build();
        return ContentFileParser.toJson(deletes, PartitionSpec.unpartitioned());
    }

    private static final class Memory extends PositionOutputStream implements OutputFile {
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

        @Override
        public long getPos() {
            return bytes.size();
        }

        @Override
        public void write(int b) {
            bytes.write(b);
        }

        @Override
        public void write(byte[] source, int from, int length) {
            bytes.write(source, from, length);
        }

        @Override
        public PositionOutputStream create(long blockSizeHint) {
            return this;
        }

        @Override
        public PositionOutputStream createOrOverwrite(long blockSizeHint) {
            return this;
        }

        @Override
        public boolean supportsBlockSize() {
            return false;
        }

        @Override
        public long defaultBlockSize() {
            return 0;
        }
    }
}
