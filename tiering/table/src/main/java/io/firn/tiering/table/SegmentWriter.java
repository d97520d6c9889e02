package io.firn.tiering.table;

import io.firn.schema.ByteSink;
import io.firn.schema.ColumnBuffer;
import io.firn.tiering.table.batch.BatchHeader;
import io.firn.tiering.table.batch.BatchRecords;
import io.firn.tiering.table.batch.ContentDigest;
import io.firn.tiering.table.batch.LargeBatches;
import io.firn.tiering.table.batch.RecordStream;
import io.firn.tiering.table.batch.UnpackThrottle;
import io.firn.tiering.table.column.TableColumns;
import io.firn.tiering.table.file.CorruptFileException;
import io.firn.tiering.table.file.EncodedFile;
import io.firn.tiering.table.file.Flaw;
import io.firn.tiering.table.file.SeekIndex;
import io.firn.tiering.table.parquet.RowGroupWriter;
import io.firn.tiering.table.row.BatchEntries;
import io.firn.tiering.table.row.Flaws;
import io.firn.tiering.table.row.RecordRows;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/// Writes the batches of one segment as row groups of its own (FORMAT.md §5.2, §5.3). Every record
/// is a row (C19); a batch that would not come back exactly from its rows, or has too many for one
/// row group, is kept whole beside them. Only what has no records for anyone (control, aborted,
/// empty or broken batches) is kept whole without rows, before the next batch's or after the last
/// one's.
final class SegmentWriter {
    /// Record bytes that make a row group; the unit of a ranged GET.
    static final int ROW_GROUP_BYTES = 8 << 20;

    private static final int PAGE_BYTES = 1 << 20;
    private final SegmentInput input;
    private final TableColumns at;
    private final RowGroupWriter file;
    private final ColumnBuffer[] columns;
    private final RecordRows rows;
    private final AbortedRanges aborted;
    private final ContentDigest digest = new ContentDigest();
    private final BatchRecords unpacker = new BatchRecords();
    private final UnpackThrottle throttle = new UnpackThrottle();
    private final LargeBatches large;
    private final Flaws flaws = new Flaws();
    private final BatchHeader header = new BatchHeader();
    private final ByteSink records = new ByteSink(1 << 20);
    private final ByteSink batchValue = new ByteSink(256);
    private final ByteSink opaqueBatches = new ByteSink(256);
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
    private long opaqueFirst = -1;
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
            RecordRows rows,
            LargeBatches large) {
        this.large = large;
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
        flaws.addAll(rows.takeFlaws());
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
            throttle.begin();
            throttle.done(header.size(), addBatch());
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

    /// @return bytes that its records take
    private long addBatch() throws IOException {
        BatchRecords.Unpacked unpacked =
                header.magic() == 2
                        ? unpacker.unpack(header, records)
                        : BatchRecords.Unpacked.BROKEN;
        boolean whole = unpacked == BatchRecords.Unpacked.WHOLE;
        digest.update(header, whole ? records : null);
        previousLast = header.lastOffset();
        maxTimestamp = Math.max(maxTimestamp, header.maxTimestamp());
        batches++;
        if (header.magic() == 2 && (header.control() || aborted.contains(header))) {
            addOpaque();
            return whole ? records.size() : 0;
        }
        if (header.count() == 0 && whole && records.size() == 0) {
            addOpaque(); // compaction left nothing of it but its place
            return 0;
        }
        return switch (unpacked) {
            case WHOLE -> {
                addUnpacked();
                yield records.size();
            }
            case LARGE -> {
                addLarge();
                yield large.looked();
            }
            case BROKEN -> {
                addWithoutRows(Flaw.BROKEN_BATCH);
                yield 0;
            }
        };
    }

    private void addUnpacked() throws IOException {
        long entries = (long) header.count() * at.leaves;
        boolean full =
                (long) groupBytes + records.size() > ROW_GROUP_BYTES
                        || groupEntries + entries > RecordRows.MOST_ENTRIES;
        if (groupBytes > 0 && full) {
            flush();
        }
        RecordRows.Outcome outcome =
                header.count() <= 0
                        ? RecordRows.Outcome.BROKEN
                        : entries > RecordRows.MOST_ENTRIES
                                ? RecordRows.Outcome.TOO_MANY
                                : rows.add(header, records, input.partition(), headerOnly());
        switch (outcome) {
            case EXACT -> added(records.size());
            case INEXACT -> {
                flaws.note(Flaw.OTHER_RECORD_BYTES, header.baseOffset());
                rows.addBeside(header, records, input.partition(), fullBatch());
                added(records.size() + header.size());
            }
            case TOO_MANY -> {
                if (LargeBatches.wellFormed(header, records)) {
                    addInParts(LargeBatches.open(records));
                } else {
                    addWithoutRows(Flaw.BROKEN_BATCH);
                }
            }
            case BROKEN -> addWithoutRows(Flaw.BROKEN_BATCH);
        }
    }

    private void addLarge() throws IOException {
        switch (large.look(header, id -> {})) {
            case WELL_FORMED -> addInParts(large.open(header));
            case BROKEN -> addWithoutRows(Flaw.BROKEN_BATCH);
            case BOMB -> addWithoutRows(Flaw.BOMB);
        }
    }

    private void addWithoutRows(Flaw why) throws IOException {
        flaws.note(why, header.baseOffset());
        addOpaque();
    }

    private void addOpaque() throws IOException {
        opaque++;
        if (opaqueFirst < 0) {
            opaqueFirst = header.baseOffset();
        }
        BatchEntries.put(
                opaqueBatches, BatchEntries.OPAQUE, buffer, header.position(), header.size());
        if (opaqueBatches.size() > ROW_GROUP_BYTES) {
            endGroup();
        }
    }

    private ByteSink headerOnly() {
        return batchValue(BatchEntries.HEADER, BatchHeader.LENGTH);
    }

    private ByteSink fullBatch() {
        return batchValue(BatchEntries.FULL, header.size());
    }

    private ByteSink batchValue(int kind, int length) {
        batchValue.clear();
        batchValue.put(opaqueBatches.bytes(), 0, opaqueBatches.size());
        BatchEntries.put(batchValue, kind, buffer, header.position(), length);
        return batchValue;
    }

    /// The rows of the batch at hand are in the columns.
    private void added(int bytes) {
        int rowsNow = columns[at.offset].entries();
        if (pageBytes > 0 && pageBytes + records.size() > PAGE_BYTES) {
            endPage(rowsNow - header.count());
        }
        pageBytes += records.size();
        beginGroup();
        groupBytes += bytes + opaqueBatches.size();
        groupEntries += rows.entriesOfLast();
        groupLast = header.lastOffset();
        groupMaxTimestamp = maxTimestamp;
        recordCount += header.count();
        recordBytes += records.size();
        opaqueBatches.clear();
        opaqueFirst = -1;
    }

    private void endPage(int rowsSoFar) {
        pageRows.add(rowsSoFar - pagedRows);
        pagedRows = rowsSoFar;
        pageBytes = 0;
    }

    private void beginGroup() {
        if (groupFirst < 0) {
            groupFirst = opaqueFirst >= 0 ? opaqueFirst : header.baseOffset();
        }
    }

    /// Adds a well-formed batch record by record, in as many row groups of its own as it takes. It
    /// stands whole in the first one; the others only continue it.
    private void addInParts(RecordStream records) throws IOException {
        flaws.note(Flaw.LARGE_BATCH, header.baseOffset());
        if (groupFirst >= 0) {
            flush();
        }
        beginGroup();
        ByteSink first = fullBatch();
        groupBytes = first.size();
        groupLast = header.lastOffset();
        groupMaxTimestamp = maxTimestamp;
        opaqueBatches.clear();
        opaqueFirst = -1;
        try (RecordStream stream = records) {
            for (int i = 0; i < header.count(); i++) {
                if (i > 0 && isFull()) {
                    flush();
                    groupFirst = groupLast + 1; // continues the batch
                }
                addNext(stream, i == 0 ? first : null);
            }
            recordBytes += stream.position();
        }
        recordCount += header.count();
        flush();
    }

    private boolean isFull() {
        return groupBytes > ROW_GROUP_BYTES || groupEntries > RecordRows.MOST_ENTRIES;
    }

    private void addNext(RecordStream stream, @Nullable ByteSink batchCell) throws IOException {
        long before = stream.position();
        rows.addNext(stream, header, input.partition(), batchCell);
        // A record of two gigabytes is in no cell; what is of it is far less.
        int bytes = (int) Math.min(stream.position() - before, BatchRecords.MOST_BYTES);
        groupBytes += bytes;
        groupEntries += rows.entriesOfLast();
        pageBytes += bytes;
        if (pageBytes > PAGE_BYTES) {
            endPage(columns[at.offset].entries());
        }
    }

    private void flush() throws IOException {
        int groupRows = columns[at.offset].entries();
        if (groupRows > pagedRows) {
            endPage(groupRows);
        }
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
        if (opaqueBatches.size() > 0 && anyRows) {
            addTrailers();
        } else if (opaqueBatches.size() > 0) {
            // No row to carry them: outside the row groups, where the index and the footer say.
            groups.add(
                    new SeekIndex.RowGroup(
                            opaqueFirst,
                            previousLast,
                            maxTimestamp,
                            file.writeOpaque(opaqueBatches),
                            opaqueBatches.size(),
                            0,
                            List.of()));
        }
        opaqueBatches.clear();
        opaqueFirst = -1;
        if (anyRows) {
            flush();
        }
    }

    private void addTrailers() {
        BatchEntries.makeTrailers(opaqueBatches);
        ColumnBuffer column = columns[at.batch];
        batchValue.clear();
        int last = column.entries() - 1;
        boolean present = column.definitionAt(last) == column.maxDefinition();
        if (present) {
            int value = column.values() - 1;
            batchValue.put(
                    column.data(), column.fromAt(value), column.toAt(value) - column.fromAt(value));
        }
        batchValue.put(opaqueBatches.bytes(), 0, opaqueBatches.size());
        column.rollback(((long) last << 32) | (column.values() - (present ? 1 : 0)));
        column.addBytes(0, batchValue.bytes(), 0, batchValue.size());
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
                        batches, opaque, recordCount, typedValues, rawValues, recordBytes),
                flaws.counts());
    }
}
