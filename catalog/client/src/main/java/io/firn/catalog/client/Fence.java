package io.firn.catalog.client;

/// Who may commit for a partition, and where the next range starts: `max(coldEnd, logStart)` (C2).
///
/// @param coldEnd one past the last committed offset; 0 before the first commit
/// @param logStart first offset that retention has left
/// @param leaderEpoch the highest leader epoch that raised the fence
public record Fence(long coldEnd, long logStart, int leaderEpoch) {
    /// First offset of the next segment to offload.
    public long nextStart() {
        return Math.max(coldEnd, logStart);
    }
}
