package io.firn.schema;

import java.util.ArrayList;
import java.util.List;

/// The leaf columns of a table in file order, with their levels, and the tree that leads to them.
public final class ColumnLayout {
    /// One leaf column.
    ///
    /// @param column the table's column; `column.id()` is its field id
    public record Leaf(Column column, Physical physical, int maxRepetition, int maxDefinition) {}

    /// A column's place: its leaves are `[firstLeaf, endLeaf)`.
    ///
    /// @param parentDefinition definition level of an entry whose parent is there and this column
    ///     is not
    /// @param presentDefinition definition level of an entry that reaches at least this column
    /// @param repetition repetition level of this column's own entries
    record Place(
            Column column,
            int firstLeaf,
            int endLeaf,
            int parentDefinition,
            int presentDefinition,
            int repetition,
            List<Place> children) {
        Place child(int id) {
            for (Place child : children) {
                if (child.column.id() == id) {
                    return child;
                }
            }
            throw new IllegalArgumentException(
                    "Cannot map a value: column %s has no field with id %d"
                            .formatted(column.name(), id));
        }
    }

    private final List<Leaf> leaves = new ArrayList<>();
    private final List<Place> places = new ArrayList<>();

    public ColumnLayout(List<Column> columns) {
        for (Column column : columns) {
            places.add(place(column, 0, 0));
        }
    }

    private Place place(Column column, int parentDefinition, int repetition) {
        int first = leaves.size();
        int present = parentDefinition + (column.required() ? 0 : 1);
        List<Place> children = new ArrayList<>();
        switch (column.type()) {
            case ColumnType.Struct struct -> {
                for (Column field : struct.fields()) {
                    children.add(place(field, present, repetition));
                }
            }
            case ColumnType.ListOf list ->
                    children.add(place(list.element(), present + 1, repetition + 1));
            case ColumnType.MapOf map -> {
                children.add(place(map.key(), present + 1, repetition + 1));
                children.add(place(map.value(), present + 1, repetition + 1));
            }
            case ColumnType.Plain plain ->
                    leaves.add(new Leaf(column, Physical.of(plain), repetition, present));
            case ColumnType.Fixed fixed ->
                    leaves.add(new Leaf(column, Physical.of(fixed), repetition, present));
            case ColumnType.Decimal decimal ->
                    leaves.add(new Leaf(column, Physical.of(decimal), repetition, present));
        }
        return new Place(
                column,
                first,
                leaves.size(),
                parentDefinition,
                present,
                repetition,
                List.copyOf(children));
    }

    public List<Leaf> leaves() {
        return leaves;
    }

    List<Place> places() {
        return places;
    }

    /// The first leaf of a top-level column, or -1.
    public int leafOf(String name) {
        for (Place place : places) {
            if (place.column().name().equals(name)) {
                return place.firstLeaf();
            }
        }
        return -1;
    }

    /// New empty buffers, one for each leaf.
    public ColumnBuffer[] buffers() {
        return leaves.stream().map(ColumnBuffer::new).toArray(ColumnBuffer[]::new);
    }
}
