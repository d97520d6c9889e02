package io.firn.tiering.table;

import io.firn.schema.ByteCursor;
import io.firn.schema.ByteSink;

/// Reads the fields of records one after the other. A length that points past the records is an
/// `IndexOutOfBoundsException`. Of one thread.
final class RecordCursor extends ByteCursor {
    /// Goes to the beginning of these records, which must not change meanwhile.
    void on(ByteSink records) {
        begin(records.bytes(), 0, records.size());
    }

    @Override
    protected RuntimeException malformed() {
        return new IndexOutOfBoundsException();
    }

    int readVarint() {
        long value = readVarlong();
        if (value != (int) value) {
            throw malformed();
        }
        return (int) value;
    }

    /// Whether a value begins with Confluent's prefix: a zero byte and the id of a schema.
    static boolean isPrefixed(byte[] bytes, int from, int length) {
        return length >= RecordAssembler.PREFIX && bytes[from] == 0;
    }

    /// The id in such a prefix.
    static int schemaId(byte[] bytes, int from) {
        return (bytes[from + 1] & 0xff) << 24
                | (bytes[from + 2] & 0xff) << 16
                | (bytes[from + 3] & 0xff) << 8
                | bytes[from + 4] & 0xff;
    }
}
