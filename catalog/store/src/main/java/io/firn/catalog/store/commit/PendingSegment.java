package io.firn.catalog.store.commit;

import java.time.Instant;
import java.util.List;
import java.util.UUID;

/// A segment that is `UPLOADED` and waits for its commit.
///
/// @param files the data files that hold its rows
/// @param since when it became `UPLOADED`
public record PendingSegment(
        UUID segmentUuid,
        UUID topicId,
        int partition,
        long start,
        long end,
        int leaderEpoch,
        Instant since,
        List<UUID> files) {
    public PendingSegment {
        files = List.copyOf(files);
    }
}
