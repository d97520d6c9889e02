package io.firn.tiering.table.row;

import io.firn.tiering.table.file.CorruptFileException;

/// Where a record's value lies in its row: `_kafka_value_kind` (FORMAT §3, §5.1). The number of
/// each is its place here.
public enum ValueKind {
    /// Nowhere: a tombstone.
    NULL,

    /// In typed columns, which give its bytes back.
    TYPED,

    /// In `_kafka_value_raw`: it does not decode, or the layout has no typed values.
    RAW,

    /// In the batch's bytes only, since it is larger than a cell may be.
    IN_BATCH,

    /// In typed columns, and in `_kafka_value_raw` because those do not give its bytes back.
    TYPED_AND_RAW,

    /// In typed columns, which give its bytes back when arrays and maps are written in sized
    /// blocks.
    TYPED_SIZED;

    private static final ValueKind[] ALL = values();

    /// @throws CorruptFileException for a number that this Firn does not know
    public static ValueKind of(long number) {
        if (number < 0 || number >= ALL.length) {
            throw new CorruptFileException(
                    "Cannot rebuild a record: value kind %d is unknown. Use a newer Firn."
                            .formatted(number));
        }
        return ALL[(int) number];
    }
}
