package io.firn.tiering.table.batch;

import io.firn.schema.ByteSink;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/// SHA-256 over the content of record batches in offset order, the same for hot and cold copies:
/// the batch header without length, CRC and codec, then the records uncompressed (C1, C15). Not for
/// several threads.
public final class ContentDigest {
    private final MessageDigest sha;
    private final BatchRecords unpacker = new BatchRecords();
    private final BatchHeader header = new BatchHeader();
    private final ByteSink records = new ByteSink(64 << 10);
    private final byte[] normalized = new byte[BatchHeader.LENGTH];

    public ContentDigest() {
        try {
            sha = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Cannot digest batches: this JDK has no SHA-256", e);
        }
    }

    /// Adds one or more whole batches.
    public void update(ByteBuffer batches) {
        byte[] bytes = new byte[batches.remaining()];
        batches.duplicate().get(bytes);
        for (int at = 0; at < bytes.length; at += header.size()) {
            header.on(bytes, at);
            boolean unpacked =
                    header.magic() == 2
                            && unpacker.unpack(header, records) == BatchRecords.Unpacked.WHOLE;
            update(header, unpacked ? records : null);
        }
    }

    /// Adds one batch whose records were unpacked already; null when they cannot be, or are too
    /// large for that. Such a batch lies in the table as it lay in the log, so its bytes are
    /// digested.
    public void update(BatchHeader batch, @org.jspecify.annotations.Nullable ByteSink unpacked) {
        if (unpacked == null) {
            sha.update(batch.bytes(), batch.position(), batch.size());
            return;
        }
        System.arraycopy(batch.bytes(), batch.position(), normalized, 0, BatchHeader.LENGTH);
        BatchHeader.normalize(normalized);
        sha.update(normalized);
        sha.update(unpacked.bytes(), 0, unpacked.size());
    }

    /// The digest; starts over.
    public byte[] digest() {
        return sha.digest();
    }
}
