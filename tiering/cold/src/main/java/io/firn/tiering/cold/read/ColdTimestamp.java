package io.firn.tiering.cold.read;

/// A record found by its timestamp.
///
/// @param leaderEpoch of the batch that has it, -1 when unknown
public record ColdTimestamp(long timestamp, long offset, int leaderEpoch) {}
