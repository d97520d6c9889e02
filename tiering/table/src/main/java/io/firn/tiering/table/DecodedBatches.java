package io.firn.tiering.table;

import java.nio.ByteBuffer;
import java.util.List;

/// Rebuilt record batches, back to back in offset order.
///
/// @param bytes all batches; ready for `MemoryRecords.readableRecords`
public record DecodedBatches(ByteBuffer bytes, List<Batch> batches) {
    /// Where one batch lies in `bytes`.
    public record Batch(
            int position, int size, long baseOffset, long lastOffset, long maxTimestamp) {}

    /// The batches from the one that contains `offset` (or the first after it) on, whole, at most
    /// `maxBytes` but always one when there is any.
    public ByteBuffer from(long offset, int maxBytes) {
        int begin = -1;
        int end = -1;
        for (Batch b : batches) {
            if (b.lastOffset() < offset) {
                continue;
            }
            if (begin < 0) {
                begin = b.position();
            } else if (b.position() + b.size() - begin > maxBytes) {
                break;
            }
            end = b.position() + b.size();
        }
        return begin < 0 ? bytes.slice(bytes.limit(), 0) : bytes.slice(begin, end - begin);
    }
}
