package io.firn.tiering.table;

import java.nio.ByteBuffer;

/// SHA-256 over the content of record batches in offset order, the same for hot and cold copies:
// the batch header without
/// length, CRC and codec, then the records uncompressed (C1, C15).
public final class ContentDigest {
    /// Adds one or more whole batches.
    public void update(ByteBuffer batches) {
        throw new UnsupportedOperationException("Cannot digest yet");
    }

    /// The digest; starts over.
    public byte[] digest() {
        throw new UnsupportedOperationException("Cannot digest yet");
    }
}
