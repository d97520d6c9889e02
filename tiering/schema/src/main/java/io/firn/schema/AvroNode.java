package io.firn.schema;

import io.firn.schema.ColumnLayout.Place;

/// One step of the way between Avro bytes and columns, compiled for one schema and one layout. A
/// node handles the leaves `[first, end)`; each call moves all of them by the same part of a value.
abstract class AvroNode {
    static final int MOST_IN_SIZED_BLOCK = 100;

    final int first;
    final int end;
    final int parentDefinition;
    final int presentDefinition;

    AvroNode(Place place) {
        this.first = place.firstLeaf();
        this.end = place.endLeaf();
        this.parentDefinition = place.parentDefinition();
        this.presentDefinition = place.presentDefinition();
    }

    /// Reads one value and adds its entries; the first of each leaf gets repetition level `rep`.
    abstract void shred(AvroInput in, ColumnBuffer[] columns, int rep);

    /// Writes the value at the cursors and moves them past it.
    ///
    /// @param sizedBlocks whether arrays and maps are written in {@link AvroForm#SIZED_BLOCKS}
    abstract void encode(ColumnBuffer[] columns, ByteSink out, boolean sizedBlocks);

    /// Adds one entry per leaf that says: nothing here, defined up to the parent.
    final void absent(ColumnBuffer[] columns, int rep) {
        addNulls(columns, first, end, rep, parentDefinition);
    }

    /// What was read has no place in the column: its cell stays empty, its neighbours do not (C19).
    final void misfit(AvroInput in, ColumnBuffer[] columns, int rep) {
        in.misfit();
        absent(columns, rep);
    }

    final boolean isPresent(ColumnBuffer[] columns) {
        return columns[first].definition() >= presentDefinition;
    }

    final void skip(ColumnBuffer[] columns) {
        skip(columns, first, end);
    }

    static void addNulls(ColumnBuffer[] columns, int first, int end, int rep, int def) {
        for (int i = first; i < end; i++) {
            columns[i].addNull(rep, def);
        }
    }

    static void skip(ColumnBuffer[] columns, int first, int end) {
        for (int i = first; i < end; i++) {
            columns[i].next();
        }
    }
}
