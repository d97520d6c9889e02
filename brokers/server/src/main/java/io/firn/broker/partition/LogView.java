package io.firn.broker.partition;

import io.firn.log.Isolation;
import io.firn.log.LogOffsets;

/// The offsets that bound a reader, looked at once.
///
/// `logStart <= localStart`, `limit <= logEnd`
///
/// @param logStart first readable offset, in the table or here
/// @param localStart first offset in local segments
/// @param limit the reader sees what is below: high watermark or last stable offset (R14)
/// @param logEnd the offset that the next record gets
public record LogView(long logStart, long localStart, long limit, long logEnd) {
    public static LogView of(LogOffsets log, Isolation isolation) {
        // The start is read before the end, and the local start before the log start: both only
        // grow, so a concurrent
        // move makes the range look longer than it is, never shorter.
        long logStart = log.logStartOffset();
        long localStart = Math.max(logStart, log.localLogStartOffset());
        return new LogView(logStart, localStart, limit(log, isolation), log.endOffset());
    }

    public static long limit(LogOffsets log, Isolation isolation) {
        return switch (isolation) {
            case UNCOMMITTED -> log.highWatermark();
            case COMMITTED -> log.lastStableOffset();
            case LOG_END -> log.durableEnd();
        };
    }
}
