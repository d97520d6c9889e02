package io.firn.tiering.table;

import io.firn.schema.ByteSink;
import io.firn.schema.ColumnBuffer;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/// Writes the batches of one segment as row groups of its own (FORMAT.md §5.2, §5.3). A batch that
/// does not come back exactly from rows is kept whole, before the next batch's rows or after the
/// last one's.
final class SegmentWriter {
    /// Record bytes that make a row group; the unit of a ranged GET.
    static final int ROW_GROUP_BYTES = 8 << 20;

    /// Column entries that make one too: a row of a wide table costs an entry in each of its
    /// leaves, and its record may have seven bytes.
    private static final long ROW_GROUP_ENTRIES = 8_000_000;

    private static final int PAGE_BYTES = 1 << 20;
    private final SegmentInput input;
    private final TableColumns at;
    private final RowGroupWriter file;
    private final ColumnBuffer[] columns;
    private final RecordRows rows;
    private final AbortedRanges aborted;
    private final ContentDigest digest = new ContentDigest();
    private final BatchRecords unpacker = new BatchRecords();
    private final Bombs bombs = new Bombs();
    private final BatchHeader header = new BatchHeader();
    private final ByteSink records = new ByteSink(1 << 20);
    private final ByteSink cell = new ByteSink(256);
    private final ByteSink whole = new ByteSink(256);
    private final List<SeekIndex.RowGroup> groups = new ArrayList<>();
    private final List<Integer> pageRows = new ArrayList<>();
    private byte[] buffer = {};
    private int groupBytes;
    private long groupEntries;
    private int pageBytes;
    private int pagedRows;
    private long groupFirst = -1;
    private long groupLast = -1;
    private long groupMaxTimestamp = -1;
    private long wholeFirst = -1;
    private long previousLast = -1;
    private long maxTimestamp = -1;
    private long batches;
    private long opaque;
    private long recordCount;
    private long recordBytes;

    SegmentWriter(
            SegmentInput input,
            TableColumns at,
            RowGroupWriter file,
            ColumnBuffer[] columns,
            RecordRows rows) {
        this.input = input;
        this.at = at;
        this.file = file;
        this.columns = columns;
        this.rows = rows;
        this.aborted = new AbortedRanges(input.abortIndexJson());
    }

    List<SeekIndex.RowGroup> write() throws IOException {
        for (ByteBuffer batch : input.batches()) {
            add(batch);
        }
        endGroup();
        return List.copyOf(groups);
    }

    private void add(ByteBuffer source) throws IOException {
        int length = source.remaining();
        if (buffer.length < length) {
            buffer = new byte[Math.max(length, buffer.length * 2)];
        }
        source.duplicate().get(buffer, 0, length);
        for (int position = 0; position < length; position += header.size()) {
            header.on(buffer, position);
            check(length - position);
            bombs.begin();
            addBatch();
            bombs.done(header.size(), records.size());
        }
    }

    private void check(int available) {
        if (!header.isWhole(available)) {
            throw new CorruptFileException(
                    "Cannot encode partition %d after offset %d: the last batch is cut off"
                            .formatted(input.partition(), previousLast));
        }
        if (header.baseOffset() <= previousLast || header.lastOffset() >= input.end()) {
            throw new CorruptFileException(
                    "Cannot encode partition %d: batch [%d, %d] is not between offset %d and the range's end %d"
                            .formatted(
                                    input.partition(),
                                    header.baseOffset(),
                                    header.lastOffset(),
                                    previousLast,
                                    input.end()));
        }
        if (header.magic() >= 2 && header.computedCrc() != header.crc()) {
            throw new CorruptFileException(
                    "Cannot encode partition %d: the batch at offset %d has CRC %08x, expected %08x. Take the segment from a replica."
                            .formatted(
                                    input.partition(),
                                    header.baseOffset(),
                                    header.computedCrc(),
                                    header.crc()));
        }
    }

    private void addBatch() throws IOException {
        boolean unpacked = header.magic() == 2 && unpacker.unpack(header, records);
        digest.update(header, unpacked ? records : null);
        previousLast = header.lastOffset();
        maxTimestamp = Math.max(maxTimestamp, header.maxTimestamp());
        batches++;
        long entries = (long) header.count() * at.leaves;
        boolean candidate =
                unpacked
                        && !header.control()
                        && header.count() > 0
                        && entries <= ROW_GROUP_ENTRIES
                        && !aborted.contains(header);
        boolean full =
                (long) groupBytes + records.size() > ROW_GROUP_BYTES
                        || groupEntries + entries > ROW_GROUP_ENTRIES;
        if (candidate && groupBytes > 0 && full) {
            flush();
        }
        if (candidate && addRows()) {
            recordBytes += records.size();
            return;
        }
        opaque++;
        if (wholeFirst < 0) {
            wholeFirst = header.baseOffset();
        }
        BatchEntries.put(whole, BatchEntries.OPAQUE, buffer, header.position(), header.size());
        if (whole.size() > ROW_GROUP_BYTES) {
            endGroup();
        }
    }

    private boolean addRows() {
        cell.clear();
        cell.put(whole.bytes(), 0, whole.size());
        BatchEntries.put(cell, BatchEntries.HEADER, buffer, header.position(), BatchHeader.LENGTH);
        int rowsBefore = columns[at.offset].entries();
        if (!rows.add(header, records, input.partition(), cell)) {
            return false;
        }
        if (pageBytes > 0 && pageBytes + records.size() > PAGE_BYTES) {
            pageRows.add(rowsBefore - pagedRows);
            pagedRows = rowsBefore;
            pageBytes = 0;
        }
        pageBytes += records.size();
        if (groupFirst < 0) {
            groupFirst = wholeFirst >= 0 ? wholeFirst : header.baseOffset();
        }
        groupBytes += records.size() + whole.size();
        groupEntries += rows.entriesOfLast();
        groupLast = header.lastOffset();
        groupMaxTimestamp = maxTimestamp;
        recordCount += header.count();
        whole.clear();
        wholeFirst = -1;
        return true;
    }

    private void flush() throws IOException {
        int groupRows = columns[at.offset].entries();
        pageRows.add(groupRows - pagedRows);
        RowGroupWriter.Written written = file.write(columns, pageRows);
        groups.add(
                new SeekIndex.RowGroup(
                        groupFirst,
                        groupLast,
                        groupMaxTimestamp,
                        written.position(),
                        written.length(),
                        groupRows,
                        written.columnLengths()));
        for (ColumnBuffer column : columns) {
            column.clear();
        }
        pageRows.clear();
        pagedRows = 0;
        pageBytes = 0;
        groupBytes = 0;
        groupEntries = 0;
        groupFirst = -1;
    }

    /// Writes what is gathered; batches that are kept whole wait for no further row.
    private void endGroup() throws IOException {
        boolean anyRows = groupFirst >= 0;
        if (whole.size() > 0 && anyRows) {
            addTrailers();
        } else if (whole.size() > 0) {
            // No row to carry them: outside the row groups, where the index and the footer say.
            groups.add(
                    new SeekIndex.RowGroup(
                            wholeFirst,
                            previousLast,
                            maxTimestamp,
                            file.writeAside(whole),
                            whole.size(),
                            0,
                            List.of()));
        }
        whole.clear();
        wholeFirst = -1;
        if (anyRows) {
            flush();
        }
    }

    private void addTrailers() {
        BatchEntries.makeTrailers(whole);
        ColumnBuffer column = columns[at.batch];
        cell.clear();
        int last = column.entries() - 1;
        boolean present = column.definitionAt(last) == column.maxDefinition();
        if (present) {
            int value = column.values() - 1;
            cell.put(
                    column.data(), column.fromAt(value), column.toAt(value) - column.fromAt(value));
        }
        cell.put(whole.bytes(), 0, whole.size());
        column.rollback(((long) last << 32) | (column.values() - (present ? 1 : 0)));
        column.addBytes(0, cell.bytes(), 0, cell.size());
        groupLast = previousLast;
        groupMaxTimestamp = maxTimestamp;
    }

    EncodedFile.EncodedSegment result(String seekIndexJson, long typedValues, long rawValues) {
        return new EncodedFile.EncodedSegment(
                input.segmentUuid(),
                input.topicId(),
                input.partition(),
                input.start(),
                input.end(),
                maxTimestamp,
                digest.digest(),
                seekIndexJson,
                new EncodedFile.Counts(
                        batches, opaque, recordCount, typedValues, rawValues, recordBytes));
    }
}
