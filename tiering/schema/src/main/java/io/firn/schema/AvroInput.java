package io.firn.schema;

/// Reads Avro's binary encoding from a range of an array. Anything that cannot be is refused with
/// {@link Malformed}. Remembers which forms ({@link AvroForm}) the bytes may still be of, as far as
/// can be told without writing them again.
final class AvroInput extends ByteCursor {
    /// The bytes are not a value of the schema, or one that columns cannot hold. Carries no trace:
    /// it is an answer.
    static final class Malformed extends RuntimeException {
        static final Malformed VALUE = new Malformed("not a value of its schema");

        /// A value all right, but of more column entries than anyone should pay for.
        static final Malformed TOO_MANY = new Malformed("too many column entries");

        private Malformed(String message) {
            super(message, null, false, false);
        }
    }

    private static final int MAX_ENTRIES = 4_000_000;
    private int entriesLeft;
    private boolean plain;
    private boolean sizedBlocks;
    private int misfits;

    void reset(byte[] source, int from, int to) {
        begin(source, from, to);
        entriesLeft = MAX_ENTRIES;
        plain = true;
        sizedBlocks = true;
        misfits = 0;
    }

    /// What the bytes may be, judged by what was read so far.
    AvroForm form() {
        return plain ? AvroForm.PLAIN : sizedBlocks ? AvroForm.SIZED_BLOCKS : AvroForm.OTHER;
    }

    /// A block of an array or map was read.
    ///
    /// @param before count of the block before it, -1 for the first one
    /// @param size as its header says, -1 for none
    /// @param bytes that its items took
    void block(long before, long count, long size, int bytes) {
        plain &= size < 0 && before < 0;
        sizedBlocks &=
                (size < 0 ? bytes == 0 : bytes > 0 && bytes == size)
                        && count <= AvroNode.MOST_IN_SIZED_BLOCK
                        && (before < 0 || before == AvroNode.MOST_IN_SIZED_BLOCK);
    }

    /// No form gives these bytes back.
    void inexact() {
        plain = false;
        sizedBlocks = false;
    }

    /// Something of the value does not fit its column, whose cell shows nothing or something near.
    void misfit() {
        inexact();
        misfits++;
    }

    int misfits() {
        return misfits;
    }

    /// Pays for column entries. A value of few bytes must not become entries without end: a null of
    /// a wide record in a list costs one byte and an entry in each of its leaves.
    void charge(int entries) {
        entriesLeft -= entries;
        if (entriesLeft < 0) {
            throw Malformed.TOO_MANY;
        }
    }

    /// What was paid for since the last reset.
    int charged() {
        return MAX_ENTRIES - entriesLeft;
    }

    /// Goes back to `position`, and takes back what was paid for since `charged` was so much.
    void back(int position, int charged) {
        seek(position);
        entriesLeft = MAX_ENTRIES - charged;
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
