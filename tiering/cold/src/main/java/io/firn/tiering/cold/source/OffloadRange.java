package io.firn.tiering.cold.source;

import java.time.Instant;

/// Closed, immutable part of a hot log: `[start, end)`, ending where a segment ends.
///
/// @param bytes size of its batches as they lie in the log
/// @param maxTimestamp largest record timestamp in milliseconds, -1 when there is none
/// @param oldestAppend when its first record was appended, for the freshness figure
public record OffloadRange(
        long start, long end, long bytes, long maxTimestamp, Instant oldestAppend) {
    public OffloadRange {
        if (start < 0 || end < start) {
            throw new IllegalArgumentException(
                    "Offload range [%d, %d) must satisfy 0 <= start <= end".formatted(start, end));
        }
    }
}
