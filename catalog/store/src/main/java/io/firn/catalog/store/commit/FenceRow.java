package io.firn.catalog.store.commit;

/// A partition's fence as the committer sees it.
public record FenceRow(int partition, int leaderEpoch, long coldEnd, long logStart) {
    /// True when `[start, end)` may be committed next (C2): it overlaps nothing committed, and what
    /// it leaves out, `[coldEnd, start)`, lies below the log start, where nothing is owed to
    /// readers.
    boolean admits(PendingSegment segment) {
        return segment.leaderEpoch() == leaderEpoch
                && segment.start() >= coldEnd
                && segment.start() <= Math.max(coldEnd, logStart)
                && segment.end() > logStart;
    }

    /// True when it can never be committed: others have committed its range, or retention passed
    /// it.
    boolean passed(PendingSegment segment) {
        return segment.start() < coldEnd
                || segment.end() <= logStart
                || segment.leaderEpoch() != leaderEpoch;
    }

    FenceRow after(PendingSegment segment) {
        return new FenceRow(partition, leaderEpoch, segment.end(), logStart);
    }
}
