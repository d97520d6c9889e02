package io.firn.tiering.table.row;

import io.firn.schema.ColumnBuffer;
import io.firn.tiering.table.column.SchemaLookup;
import io.firn.tiering.table.column.TableColumns;
import io.firn.tiering.table.file.SeekIndex;

import org.jspecify.annotations.Nullable;

/// Columns for the row groups of one table schema, and what makes records of them.
public final class Shape {
    private static final int RECORD_HEAD = 16; // lengths, offset, timestamp

    private final String tableSchemaJson;
    private final String mappingJson;
    public final TableColumns at;
    public final ColumnBuffer[] columns;
    public final RecordAssembler assembler;

    Shape(SeekIndex index, SchemaLookup schemas) {
        this.tableSchemaJson = index.tableSchemaJson();
        this.mappingJson = index.mappingJson();
        this.at = new TableColumns(tableSchemaJson);
        this.columns = at.layout.buffers();
        this.assembler =
                new RecordAssembler(at, columns, new ValueShredders(at, mappingJson, schemas));
    }

    /// This one where it fits the index, else a new one.
    public static Shape of(SeekIndex index, SchemaLookup schemas, @Nullable Shape before) {
        return before != null
                        && before.tableSchemaJson.equals(index.tableSchemaJson())
                        && before.mappingJson.equals(index.mappingJson())
                ? before
                : new Shape(index, schemas);
    }

    /// One entry a row; its cursor says which row is next.
    public ColumnBuffer offsets() {
        return columns[at.offset];
    }

    /// Headers and whole batches, at the rows where they begin.
    public ColumnBuffer cells() {
        return columns[at.batch];
    }

    /// What the batches will take, about: numbers that are not part of a value go into a few bytes
    /// of a record's head.
    public long expectedBytes() {
        long bytes = (long) offsets().entries() * RECORD_HEAD;
        for (int i = 0; i < columns.length; i++) {
            if (columns[i].ofBytes() || i >= at.firstValue) {
                bytes += columns[i].valueBytes();
            }
        }
        return bytes;
    }

    public long keptBytes() {
        long bytes = 0;
        for (ColumnBuffer column : columns) {
            bytes += column.keptBytes();
        }
        return bytes;
    }
}
