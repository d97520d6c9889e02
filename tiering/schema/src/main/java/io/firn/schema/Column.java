package io.firn.schema;

/// A column of the table, or a field, element, key or value inside one.
///
/// @param id the table's field id
public record Column(int id, String name, ColumnType type, boolean required) {
    Column withType(ColumnType changed) {
        return new Column(id, name, changed, required);
    }
}
