package io.firn.protocol;

import org.apache.kafka.common.errors.InvalidRequestException;
import org.apache.kafka.common.protocol.ByteBufferAccessor;

import java.nio.ByteBuffer;

/// A request's bytes, of which no more than a number of values may be read (G7): a frame of 100 MiB
/// could otherwise ask for 100 million topics of one byte, and each of them becomes objects many
/// times as large. Records are one value, whatever their size.
final class BoundedReadable extends ByteBufferAccessor {
    /// A request for 100,000 partitions has 900,000.
    static final int MAX_VALUES = 2_000_000;

    private int left = MAX_VALUES;

    BoundedReadable(ByteBuffer buffer) {
        super(buffer);
    }

    private void count() {
        if (--left < 0) {
            throw new InvalidRequestException(
                    "The request holds more than %d values; ask for less at a time"
                            .formatted(MAX_VALUES));
        }
    }

    /// An array is never longer than this: what is left of the bytes, or of the values.
    @Override
    public int remaining() {
        return Math.min(super.remaining(), left);
    }

    @Override
    public byte readByte() {
        count();
        return super.readByte();
    }

    @Override
    public short readShort() {
        count();
        return super.readShort();
    }

    @Override
    public int readInt() {
        count();
        return super.readInt();
    }

    @Override
    public long readLong() {
        count();
        return super.readLong();
    }

    @Override
    public double readDouble() {
        count();
        return super.readDouble();
    }

    @Override
    public byte[] readArray(int length) {
        count();
        return super.readArray(length);
    }

    @Override
    public ByteBuffer readByteBuffer(int length) {
        count();
        return super.readByteBuffer(length);
    }

    @Override
    public int readUnsignedVarint() {
        count();
        return super.readUnsignedVarint();
    }

    @Override
    public int readVarint() {
        count();
        return super.readVarint();
    }

    @Override
    public long readVarlong() {
        count();
        return super.readVarlong();
    }
}
