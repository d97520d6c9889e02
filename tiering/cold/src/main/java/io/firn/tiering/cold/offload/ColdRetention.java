package io.firn.tiering.cold.offload;

import io.firn.catalog.client.ColdExtent;
import io.firn.catalog.client.ColdSegment;
import io.firn.catalog.client.ColdState;
import io.firn.tiering.cold.source.OffloadPolicy;

/// Retention over both tiers, counted by whole cold segments. Bytes of a range that is cold count
/// as they lie in the store, the others as they lie in the log: none twice (C4, KAFKA-17062).
final class ColdRetention {
    private ColdRetention() {}

    /// The log start that the policy asks for; never beyond what is committed.
    ///
    /// @param hotBytes bytes of the local log at and above the cold end
    static long logStart(ColdState state, OffloadPolicy policy, long nowMillis, long hotBytes) {
        long start = state.logStart();
        long bytes = hotBytes + state.segments().stream().mapToLong(ColdRetention::bytes).sum();
        for (ColdSegment segment : state.segments()) {
            boolean old =
                    policy.retentionMillis() >= 0
                            && newest(segment) < nowMillis - policy.retentionMillis();
            boolean tooMuch =
                    policy.retentionBytes() >= 0
                            && bytes - bytes(segment) >= policy.retentionBytes();
            if (!old && !tooMuch) {
                break;
            }
            bytes -= bytes(segment);
            start = Math.max(start, segment.end());
        }
        return start;
    }

    /// The time of its newest record; where no record has one, that at which its file came into the
    /// table, as Kafka takes that of a segment's file (C4).
    private static long newest(ColdSegment segment) {
        long record = segment.row().maxTimestamp();
        return record >= 0 ? record : segment.committedAt().toEpochMilli();
    }

    /// A segment's share of the files that hold it; a file of one segment counts whole.
    private static long bytes(ColdSegment segment) {
        return segment.extents().stream().mapToLong(ColdExtent::size).sum();
    }
}
