package io.firn.schema;

import java.util.List;

/// Type of a column: Iceberg's types, without Iceberg.
public sealed interface ColumnType {
    /// Scalar types without parameters.
    enum Plain implements ColumnType {
        BOOLEAN,
        INT,
        LONG,
        FLOAT,
        DOUBLE,
        DATE,
        /// Microseconds since midnight.
        TIME,
        /// Microseconds, no zone.
        TIMESTAMP,
        /// Microseconds, UTC.
        TIMESTAMPTZ,
        STRING,
        UUID,
        BINARY
    }

    record Fixed(int length) implements ColumnType {}

    record Decimal(int precision, int scale) implements ColumnType {}

    record Struct(List<Column> fields) implements ColumnType {}

    record ListOf(Column element) implements ColumnType {}

    record MapOf(Column key, Column value) implements ColumnType {}
}
