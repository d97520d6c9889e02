package io.firn.tiering.table.row;

import io.firn.schema.ByteSink;

/// The entries of a `_kafka_batch` value: `[u32: kind (2 bits) | length (30 bits)] [bytes]`
/// (FORMAT.md §5.2).
public final class BatchEntries {
    public static final int HEADER = 0;
    public static final int OPAQUE = 1;
    public static final int FULL = 2; // in raw and compact for a batch that its rows do not rebuild
    public static final int TRAILER = 3;
    public static final int PREFIX = 4;
    private static final int LENGTH_BITS = 30;

    private BatchEntries() {}

    public static void put(ByteSink out, int kind, byte[] bytes, int from, int length) {
        if (length >>> LENGTH_BITS != 0) {
            throw new IllegalArgumentException(
                    "Cannot keep a batch of %d bytes whole: an entry holds less than 1 GiB"
                            .formatted(length));
        }
        out.putIntBigEndian(kind << LENGTH_BITS | length);
        out.put(bytes, from, length);
    }

    public static int kind(byte[] bytes, int at) {
        return word(bytes, at) >>> LENGTH_BITS;
    }

    public static int length(byte[] bytes, int at) {
        return word(bytes, at) & ((1 << LENGTH_BITS) - 1);
    }

    /// Makes each entry a trailer: the batches come after the rows, not before them.
    public static void makeTrailers(ByteSink entries) {
        byte[] bytes = entries.bytes();
        for (int at = 0; at < entries.size(); at += PREFIX + length(bytes, at)) {
            bytes[at] |= (byte) (TRAILER << 6);
        }
    }

    private static int word(byte[] b, int at) {
        return (b[at] & 0xff) << 24
                | (b[at + 1] & 0xff) << 16
                | (b[at + 2] & 0xff) << 8
                | b[at + 3] & 0xff;
    }
}
