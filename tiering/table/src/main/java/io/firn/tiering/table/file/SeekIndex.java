package io.firn.tiering.table.file;

import java.util.List;

/// Where a segment's row groups lie in its file, and all that is needed to read one with a single
/// ranged GET.
///
/// @param tableSchemaJson the table's Iceberg schema when the file was written: it names the file's
///     columns
/// @param mappingJson columns of the registry schemas whose values are in the segment
public record SeekIndex(String tableSchemaJson, String mappingJson, List<RowGroup> groups) {
    /// One row group, or a run of whole batches outside any row group (`columnLengths` is empty
    /// then).
    ///
    /// @param firstOffset first offset that the group answers for: base offset of its first batch;
    ///     one above `lastOffset` where the group continues a batch of the one before
    /// @param lastOffset last offset of its last batch
    /// @param maxTimestamp largest batch timestamp in milliseconds
    /// @param columnLengths length in bytes of each column chunk in file order
    public record RowGroup(
            long firstOffset,
            long lastOffset,
            long maxTimestamp,
            long position,
            int length,
            int rows,
            List<Integer> columnLengths) {
        /// Whether it has only further rows of a batch that stands whole in a group before: nothing
        /// that a fetch asks for.
        public boolean continues() {
            return firstOffset > lastOffset;
        }
    }

    public static SeekIndex parse(String json) {
        return SeekIndexJson.parse(json);
    }

    public String toJson() {
        return SeekIndexJson.write(this);
    }

    /// Index of the row group that has `offset`, or of the first one after it; -1 when every group
    /// lies before.
    public int groupFor(long offset) {
        int low = 0;
        int high = groups.size();
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (groups.get(middle).lastOffset() < offset) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low == groups.size() ? -1 : low;
    }
}
