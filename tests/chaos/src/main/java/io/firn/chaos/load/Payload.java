package io.firn.chaos.load;

import io.firn.chaos.check.Reading;

import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.jspecify.annotations.Nullable;

import java.nio.ByteBuffer;
import java.util.SplittableRandom;
import java.util.zip.CRC32C;

/// A record's content, all of which follows from its value: the number, filler that does not
/// compress, and a checksum.
final class Payload {
    private static final int FRAME = Long.BYTES + Integer.BYTES;
    static final String HEADER = "n";

    private Payload() {}

    /// @param bytes size of the whole value, at least 12
    static byte[] value(long value, int bytes) {
        byte[] out = new byte[Math.max(bytes, FRAME)];
        byte[] filler = new byte[out.length - FRAME];
        new SplittableRandom(value).nextBytes(filler);
        ByteBuffer.wrap(out).putLong(value).put(filler).putInt(crc(out));
        return out;
    }

    private static int crc(byte[] value) {
        CRC32C crc = new CRC32C();
        crc.update(value, 0, value.length - Integer.BYTES);
        return (int) crc.getValue();
    }

    /// Every third record has none.
    static byte @Nullable [] key(long value) {
        return value % 3 == 0
                ? null
                : ByteBuffer.allocate(Long.BYTES).putLong(Long.reverse(value)).array();
    }

    /// What a record says it is, or [Reading#NOT_OURS] when it is damaged.
    static long number(byte @Nullable [] value) {
        if (value == null || value.length < FRAME) {
            return Reading.NOT_OURS;
        }
        ByteBuffer in = ByteBuffer.wrap(value);
        return in.getInt(value.length - Integer.BYTES) == crc(value)
                ? in.getLong()
                : Reading.NOT_OURS;
    }

    /// Of all that a reader sees of a record but its place.
    static int hash(byte @Nullable [] key, byte[] value, long timestamp, byte @Nullable [] header) {
        CRC32C crc = new CRC32C();
        crc.update(ByteBuffer.allocate(16).putInt(key == null ? -1 : key.length).flip());
        if (key != null) {
            crc.update(key);
        }
        crc.update(value);
        crc.update(ByteBuffer.allocate(8).putLong(timestamp).flip());
        if (header != null) {
            crc.update(header);
        }
        return (int) crc.getValue();
    }

    static byte @Nullable [] header(Headers headers) {
        Header header = headers.lastHeader(HEADER);
        return header == null ? null : header.value();
    }
}
