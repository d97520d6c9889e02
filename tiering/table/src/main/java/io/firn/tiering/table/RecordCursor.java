package io.firn.tiering.table;

import io.firn.schema.ByteSink;

/// Reads the fields of records one after the other. A length that points past the records is an
/// `IndexOutOfBoundsException`. Of one thread.
final class RecordCursor {
    private byte[] bytes = {};
    private int position;
    private int limit;

    /// Goes to the beginning of these records, which must not change meanwhile.
    void on(ByteSink records) {
        bytes = records.bytes();
        position = 0;
        limit = records.size();
    }

    byte[] bytes() {
        return bytes;
    }

    int position() {
        return position;
    }

    int remaining() {
        return limit - position;
    }

    /// Passes over so many bytes; returns where they begin.
    int take(int length) {
        if (length < 0 || length > limit - position) {
            throw new IndexOutOfBoundsException();
        }
        int from = position;
        position += length;
        return from;
    }

    int varint() {
        long value = varlong();
        if (value != (int) value) {
            throw new IndexOutOfBoundsException();
        }
        return (int) value;
    }

    long varlong() {
        long value = 0;
        for (int shift = 0; shift < 70; shift += 7) {
            if (position >= limit) {
                throw new IndexOutOfBoundsException();
            }
            int b = bytes[position++];
            value |= (long) (b & 0x7f) << shift;
            if (b >= 0) {
                return (value >>> 1) ^ -(value & 1);
            }
        }
        throw new IndexOutOfBoundsException();
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
