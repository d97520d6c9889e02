package io.firn.catalog.client;

import org.jspecify.annotations.Nullable;

import java.time.Instant;
import java.util.UUID;

/// A range of one partition on its way to the table: `[start, end)` as the log handed it over.
///
/// @param segmentUuid id of this attempt; a retry with other bytes takes a new one
/// @param leaderEpoch epoch of the leader that offloads; the commit compares it with the fence (C2)
/// @param layout `raw`, `compact`, ...
/// @param contentDigest digest over the records, for C4 and verify
/// @param abortIndexJson aborted transactions of the range, or null
/// @param epochLineageJson leader epochs and their start offsets within the range, or null
/// @param producerSnapshot producer state at `end`; empty when there is none
/// @param maxTimestamp largest record timestamp, -1 when unknown
/// @param deadline after it the attempt may not commit any more (C6)
public record SegmentRow(
        UUID segmentUuid,
        UUID topicId,
        int partition,
        long start,
        long end,
        int leaderEpoch,
        String layout,
        byte[] contentDigest,
        @Nullable String abortIndexJson,
        @Nullable String epochLineageJson,
        byte[] producerSnapshot,
        long maxTimestamp,
        Instant deadline) {
    public SegmentRow {
        if (start < 0 || end <= start) {
            throw new IllegalArgumentException(
                    "Segment %s of %s-%d has range [%d, %d); it must satisfy 0 <= start < end"
                            .formatted(segmentUuid, topicId, partition, start, end));
        }
    }
}
