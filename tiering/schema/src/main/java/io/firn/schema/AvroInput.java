package io.firn.schema;

/// Reads Avro's binary encoding from a range of an array. Anything that cannot be is refused with
/// {@link Malformed}.
final class AvroInput extends ByteCursor {
    /// The bytes are not a value of the schema, or one that columns cannot hold. Carries no trace:
    /// it is an answer.
    static final class Malformed extends RuntimeException {
        static final Malformed VALUE = new Malformed();

        private Malformed() {
            super("not an exact value of its schema", null, false, false);
        }
    }

    private static final int MAX_ENTRIES = 4_000_000;
    private int entriesLeft;

    void reset(byte[] source, int from, int to) {
        begin(source, from, to);
        entriesLeft = MAX_ENTRIES;
    }

    /// Pays for column entries. A value of few bytes must not become entries without end: a null of
    /// a wide record in a list costs one byte and an entry in each of its leaves.
    void charge(int entries) {
        entriesLeft -= entries;
        if (entriesLeft < 0) {
            throw Malformed.VALUE;
        }
    }

    /// What was paid for since the last reset.
    int charged() {
        return MAX_ENTRIES - entriesLeft;
    }

    @Override
    protected RuntimeException malformed() {
        return Malformed.VALUE;
    }

    /// A length or count: never negative, and never more than there are bytes left.
    int readCount() {
        long count = readVarlong();
        if (count < 0 || count > remaining()) {
            throw Malformed.VALUE;
        }
        return (int) count;
    }

    long readLittleEndian(int width) {
        int from = skip(width);
        long value = 0;
        for (int i = 0; i < width; i++) {
            value |= (bytes()[from + i] & 0xffL) << (8 * i);
        }
        return value;
    }
}
