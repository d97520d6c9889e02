package io.firn.log;

import org.apache.kafka.common.record.internal.Records;

import java.util.List;

/// Batches read, the first of which may begin before the offset asked for.
///
/// @param records a slice of the segment's file (sendfile works) or empty; valid for at least
///     `file.delete.delay.ms`
/// @param aborted aborted transactions that touch the range; empty unless read committed
public record LogRead(
        Records records,
        List<AbortedTxn> aborted,
        long highWatermark,
        long lastStableOffset,
        long logStartOffset,
        long localLogStartOffset) {}
