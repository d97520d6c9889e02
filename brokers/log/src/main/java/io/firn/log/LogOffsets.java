package io.firn.log;

import org.apache.kafka.common.TopicIdPartition;

import java.util.function.LongConsumer;

/// Where a log begins and ends, for whom, and who is told when that moves.
///
/// `logStartOffset <= localLogStartOffset <= highWatermark <= durableEnd <= endOffset`, except that
/// the log start may lie above the local one for a moment after a deletion.
public interface LogOffsets {
    TopicIdPartition partition();

    /// First readable offset, wherever it is.
    long logStartOffset();

    /// First offset that is in local segments.
    long localLogStartOffset();

    /// The offset that the next append gets.
    long endOffset();

    /// One past the last durable offset; what counts for acknowledgements and replicas (L3).
    long durableEnd();

    long highWatermark();

    long lastStableOffset();

    /// Called with the new high watermark each time it moves, on the log's thread; must return at
    /// once.
    void onHighWatermark(LongConsumer listener);

    void removeListener(LongConsumer listener);
}
