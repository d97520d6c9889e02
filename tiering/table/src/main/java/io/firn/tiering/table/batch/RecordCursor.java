package io.firn.tiering.table.batch;

import io.firn.schema.ByteCursor;
import io.firn.schema.ByteSink;

/// Reads the fields of records one after the other. A length that points past the records is an
/// `IndexOutOfBoundsException`. Of one thread.
public final class RecordCursor extends ByteCursor {
    /// Length of the zero byte and the schema id before an Avro value.
    public static final int PREFIX = 5;

    /// Goes to the beginning of these records, which must not change meanwhile.
    public void on(ByteSink records) {
        begin(records.bytes(), 0, records.size());
    }

    @Override
    protected RuntimeException malformed() {
        return new IndexOutOfBoundsException();
    }

    public int readVarint() {
        long value = readVarlong();
        if (value != (int) value) {
            throw malformed();
        }
        return (int) value;
    }

    /// Whether a value begins with Confluent's prefix: a zero byte and the id of a schema.
    public static boolean isPrefixed(byte[] bytes, int from, int length) {
        return length >= PREFIX && bytes[from] == 0;
    }

    /// The id in such a prefix.
    public static int schemaId(byte[] bytes, int from) {
        return (bytes[from + 1] & 0xff) << 24
                | (bytes[from + 2] & 0xff) << 16
                | (bytes[from + 3] & 0xff) << 8
                | bytes[from + 4] & 0xff;
    }
}
