package io.firn.tiering.table.parquet;

import io.firn.schema.ColumnBuffer;
import io.firn.schema.ColumnLayout;
import io.firn.schema.Physical;

import org.apache.parquet.column.ColumnDescriptor;
import org.apache.parquet.column.Encoding;
import org.apache.parquet.column.page.DictionaryPage;
import org.apache.parquet.column.statistics.Statistics;
import org.apache.parquet.hadoop.ParquetFileWriter;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.util.Arrays;
import java.util.List;

/// Writes one column of a row group through parquet-java's file writer. This and {@link
/// RowGroupReader} are the seam where Firn's own page codec comes in: everything else sees only
/// column buffers.
public final class ColumnChunkWriter {
    private static final int LONGEST_STATISTIC = 128;
    private final ParquetFileWriter file;
    private final PageEncoder pages;
    private final MetricsCollector metrics;

    public ColumnChunkWriter(ParquetFileWriter file, PageEncoder pages, MetricsCollector metrics) {
        this.file = file;
        this.pages = pages;
        this.metrics = metrics;
    }

    static int width(Physical physical) {
        return switch (physical.kind()) {
            case BOOLEAN -> 1;
            case INT32, FLOAT -> 4;
            case INT64, DOUBLE -> 8;
            case BYTES, FIXED -> physical.length();
        };
    }

    /// @param pageRows number of rows in each page, the same in every column, cut where batches
    ///     begin
    public void write(
            ColumnDescriptor descriptor,
            ColumnLayout.Leaf leaf,
            ColumnBuffer column,
            List<Integer> pageRows,
            boolean dictionaryAllowed,
            boolean bounded)
            throws IOException {
        Physical physical = leaf.physical();
        ValueDictionary dictionary =
                dictionaryAllowed && physical.kind() != Physical.Kind.BOOLEAN
                        ? ValueDictionary.of(column, physical)
                        : null;
        ColumnBounds bounds =
                bounded ? ColumnBounds.of(leaf, column, dictionary) : new ColumnBounds(-1, -1);
        metrics.add(leaf, column, bounds);
        file.startColumn(descriptor, column.entries(), CompressionCodecName.ZSTD);
        if (dictionary != null) {
            file.writeDictionaryPage(
                    new DictionaryPage(
                            pages.compress(dictionary.page()),
                            dictionary.page().size(),
                            dictionary.size(),
                            Encoding.PLAIN));
        }
        int entry = 0;
        int value = 0;
        for (int rows : pageRows) {
            int from = entry;
            int firstValue = value;
            for (int left = rows; entry < column.entries(); entry++) {
                if (column.repetitionAt(entry) == 0 && left-- == 0) {
                    break;
                }
                if (column.definitionAt(entry) == column.maxDefinition()) {
                    value++;
                }
            }
            pages.begin(column, from, entry);
            Encoding encoding = pages.values(column, physical, firstValue, value, dictionary);
            int nulls = entry - from - (value - firstValue);
            // Without a row count parquet-java writes no page index: row groups are read whole
            // (FORMAT.md §5.4).
            file.writeDataPage(
                    entry - from,
                    pages.uncompressedSize(),
                    pages.compressed(),
                    statistics(descriptor, column, physical, bounds, nulls),
                    Encoding.RLE,
                    Encoding.RLE,
                    encoding);
        }
        file.endColumn();
    }

    private static Statistics<?> statistics(
            ColumnDescriptor descriptor,
            ColumnBuffer column,
            Physical physical,
            ColumnBounds bounds,
            long nulls) {
        var builder =
                Statistics.getBuilderForReading(descriptor.getPrimitiveType()).withNumNulls(nulls);
        if (bounds.known()) {
            byte[] least = plain(column, physical, bounds.least(), false);
            byte[] greatest = plain(column, physical, bounds.greatest(), true);
            if (least != null && greatest != null) {
                builder = builder.withMin(least).withMax(greatest);
            }
        }
        return builder.build();
    }

    private static byte @Nullable [] plain(
            ColumnBuffer column, Physical physical, int value, boolean greatest) {
        if (column.ofBytes()) {
            int from = column.fromAt(value);
            int to = column.toAt(value);
            return to - from > LONGEST_STATISTIC
                    ? null
                    : Arrays.copyOfRange(column.data(), from, to);
        }
        long word = ColumnBounds.zeroToFind(physical.kind(), column.wordAt(value), greatest);
        byte[] bytes = new byte[width(physical)];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) (word >>> 8 * i);
        }
        return bytes;
    }
}
