package io.firn.tiering.table.row;

import io.firn.schema.AvroForm;
import io.firn.schema.ByteSink;
import io.firn.schema.ColumnBuffer;
import io.firn.tiering.table.batch.BatchHeader;
import io.firn.tiering.table.column.TableColumns;
import io.firn.tiering.table.file.CorruptFileException;

/// Puts a batch's records section together again from the rows at the columns' cursors. The
/// writer's check and the cold read both run this code.
public final class RecordAssembler {
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
    public void assemble(BatchHeader header, ByteSink out) {
        long baseOffset = header.baseOffset();
        long baseTimestamp = header.baseTimestamp();
        int count = header.count();
        for (int i = 0; i < count; i++) {
            record.clear();
            record.put(0); // attributes
            record.putVarlong(millis() - baseTimestamp);
            record.putVarlong(columns[at.offset].word() - baseOffset);
            putBytes(columns[at.key]);
            putValue();
            putHeaders();
            advance();
            out.putVarlong(record.size());
            out.put(record.bytes(), 0, record.size());
        }
    }

    /// Moves the cursors past rows whose batch is whole beside them.
    ///
    /// @param most the row group may end before
    public void skip(int most) {
        ColumnBuffer offsets = columns[at.offset];
        for (int i = 0; i < most && !offsets.atEnd(); i++) {
            for (ColumnBuffer column : columns) {
                column.nextRow();
            }
        }
    }

    /// The record's own timestamp.
    private long millis() {
        ColumnBuffer exact = columns[at.timestampMs];
        if (exact.present()) {
            return exact.word();
        }
        ColumnBuffer created = columns[at.createTime];
        return (created.present() ? created : columns[at.timestamp]).word() / 1000;
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
        switch (ValueKind.of(columns[at.valueKind].word())) {
            case NULL -> {
                record.putVarlong(-1);
                skipValue();
            }
            case RAW, TYPED_AND_RAW -> {
                putBytes(columns[at.valueRaw]);
                skipValue();
            }
            case TYPED -> putTyped(AvroForm.PLAIN);
            case TYPED_SIZED -> putTyped(AvroForm.SIZED_BLOCKS);
            case IN_BATCH ->
                    throw new CorruptFileException(
                            "Cannot rebuild the record at offset %d: its value is in its batch only, and that is not in the file"
                                    .formatted(columns[at.offset].word()));
        }
    }

    private void putTyped(AvroForm form) {
        int schemaId = (int) columns[at.schemaId].word();
        value.clear();
        value.put(0);
        value.putIntBigEndian(schemaId);
        shredders.require(schemaId).encode(columns, value, form);
        record.putVarlong(value.size());
        record.put(value.bytes(), 0, value.size());
    }

    private void skipValue() {
        for (int i = at.firstValue; i < at.leaves; i++) {
            columns[i].nextRow();
        }
    }

    private void putHeaders() {
        ColumnBuffer keys = columns[at.headerKey];
        ColumnBuffer values = columns[at.headerValue];
        ColumnBuffer asTheyCame = columns[at.headersRaw];
        if (asTheyCame.present()) {
            int from = asTheyCame.from();
            record.put(asTheyCame.data(), from, asTheyCame.to() - from);
            keys.nextRow();
            values.nextRow();
            return;
        }
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
