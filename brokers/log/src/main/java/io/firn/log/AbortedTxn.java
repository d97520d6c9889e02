package io.firn.log;

/// One aborted transaction of a partition.
///
/// @param firstOffset of its first record
/// @param lastOffset of its abort marker
/// @param lastStableOffset last stable offset when the marker was written
public record AbortedTxn(
        long producerId, long firstOffset, long lastOffset, long lastStableOffset) {}
