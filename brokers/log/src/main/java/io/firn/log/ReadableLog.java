package io.firn.log;

/// A log as a reader goes through it.
public interface ReadableLog extends LogOffsets {
    /// @throws org.apache.kafka.common.errors.OffsetOutOfRangeException outside [localLogStart,
    ///     limit of the isolation]
    LogRead read(long offset, int maxBytes, boolean atLeastOneBatch, Isolation isolation);
}
