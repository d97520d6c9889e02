package io.firn.schema;

/// Reads a range of an array from its beginning to its end. What would lie behind the end, or
/// cannot be, is refused with an exception of the subclass's choice. Of one thread.
public abstract class ByteCursor {
    private byte[] bytes = {};
    private int position;
    private int limit;

    protected final void begin(byte[] source, int from, int to) {
        bytes = source;
        position = from;
        limit = to;
    }

    /// What to throw.
    protected abstract RuntimeException malformed();

    public final byte[] bytes() {
        return bytes;
    }

    public final int position() {
        return position;
    }

    /// Goes to a position between the beginning and the end.
    protected final void seek(int to) {
        position = to;
    }

    public final int remaining() {
        return limit - position;
    }

    public final int readByte() {
        if (position >= limit) {
            throw malformed();
        }
        return bytes[position++];
    }

    /// Zigzag varint, as Avro and Kafka both write them.
    public final long readVarlong() {
        long value = 0;
        for (int shift = 0; shift < 70; shift += 7) {
            int b = readByte();
            value |= (long) (b & 0x7f) << shift;
            if (b >= 0) {
                return (value >>> 1) ^ -(value & 1);
            }
        }
        throw malformed();
    }

    /// Steps over `length` bytes and answers where they began.
    public final int skip(int length) {
        if (length < 0 || length > remaining()) {
            throw malformed();
        }
        int from = position;
        position += length;
        return from;
    }
}
