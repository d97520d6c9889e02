package io.firn.tiering.cold.read;

/// What of a partition is cold: `[logStart, coldEnd)`.
///
/// @param generation counts changes of the partition's cold index
public record ColdRange(long logStart, long coldEnd, long generation) {}
