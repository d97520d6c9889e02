package io.firn.tiering.table;

import io.firn.schema.ColumnBuffer;
import io.firn.schema.ColumnLayout;
import io.firn.tiering.table.column.TableColumns;
import io.firn.tiering.table.file.CorruptFileException;
import io.firn.tiering.table.file.RangeReader;
import io.firn.tiering.table.file.SeekIndex;
import io.firn.tiering.table.parquet.RowGroupReader;

import java.nio.ByteBuffer;

/// Which rows of a data file are a segment's, counted without reading more than one column of one
/// row group, or of those that one large batch takes.
public final class SegmentRows {
    private SegmentRows() {}

    /// All rows of the segment.
    public static long all(SeekIndex index) {
        return index.groups().stream().mapToLong(SeekIndex.RowGroup::rows).sum();
    }

    /// How many of the segment's rows lie below `offset`; its rows are in offset order.
    ///
    /// @param file the data file, of which the offsets of one row group are read, if that
    /// @throws CorruptFileException when they are not what was written
    public static long below(SeekIndex index, long offset, RangeReader file) {
        long rows = 0;
        for (SeekIndex.RowGroup group : index.groups()) {
            if (group.lastOffset() < offset) {
                rows += group.rows();
            } else if (group.rows() > 0 && (group.firstOffset() < offset || group.continues())) {
                int below = below(index, group, offset, file);
                rows += below;
                if (below < group.rows()) {
                    return rows;
                }
                // All of it: what continues its last batch may be below, too.
            } else if (group.firstOffset() >= offset) {
                break;
            }
        }
        return rows;
    }

    private static int below(
            SeekIndex index, SeekIndex.RowGroup group, long offset, RangeReader file) {
        TableColumns table = new TableColumns(index.tableSchemaJson());
        ColumnLayout.Leaf leaf = table.layout.leaves().get(table.offset);
        long position = group.position();
        for (int i = 0; i < table.offset; i++) {
            position += group.columnLengths().get(i);
        }
        int length = group.columnLengths().get(table.offset);
        byte[] bytes = new byte[length];
        ByteBuffer read = file.read(position, length);
        read.get(bytes);
        ColumnBuffer offsets = new ColumnBuffer(leaf);
        new RowGroupReader().read(bytes, 0, length, leaf, offsets);
        if (offsets.values() != group.rows()) {
            throw new CorruptFileException(
                    "Cannot count the rows below offset %d: a row group of %d rows has %d offsets"
                            .formatted(offset, group.rows(), offsets.values()));
        }
        int rows = 0;
        while (rows < offsets.values() && offsets.wordAt(rows) < offset) {
            rows++;
        }
        return rows;
    }
}
