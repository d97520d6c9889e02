package io.firn.tiering.table.batch;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.zip.CRC32C;

/// The 61 bytes that a record batch of magic 2 begins with, read where they lie.
public final class BatchHeader {
    public static final int LENGTH = 61;
    static final int LOG_OVERHEAD = 12;
    private static final int LEAST = LOG_OVERHEAD + 14; // of any magic
    private static final int AT_LENGTH = 8;
    private static final int AT_EPOCH = 12;
    private static final int AT_MAGIC = 16;
    private static final int AT_CRC = 17;
    private static final int AT_ATTRIBUTES = 21;
    private static final int AT_LAST_OFFSET_DELTA = 23;
    private static final int AT_BASE_TIMESTAMP = 27;
    private static final int AT_MAX_TIMESTAMP = 35;
    private static final int AT_PRODUCER_ID = 43;
    private static final int AT_COUNT = 57;
    private static final int CODEC_MASK = 0x07;
    private static final int LOG_APPEND_TIME = 0x08;
    private static final int TRANSACTIONAL = 0x10;
    private static final int CONTROL = 0x20;
    private static final VarHandle INT =
            MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);
    private static final VarHandle LONG =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

    private byte[] bytes = {};
    private int at;

    /// Reads the batch that begins at `position` of `source`.
    public BatchHeader on(byte[] source, int position) {
        bytes = source;
        at = position;
        return this;
    }

    byte[] bytes() {
        return bytes;
    }

    public int position() {
        return at;
    }

    public long baseOffset() {
        return (long) LONG.get(bytes, at);
    }

    /// Size of the whole batch in bytes.
    public int size() {
        return (int) INT.get(bytes, at + AT_LENGTH) + LOG_OVERHEAD;
    }

    /// Whether the batch lies in the `available` bytes from its position on, as far as its size
    /// says; nothing else of one that does not may be asked for.
    public boolean isWhole(int available) {
        return available >= LEAST && size() >= LEAST && size() <= available;
    }

    public int leaderEpoch() {
        return (int) INT.get(bytes, at + AT_EPOCH);
    }

    public int magic() {
        return bytes[at + AT_MAGIC];
    }

    public int crc() {
        return (int) INT.get(bytes, at + AT_CRC);
    }

    public int codec() {
        return bytes[at + AT_ATTRIBUTES + 1] & CODEC_MASK;
    }

    public boolean logAppendTime() {
        return (bytes[at + AT_ATTRIBUTES + 1] & LOG_APPEND_TIME) != 0;
    }

    public boolean transactional() {
        return (bytes[at + AT_ATTRIBUTES + 1] & TRANSACTIONAL) != 0;
    }

    public boolean control() {
        return (bytes[at + AT_ATTRIBUTES + 1] & CONTROL) != 0;
    }

    /// Last offset; for magic 0 and 1 the outer offset is the last one already.
    public long lastOffset() {
        return magic() < 2
                ? baseOffset()
                : baseOffset() + (int) INT.get(bytes, at + AT_LAST_OFFSET_DELTA);
    }

    public int lastOffsetDelta() {
        return (int) INT.get(bytes, at + AT_LAST_OFFSET_DELTA);
    }

    public long baseTimestamp() {
        return (long) LONG.get(bytes, at + AT_BASE_TIMESTAMP);
    }

    public long maxTimestamp() {
        return magic() < 2 ? -1 : (long) LONG.get(bytes, at + AT_MAX_TIMESTAMP);
    }

    public long producerId() {
        return (long) LONG.get(bytes, at + AT_PRODUCER_ID);
    }

    public int count() {
        return (int) INT.get(bytes, at + AT_COUNT);
    }

    public int computedCrc() {
        return crcOf(bytes, at, size());
    }

    private static int crcOf(byte[] batch, int at, int size) {
        CRC32C crc = new CRC32C();
        crc.update(batch, at + AT_ATTRIBUTES, size - AT_ATTRIBUTES);
        return (int) crc.getValue();
    }

    /// Sets codec, length and CRC of a batch whose records were written anew behind its header.
    public static int seal(byte[] batch, int at, int size, int codec) {
        batch[at + AT_ATTRIBUTES + 1] =
                (byte) (batch[at + AT_ATTRIBUTES + 1] & ~CODEC_MASK | codec);
        INT.set(batch, at + AT_LENGTH, size - LOG_OVERHEAD);
        int crc = crcOf(batch, at, size);
        INT.set(batch, at + AT_CRC, crc);
        return crc;
    }

    /// Blanks what differs between copies of the same content: length, CRC and codec.
    public static void normalize(byte[] header) {
        INT.set(header, AT_LENGTH, 0);
        INT.set(header, AT_CRC, 0);
        header[AT_ATTRIBUTES + 1] &= ~CODEC_MASK;
    }
}
