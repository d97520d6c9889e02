package io.firn.schema;

/// How a value's bytes follow from its columns (FORMAT §3).
public enum AvroForm {
    /// As Avro's own encoders write: each array and map in one block, without its size.
    PLAIN,

    /// As Go's hamba/avro writes: arrays and maps in blocks of at most 100 items, each with its
    /// size in bytes.
    SIZED_BLOCKS,

    /// Other bytes: the columns show the value, but do not give them back.
    OTHER
}
