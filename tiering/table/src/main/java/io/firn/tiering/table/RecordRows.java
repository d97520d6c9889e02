package io.firn.tiering.table;

import io.firn.schema.AvroShredder;
import io.firn.schema.ByteSink;
import io.firn.schema.ColumnBuffer;
import io.firn.schema.Utf8;

import org.jspecify.annotations.Nullable;

/// Turns a batch's records into rows of a row group's columns. A batch either becomes rows that
/// rebuild it exactly, or leaves no trace (C15).
final class RecordRows {
    /// Column entries that one batch's values may become; further values stay raw. A byte of Avro
    /// may be an entry in each of two thousand leaves.
    private static final long MOST_VALUE_ENTRIES = 4_000_000;

    private static final long MOST_MILLIS = Long.MAX_VALUE / 1000;
    private final TableColumns at;
    private final ColumnBuffer[] columns;
    private final @Nullable ValueShredders shredders;
    private final ValueShredders known;
    private final RecordAssembler assembler;
    private final ByteSink rebuilt = new ByteSink(64 << 10);
    private final ByteSink scratch = new ByteSink(4 << 10);
    private final long[] marks;
    private final RecordCursor in = new RecordCursor();
    private long typed;
    private long raw;
    private long entries;

    /// @param typedValues whether values go to typed columns where they can
    RecordRows(
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

    /// Adds a batch.
    ///
    /// @param batchCell what goes into `_kafka_batch` on the batch's first row
    /// @return whether it became rows
    boolean add(BatchHeader header, ByteSink records, int partition, ByteSink batchCell) {
        for (int i = 0; i < columns.length; i++) {
            marks[i] = columns[i].mark();
        }
        long typedBefore = typed;
        long rawBefore = raw;
        // Each value is taken apart once and the batch compared as a whole; only when that fails,
        // value by value.
        for (boolean eachValue : new boolean[] {false, true}) {
            if (!shred(header, records, partition, batchCell, eachValue)) {
                break;
            }
            if (rebuildsExactly(header, records)) {
                return true;
            }
            rollback(typedBefore, rawBefore);
        }
        rollback(typedBefore, rawBefore);
        return false;
    }

    private void rollback(long typedBefore, long rawBefore) {
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

    private boolean shred(
            BatchHeader header,
            ByteSink records,
            int partition,
            ByteSink batchCell,
            boolean eachValue) {
        in.on(records);
        int count = header.count();
        int previous = -1;
        entries = 0;
        try {
            for (int i = 0; i < count; i++) {
                int length = in.readVarint();
                if (length < 0 || length > in.remaining()) {
                    return false;
                }
                int end = in.position() + length;
                in.skip(1); // attributes: unused, and 0 or the comparison fails
                long millis = header.baseTimestamp() + in.readVarlong();
                int delta = in.readVarint();
                if (delta <= previous || delta > header.lastOffsetDelta()) {
                    return false;
                }
                previous = delta;
                if (!addBase(header, partition, header.baseOffset() + delta, millis)) {
                    return false;
                }
                addKey();
                addValue(eachValue);
                if (!addHeaders() || in.position() != end) {
                    return false;
                }
                if (i == 0) {
                    columns[at.batch].addBytes(0, batchCell.bytes(), 0, batchCell.size());
                } else {
                    columns[at.batch].addNull(0, 0);
                }
            }
        } catch (IndexOutOfBoundsException e) {
            return false; // a length that points past the records
        }
        return in.remaining() == 0;
    }

    private boolean addBase(BatchHeader header, int partition, long offset, long millis) {
        long effective = header.logAppendTime() ? header.maxTimestamp() : millis;
        if (Math.abs(millis) > MOST_MILLIS || Math.abs(effective) > MOST_MILLIS) {
            return false; // no such time in microseconds
        }
        columns[at.partition].addWord(0, partition);
        columns[at.offset].addWord(0, offset);
        columns[at.timestamp].addWord(0, effective * 1000);
        if (header.logAppendTime()) {
            columns[at.createTime].addWord(0, millis * 1000);
        } else {
            columns[at.createTime].addNull(0, 0);
        }
        columns[at.timestampType].addWord(0, header.logAppendTime() ? 1 : 0);
        columns[at.leaderEpoch].addWord(0, header.leaderEpoch());
        return true;
    }

    private void addKey() {
        int length = in.readVarint();
        if (length < 0) {
            columns[at.key].addNull(0, 0);
        } else {
            columns[at.key].addBytes(0, in.bytes(), in.skip(length), length);
        }
    }

    private void addValue(boolean verify) {
        byte[] bytes = in.bytes();
        int length = in.readVarint();
        int from = length < 0 ? in.position() : in.skip(length);
        int kind = length < 0 ? RecordAssembler.VALUE_NULL : RecordAssembler.VALUE_RAW;
        int schema = 0;
        AvroShredder shredder = null;
        if (RecordCursor.isPrefixed(bytes, from, length)) {
            schema = RecordCursor.schemaId(bytes, from);
            shredder = known.find(schema);
        }
        entries += at.leaves;
        if (shredder != null && shredders != null && entries <= MOST_VALUE_ENTRIES) {
            int value = from + RecordAssembler.PREFIX;
            int end = from + length;
            if (shredder.shred(bytes, value, end, columns)
                    && (!verify || shredder.verifyLast(bytes, value, end, columns, scratch))) {
                kind = RecordAssembler.VALUE_TYPED;
                entries += shredder.entriesOfLast();
            }
        }
        columns[at.valueKind].addWord(0, kind);
        if (shredder != null) {
            columns[at.schemaId].addWord(0, schema);
        } else {
            columns[at.schemaId].addNull(0, 0);
        }
        if (kind == RecordAssembler.VALUE_RAW) {
            columns[at.valueRaw].addBytes(0, bytes, from, length);
            raw++;
        } else {
            columns[at.valueRaw].addNull(0, 0);
        }
        if (kind == RecordAssembler.VALUE_TYPED) {
            typed++;
        } else {
            for (int i = at.firstValue; i < at.leaves; i++) {
                columns[i].addNull(0, 0);
            }
        }
    }

    private boolean addHeaders() {
        byte[] bytes = in.bytes();
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
        for (int i = 0; i < count; i++) {
            int level = i == 0 ? 0 : 1;
            int keyLength = in.readVarint();
            if (keyLength < 0) {
                return false;
            }
            int key = in.skip(keyLength);
            if (!Utf8.valid(bytes, key, key + keyLength)) {
                return false; // engines refuse such a string, so the batch stays whole
            }
            keys.addBytes(level, bytes, key, keyLength);
            int valueLength = in.readVarint();
            if (valueLength < 0) {
                values.addNull(level, 1);
            } else {
                values.addBytes(level, bytes, in.skip(valueLength), valueLength);
            }
        }
        return true;
    }

    /// Entries in all columns that the batch added last has, about.
    long entriesOfLast() {
        return entries;
    }

    long typedValues() {
        return typed;
    }

    long rawValues() {
        return raw;
    }
}
