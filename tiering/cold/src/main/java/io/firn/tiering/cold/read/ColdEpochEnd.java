package io.firn.tiering.cold.read;

/// The highest leader epoch at or below an asked one that the cold tier knows, and its exclusive
/// end.
///
/// @param last true when no later epoch is cold: then `endOffset` is the cold end, and the hot log,
///     which may have more of this epoch, knows better
public record ColdEpochEnd(int epoch, long endOffset, boolean last) {}
