package io.firn.schema;

import java.util.Arrays;

/// A growing byte array.
public final class ByteSink {
    private byte[] bytes;
    private int size;

    public ByteSink(int capacity) {
        this(new byte[capacity]);
    }

    /// Begins in this array, whatever is in it.
    public ByteSink(byte[] bytes) {
        this.bytes = bytes;
    }

    public byte[] bytes() {
        return bytes;
    }

    public int size() {
        return size;
    }

    public void clear() {
        size = 0;
    }

    /// Forgets what was written after the first `length` bytes.
    public void truncate(int length) {
        size = length;
    }

    /// Makes room for `more` bytes.
    public void ensure(int more) {
        if (bytes.length - size < more) {
            long wanted = Math.max((long) size + more, bytes.length * 2L);
            bytes = Arrays.copyOf(bytes, (int) Math.min(wanted, Integer.MAX_VALUE - 16));
        }
    }

    public void put(int value) {
        ensure(1);
        bytes[size++] = (byte) value;
    }

    public void put(byte[] source, int from, int length) {
        ensure(length);
        System.arraycopy(source, from, bytes, size, length);
        size += length;
    }

    /// Zigzag varint, as Avro and Kafka both write them.
    public void putVarlong(long value) {
        ensure(10);
        long rest = (value << 1) ^ (value >> 63);
        while ((rest & ~0x7FL) != 0) {
            bytes[size++] = (byte) (rest | 0x80);
            rest >>>= 7;
        }
        bytes[size++] = (byte) rest;
    }

    /// Inserts two zigzag varints before what was written from `at` on.
    public void insertVarlongs(int at, long first, long second) {
        int room = sizeOfVarlong(first) + sizeOfVarlong(second);
        int end = size + room;
        ensure(room);
        System.arraycopy(bytes, at, bytes, at + room, size - at);
        size = at;
        putVarlong(first);
        putVarlong(second);
        size = end;
    }

    public void putIntBigEndian(int value) {
        ensure(4);
        bytes[size] = (byte) (value >>> 24);
        bytes[size + 1] = (byte) (value >>> 16);
        bytes[size + 2] = (byte) (value >>> 8);
        bytes[size + 3] = (byte) value;
        size += 4;
    }

    public void putLittleEndian(long value, int width) {
        ensure(width);
        for (int i = 0; i < width; i++) {
            bytes[size++] = (byte) (value >>> (8 * i));
        }
    }

    /// Whether the written bytes from `at` on equal a range of another array.
    public boolean equals(int at, byte[] other, int from, int to) {
        return Arrays.equals(bytes, at, size, other, from, to);
    }

    /// Length of a zigzag varint.
    public static int sizeOfVarlong(long value) {
        long rest = (value << 1) ^ (value >> 63);
        return Math.max(1, (70 - Long.numberOfLeadingZeros(rest)) / 7);
    }
}
