package io.firn.schema;

import org.apache.avro.Schema;

import java.util.List;

/// What an Avro schema asks of columns. The planner makes columns from it, the shredder code; so
/// both always agree.
sealed interface AvroShape {
    /// How a scalar is written in Avro.
    enum Codec {
        BOOLEAN,
        INT,
        LONG,
        FLOAT,
        DOUBLE,
        BYTES,
        STRING,
        ENUM,
        FIXED,
        TIME_MILLIS,
        TIMESTAMP_MILLIS,
        DECIMAL_BYTES,
        DECIMAL_FIXED,
        UUID_STRING
    }

    /// Avro's null: no bytes, no column.
    record Nothing() implements AvroShape {}

    record Scalar(Codec codec, ColumnType type, Schema schema) implements AvroShape {}

    /// A union of null and one other branch.
    record Nullable(int nullBranch, int valueBranch, AvroShape value) implements AvroShape {}

    /// A union of several branches: a struct in which one field is set.
    record Branches(List<Part> branches) implements AvroShape {}

    record Struct(List<Part> fields) implements AvroShape {}

    record Items(AvroShape element) implements AvroShape {}

    record Entries(AvroShape value) implements AvroShape {}

    /// A subtree that columns cannot hold: its Avro bytes as they are.
    record Opaque(Schema schema) implements AvroShape {}

    /// A named child.
    ///
    /// @param step its part of the field path; unique among its siblings
    record Part(String name, String step, List<String> aliases, AvroShape shape, Schema schema) {}
}
