package io.firn.log;

/// A record found by its time.
///
/// @param timestamp milliseconds, -1 when there is none
/// @param leaderEpoch of the batch, -1 when unknown
public record TimestampOffset(long timestamp, long offset, int leaderEpoch) {
    public static final TimestampOffset NONE = new TimestampOffset(-1, -1, -1);
}
