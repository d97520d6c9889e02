package io.firn.tiering.table.row;

import io.firn.schema.AvroForm;
import io.firn.schema.AvroShredder;
import io.firn.schema.ByteSink;
import io.firn.schema.ColumnBuffer;
import io.firn.schema.Utf8;
import io.firn.schema.Years;
import io.firn.tiering.table.batch.BatchHeader;
import io.firn.tiering.table.batch.BatchRecords;
import io.firn.tiering.table.batch.RecordCursor;
import io.firn.tiering.table.batch.RecordStream;
import io.firn.tiering.table.column.TableColumns;
import io.firn.tiering.table.file.Flaw;

import org.jspecify.annotations.Nullable;

import java.io.IOException;

/// Turns records into rows of a row group's columns. Rows of a batch either rebuild it exactly
/// (C15), or stand beside the whole batch. What does not fit costs its own cell (C19).
public final class RecordRows {
    /// Column entries that one batch may become in one row group: a row of a wide table costs an
    /// entry in each of its leaves, and its record may have seven bytes.
    public static final long MOST_ENTRIES = 8_000_000;

    /// A record of a large batch is read whole up to this size; of a larger one each part that is a
    /// cell of at most half of it.
    private static final int MOST_RECORD_BYTES = BatchRecords.MOST_BYTES;

    private static final int MOST_CELL_BYTES = MOST_RECORD_BYTES / 2;

    /// What became of a batch.
    public enum Outcome {
        /// It is rows that rebuild it.
        EXACT,

        /// Its rows would not rebuild it: they need the whole batch beside them.
        INEXACT,

        /// It has too many column entries for one row group.
        TOO_MANY,

        /// Its records are not what its header says.
        BROKEN
    }

    private final TableColumns at;
    private final ColumnBuffer[] columns;
    private final @Nullable ValueShredders shredders;
    private final ValueShredders known;
    private final RecordAssembler assembler;
    private final ByteSink rebuilt = new ByteSink(64 << 10);
    private final ByteSink scratch = new ByteSink(4 << 10);
    private final ByteSink one = new ByteSink(4 << 10);
    private final long[] marks;
    private final RecordCursor in = new RecordCursor();
    private final Flaws flaws = new Flaws();
    private final Flaws ofBatch = new Flaws();
    private int previousDelta;
    private long offset;
    private long typed;
    private long raw;
    private long typedBefore;
    private long rawBefore;
    private long entries;

    /// @param typedValues whether values go to typed columns where they can
    public RecordRows(
            TableColumns at,
            ColumnBuffer[] columns,
            ValueShredders shredders,
            boolean typedValues) {
        this.at = at;
        this.columns = columns;
        this.known = shredders;
        this.shredders = typedValues ? shredders : null;
        this.assembler = new RecordAssembler(at, columns, shredders);
        this.marks = new long[at.leaves];
    }

    /// Adds a batch whose rows rebuild it; any other leaves no trace.
    ///
    /// @param batchCell what goes into `_kafka_batch` on the batch's first row
    public Outcome add(BatchHeader header, ByteSink records, int partition, ByteSink batchCell) {
        // Each value is taken apart once and the batch compared as a whole; only when that fails,
        // value by value.
        for (boolean eachValue : new boolean[] {false, true}) {
            Outcome outcome = shred(header, records, partition, batchCell, eachValue);
            if (outcome == Outcome.EXACT && rebuildsExactly(header, records)) {
                flaws.addAll(ofBatch);
                return Outcome.EXACT;
            }
            rollback();
            if (outcome != Outcome.EXACT) {
                return outcome;
            }
        }
        return Outcome.INEXACT;
    }

    /// Adds the rows of a batch that {@link #add} found inexact.
    ///
    /// @param batchCell with the whole batch
    public void addBeside(BatchHeader header, ByteSink records, int partition, ByteSink batchCell) {
        Outcome outcome = shred(header, records, partition, batchCell, true);
        if (outcome != Outcome.EXACT) {
            throw new IllegalStateException(
                    "Cannot encode the batch at offset %d: its records were well formed, and are now %s"
                            .formatted(header.baseOffset(), outcome));
        }
        flaws.addAll(ofBatch);
    }

    /// Adds the row of the next record of a large batch, which was looked at before and stands
    /// whole in a cell.
    ///
    /// @param batchCell null but for the batch's first row
    public void addNext(
            RecordStream from, BatchHeader header, int partition, @Nullable ByteSink batchCell)
            throws IOException {
        begin();
        int length = from.readVarint();
        if (length > MOST_RECORD_BYTES) {
            addLarge(from, from.position() + length, header, partition);
            addBatchCell(batchCell);
        } else {
            one.clear();
            one.putVarlong(length);
            from.copyTo(one, length);
            in.on(one);
            if (!addRecord(header, partition, batchCell, true)) {
                throw new IllegalStateException(
                        "Cannot encode a record of the batch at offset %d: it was well formed, and is not now"
                                .formatted(header.baseOffset()));
            }
        }
        flaws.addAll(ofBatch);
    }

    private void begin() {
        for (int i = 0; i < columns.length; i++) {
            marks[i] = columns[i].mark();
        }
        typedBefore = typed;
        rawBefore = raw;
        ofBatch.clear();
        previousDelta = -1;
        entries = 0;
    }

    private void rollback() {
        for (int i = 0; i < columns.length; i++) {
            columns[i].rollback(marks[i]);
        }
        typed = typedBefore;
        raw = rawBefore;
    }

    private boolean rebuildsExactly(BatchHeader header, ByteSink records) {
        for (int i = 0; i < columns.length; i++) {
            columns[i].seek(marks[i]);
        }
        rebuilt.clear();
        assembler.assemble(header, rebuilt);
        return rebuilt.size() == records.size()
                && rebuilt.equals(0, records.bytes(), 0, records.size());
    }

    /// @return `EXACT` when all records became rows, whatever those rebuild
    private Outcome shred(
            BatchHeader header,
            ByteSink records,
            int partition,
            ByteSink batchCell,
            boolean eachValue) {
        begin();
        in.on(records);
        int count = header.count();
        try {
            for (int i = 0; i < count; i++) {
                if (!addRecord(header, partition, i == 0 ? batchCell : null, eachValue)) {
                    return Outcome.BROKEN;
                }
                if (entries > MOST_ENTRIES) {
                    return Outcome.TOO_MANY;
                }
            }
        } catch (IndexOutOfBoundsException e) {
            return Outcome.BROKEN; // a length that points past the records
        }
        return in.remaining() == 0 ? Outcome.EXACT : Outcome.BROKEN;
    }

    /// Adds the record at the cursor.
    private boolean addRecord(
            BatchHeader header, int partition, @Nullable ByteSink batchCell, boolean verify) {
        int length = in.readVarint();
        if (length < 0 || length > in.remaining()) {
            return false;
        }
        int end = in.position() + length;
        in.skip(1); // attributes: unused, and 0 or the comparison fails
        long millis = header.baseTimestamp() + in.readVarlong();
        int delta = in.readVarint();
        if (delta <= previousDelta || delta > header.lastOffsetDelta()) {
            return false;
        }
        previousDelta = delta;
        addBase(header, partition, header.baseOffset() + delta, millis);
        int key = in.readVarint();
        addKey(in.bytes(), key < 0 ? 0 : in.skip(key), key);
        int value = in.readVarint();
        addValue(in.bytes(), value < 0 ? 0 : in.skip(value), value, verify);
        if (!addHeaders() || in.position() != end) {
            return false;
        }
        addBatchCell(batchCell);
        entries += at.leaves;
        return true;
    }

    /// Adds a record that is too large to be in memory: the parts that are not.
    private void addLarge(RecordStream from, long end, BatchHeader header, int partition)
            throws IOException {
        from.skip(1);
        long millis = header.baseTimestamp() + from.readVarlong();
        addBase(header, partition, header.baseOffset() + from.readVarint(), millis);
        boolean large = false;
        int key = from.readVarint();
        if (take(from, key)) {
            addKey(one.bytes(), 0, key);
        } else {
            large = true;
            columns[at.key].addNull(0, 0);
        }
        int value = from.readVarint();
        if (take(from, value)) {
            addValue(one.bytes(), 0, value, true);
        } else {
            large = true;
            addKind(ValueKind.IN_BATCH);
            columns[at.schemaId].addNull(0, 0);
            columns[at.valueRaw].addNull(0, 0);
            addNoValue();
        }
        if (take(from, (int) (end - from.position()))) {
            in.on(one);
            addHeaders();
        } else {
            large = true;
            columns[at.headerKey].addNull(0, 0);
            columns[at.headerValue].addNull(0, 0);
            columns[at.headersRaw].addNull(0, 0);
        }
        if (large) {
            ofBatch.note(Flaw.LARGE_CELL, offset);
        }
        entries += at.leaves;
    }

    /// Reads a part into `one`, or over it.
    private boolean take(RecordStream from, int length) throws IOException {
        one.clear();
        if (length > MOST_CELL_BYTES) {
            from.skip(length);
            return false;
        }
        from.copyTo(one, Math.max(0, length));
        return true;
    }

    private void addBatchCell(@Nullable ByteSink batchCell) {
        if (batchCell == null) {
            columns[at.batch].addNull(0, 0);
        } else {
            columns[at.batch].addBytes(0, batchCell.bytes(), 0, batchCell.size());
        }
    }

    private void addBase(BatchHeader header, int partition, long recordOffset, long millis) {
        offset = recordOffset;
        boolean appendTime = header.logAppendTime();
        long effective = appendTime ? header.maxTimestamp() : millis;
        columns[at.partition].addWord(0, partition);
        columns[at.offset].addWord(0, offset);
        columns[at.timestamp].addWord(0, Years.nearest(effective) * 1000);
        if (appendTime) {
            columns[at.createTime].addWord(0, Years.nearest(millis) * 1000);
        } else {
            columns[at.createTime].addNull(0, 0);
        }
        if (Years.contain(millis)) {
            columns[at.timestampMs].addNull(0, 0);
        } else {
            columns[at.timestampMs].addWord(0, millis);
        }
        if (!Years.contain(millis) || !Years.contain(effective)) {
            ofBatch.note(Flaw.TIMESTAMP, offset);
        }
        columns[at.timestampType].addWord(0, appendTime ? 1 : 0);
        columns[at.leaderEpoch].addWord(0, header.leaderEpoch());
    }

    /// @param length below 0 for null
    private void addKey(byte[] bytes, int from, int length) {
        if (length < 0) {
            columns[at.key].addNull(0, 0);
        } else {
            columns[at.key].addBytes(0, bytes, from, length);
        }
    }

    /// @param length below 0 for null
    private void addValue(byte[] bytes, int from, int length, boolean verify) {
        AvroShredder shredder = null;
        if (RecordCursor.isPrefixed(bytes, from, length)) {
            int schema = RecordCursor.schemaId(bytes, from);
            shredder = known.find(schema);
            if (shredder != null) {
                columns[at.schemaId].addWord(0, schema);
            } else if (shredders != null) {
                ofBatch.note(Flaw.VALUE_WITHOUT_COLUMNS, offset);
            }
        }
        if (shredder == null) {
            columns[at.schemaId].addNull(0, 0);
        }
        ValueKind kind =
                length < 0
                        ? ValueKind.NULL
                        : shredder == null || shredders == null
                                ? ValueKind.RAW
                                : shred(shredder, bytes, from, from + length, verify);
        addKind(kind);
        boolean inColumns =
                switch (kind) {
                    case TYPED, TYPED_SIZED, TYPED_AND_RAW -> true;
                    case NULL, RAW, IN_BATCH -> false;
                };
        if (inColumns) {
            typed++;
        } else {
            addNoValue();
        }
        if (kind == ValueKind.RAW || kind == ValueKind.TYPED_AND_RAW) {
            columns[at.valueRaw].addBytes(0, bytes, from, length);
            raw += inColumns ? 0 : 1;
        } else {
            columns[at.valueRaw].addNull(0, 0);
        }
    }

    /// Adds a value's columns, where it decodes.
    private ValueKind shred(
            AvroShredder shredder, byte[] bytes, int from, int end, boolean verify) {
        int value = from + RecordCursor.PREFIX;
        if (!shredder.shred(bytes, value, end, columns)) {
            ofBatch.note(Flaw.VALUE_UNREADABLE, offset);
            return ValueKind.RAW;
        }
        entries += shredder.entriesOfLast();
        if (shredder.misfitsOfLast() > 0) {
            ofBatch.note(Flaw.VALUE_MISFIT, offset);
        }
        AvroForm form = shredder.formOfLast();
        if (verify && !shredder.verifyLast(bytes, value, end, columns, scratch)) {
            form = AvroForm.OTHER;
        }
        return switch (form) {
            case PLAIN -> ValueKind.TYPED;
            case SIZED_BLOCKS -> ValueKind.TYPED_SIZED;
            case OTHER -> {
                ofBatch.note(Flaw.VALUE_OTHER_BYTES, offset);
                yield ValueKind.TYPED_AND_RAW;
            }
        };
    }

    private void addKind(ValueKind kind) {
        columns[at.valueKind].addWord(0, kind.ordinal());
    }

    private void addNoValue() {
        for (int i = at.firstValue; i < at.leaves; i++) {
            columns[i].addNull(0, 0);
        }
    }

    /// Adds the headers at the cursor.
    private boolean addHeaders() {
        int from = in.position();
        int count = in.readVarint();
        if (count < 0 || count > in.remaining()) {
            return false;
        }
        ColumnBuffer keys = columns[at.headerKey];
        ColumnBuffer values = columns[at.headerValue];
        if (count == 0) {
            keys.addNull(0, 0);
            values.addNull(0, 0);
        }
        boolean readable = true;
        for (int i = 0; i < count; i++) {
            int level = i == 0 ? 0 : 1;
            int keyLength = in.readVarint();
            if (keyLength < 0) {
                return false;
            }
            readable &= addHeaderName(level, in.skip(keyLength), keyLength);
            int valueLength = in.readVarint();
            if (valueLength < 0) {
                values.addNull(level, 1);
            } else {
                values.addBytes(level, in.bytes(), in.skip(valueLength), valueLength);
            }
        }
        if (readable) {
            columns[at.headersRaw].addNull(0, 0);
        } else {
            columns[at.headersRaw].addBytes(0, in.bytes(), from, in.position() - from);
            ofBatch.note(Flaw.HEADER_NAME, offset);
        }
        entries += 2L * count;
        return true;
    }

    /// Engines refuse a string that is not UTF-8.
    private boolean addHeaderName(int level, int from, int length) {
        byte[] bytes = in.bytes();
        if (Utf8.valid(bytes, from, from + length)) {
            columns[at.headerKey].addBytes(level, bytes, from, length);
            return true;
        }
        byte[] readable = Utf8.replaced(bytes, from, length);
        columns[at.headerKey].addBytes(level, readable, 0, readable.length);
        return false;
    }

    /// Entries in all columns that what was added last has, about.
    public long entriesOfLast() {
        return entries;
    }

    public long typedValues() {
        return typed;
    }

    public long rawValues() {
        return raw;
    }

    /// Takes what was counted since the last call.
    public Flaws takeFlaws() {
        Flaws taken = new Flaws();
        taken.addAll(flaws);
        flaws.clear();
        return taken;
    }
}
