package io.firn.log;

/// The largest leader epoch at or below the one asked for, and one past its last offset.
///
/// @param epoch -1 when none is known
/// @param endOffset -1 when none is known
public record EpochEnd(int epoch, long endOffset) {
    public static final EpochEnd NONE = new EpochEnd(-1, -1);
}
