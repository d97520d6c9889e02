package io.firn.tiering.table.parquet;

import io.firn.schema.ByteSink;
import io.firn.schema.ColumnBuffer;
import io.firn.schema.ColumnLayout;
import io.firn.tiering.table.column.IcebergColumns;
import io.firn.tiering.table.column.TableColumns;
import io.firn.tiering.table.file.FileMetrics;

import org.apache.parquet.hadoop.ParquetFileWriter;
import org.apache.parquet.schema.MessageType;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Writes filled columns as row groups of one Parquet file.
public final class RowGroupWriter implements AutoCloseable {
    private static final int MOST_BOUNDED_LEAVES = 100;
    private final TableColumns columns;
    private final LocalOutputFile out;
    private final ParquetFileWriter file;
    private final MessageType schema;
    private final PageEncoder pages = new PageEncoder();
    private final MetricsCollector metrics;
    private final ColumnChunkWriter chunks;
    private long rows;

    public RowGroupWriter(TableColumns columns, Path path) throws IOException {
        this.columns = columns;
        this.out = new LocalOutputFile(path);
        this.schema = ParquetSchemas.of(IcebergColumns.columns(columns.iceberg));
        this.metrics = new MetricsCollector(columns.iceberg);
        this.file =
                new ParquetFileWriter(
                        out, schema, ParquetFileWriter.Mode.CREATE, 128 << 20, 0, 64, 128, true);
        this.chunks = new ColumnChunkWriter(file, pages, metrics);
        file.start();
    }

    /// Where a row group went: position, length and the lengths of its column chunks.
    public record Written(long position, int length, List<Integer> columnLengths) {}

    public Written write(ColumnBuffer[] buffers, List<Integer> pageRows) throws IOException {
        int groupRows = buffers[columns.offset].entries();
        file.startBlock(groupRows);
        long begin = file.getPos();
        List<Integer> lengths = new ArrayList<>(columns.leaves);
        for (int i = 0; i < columns.leaves; i++) {
            ColumnLayout.Leaf leaf = columns.layout.leaves().get(i);
            long from = file.getPos();
            chunks.write(
                    schema.getColumns().get(i),
                    leaf,
                    buffers[i],
                    pageRows,
                    !growing(i),
                    i < MOST_BOUNDED_LEAVES && !bytesAsTheyCame(i));
            int length = Math.toIntExact(file.getPos() - from);
            lengths.add(length);
            metrics.addSize(leaf.column().id(), length);
        }
        int length = Math.toIntExact(file.getPos() - begin);
        file.endBlock();
        rows += groupRows;
        return new Written(begin, length, List.copyOf(lengths));
    }

    private boolean bytesAsTheyCame(int leaf) {
        return leaf == columns.batch || leaf == columns.valueRaw || leaf == columns.headersRaw;
    }

    /// Columns whose values hardly repeat or follow each other closely: deltas beat a dictionary.
    private boolean growing(int leaf) {
        return leaf == columns.offset
                || leaf == columns.timestamp
                || leaf == columns.createTime
                || leaf == columns.timestampMs
                || leaf == columns.batch;
    }

    /// Writes bytes between row groups, where no Parquet reader looks.
    public long writeOpaque(ByteSink bytes) throws IOException {
        long position = out.stream().getPos();
        out.stream().write(bytes.bytes(), 0, bytes.size());
        return position;
    }

    /// Writes the footer and closes the file.
    public void finish(Map<String, String> footer) throws IOException {
        file.end(new HashMap<>(footer));
    }

    public long rows() {
        return rows;
    }

    public long size() {
        return out.size();
    }

    public String crc32c() {
        return "%08x".formatted(out.crc32c());
    }

    public FileMetrics metrics(List<Long> splitOffsets) {
        return metrics.metrics(splitOffsets);
    }

    @Override
    public void close() {
        pages.close();
        try {
            file.close();
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot close a data file", e);
        }
    }
}
