package io.firn.log.batch;

import java.nio.ByteBuffer;

/// Looks at what snappy data says of its own sizes before anything unpacks it: snappy-java
/// allocates what a chunk claims, up to 512 MiB, before it reads the chunk (G7).
final class SnappyFrames {
    /// Stream header of snappy-java: magic, version, compatible version. Other clients send one
    /// bare block.
    private static final long MAGIC = 0x82534e4150505900L;

    private static final int HEADER_BYTES = 16;

    private SnappyFrames() {}

    /// Whether each chunk lies within `data` and all of them claim to unpack to at most
    /// `mostUnpacked` bytes.
    static boolean hold(ByteBuffer data, long mostUnpacked) {
        int at = data.position();
        int end = data.limit();
        if (end - at < HEADER_BYTES || data.getLong(at) != MAGIC) {
            return claimed(data, at, end) <= mostUnpacked;
        }
        long unpacked = 0;
        while (end - at >= Integer.BYTES) {
            int size = data.getInt(at);
            if (size == (int) (MAGIC >>> 32)) { // streams may be joined
                at += HEADER_BYTES;
                continue;
            }
            at += Integer.BYTES;
            if (size < 0 || size > end - at) {
                return false;
            }
            unpacked += claimed(data, at, at + size);
            if (unpacked > mostUnpacked) {
                return false;
            }
            at += size;
        }
        return true;
    }

    /// The length that a block begins with, as a varint.
    private static long claimed(ByteBuffer data, int from, int end) {
        long value = 0;
        for (int i = 0; i < 5 && from + i < end; i++) {
            byte next = data.get(from + i);
            value |= (long) (next & 0x7f) << (7 * i);
            if (next >= 0) {
                break;
            }
        }
        return value;
    }
}
