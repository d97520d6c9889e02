package io.firn.log;

import org.apache.kafka.common.record.internal.FileRecords;

import java.time.Instant;

/// A segment that takes no more appends and is synced (L9): what offload, cleaner and deletion see.
///
/// @param base first offset of the range
/// @param end one past the last offset
/// @param records the whole file; readable for at least `file.delete.delay.ms` after its deletion
///     began. Its channel is the log's own: a thread that may be interrupted reads with
///     [ClosedBatches]
/// @param maxTimestamp milliseconds, -1 when no record has one
public record ClosedSegment(
        long base, long end, FileRecords records, long size, long maxTimestamp, Instant closedAt) {}
