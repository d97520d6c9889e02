package io.firn.tiering.table;

import io.firn.schema.ByteSink;
import io.firn.schema.ColumnBuffer;

/// Puts a batch's records section together again from the rows at the columns' cursors. The
/// writer's check and the cold read both run this code.
final class RecordAssembler {
    static final int VALUE_NULL = 0;
    static final int VALUE_TYPED = 1;
    static final int VALUE_RAW = 2;
    /// Magic byte and schema id before an Avro value.
    static final int PREFIX = 5;

    private final TableColumns at;
    private final ColumnBuffer[] columns;
    private final ValueShredders shredders;
    private final ByteSink record = new ByteSink(4 << 10);
    private final ByteSink value = new ByteSink(4 << 10);

    RecordAssembler(TableColumns at, ColumnBuffer[] columns, ValueShredders shredders) {
        this.at = at;
        this.columns = columns;
        this.shredders = shredders;
    }

    /// Appends as many records as the header counts, and moves the cursors past their rows.
    void assemble(BatchHeader header, ByteSink out) {
        long baseOffset = header.baseOffset();
        long baseTimestamp = header.baseTimestamp();
        int count = header.count();
        for (int i = 0; i < count; i++) {
            record.clear();
            record.put(0); // attributes
            ColumnBuffer created = columns[at.createTime];
            long micros = created.present() ? created.word() : columns[at.timestamp].word();
            record.putVarlong(micros / 1000 - baseTimestamp);
            record.putVarlong(columns[at.offset].word() - baseOffset);
            putBytes(columns[at.key]);
            putValue();
            putHeaders();
            advance();
            out.putVarlong(record.size());
            out.put(record.bytes(), 0, record.size());
        }
    }

    private void putBytes(ColumnBuffer column) {
        if (column.present()) {
            int from = column.from();
            int length = column.to() - from;
            record.putVarlong(length);
            record.put(column.data(), from, length);
        } else {
            record.putVarlong(-1);
        }
    }

    private void putValue() {
        int kind = (int) columns[at.valueKind].word();
        switch (kind) {
            case VALUE_NULL -> record.putVarlong(-1);
            case VALUE_RAW -> putBytes(columns[at.valueRaw]);
            case VALUE_TYPED -> {
                int schemaId = (int) columns[at.schemaId].word();
                value.clear();
                value.put(0);
                value.putIntBigEndian(schemaId);
                shredders.require(schemaId).encode(columns, value);
                record.putVarlong(value.size());
                record.put(value.bytes(), 0, value.size());
                return;
            }
            default ->
                    throw new CorruptFileException(
                            "Cannot rebuild a record: value kind %d is unknown. Use a newer Firn."
                                    .formatted(kind));
        }
        for (int i = at.firstValue; i < at.leaves; i++) {
            columns[i].next();
        }
    }

    private void putHeaders() {
        ColumnBuffer keys = columns[at.headerKey];
        ColumnBuffer values = columns[at.headerValue];
        if (!keys.present()) {
            record.putVarlong(0);
            keys.next();
            values.next();
            return;
        }
        int count = keys.itemsAt(1);
        record.putVarlong(count);
        for (int i = 0; i < count; i++) {
            putBytes(keys);
            putBytes(values);
            keys.next();
            values.next();
        }
    }

    private void advance() {
        for (int i = 0; i < at.headerKey; i++) {
            columns[i].next();
        }
        for (int i = at.headerValue + 1; i < at.firstValue; i++) {
            columns[i].next();
        }
    }
}
