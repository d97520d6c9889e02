package io.firn.log;

import org.apache.kafka.common.record.internal.MemoryRecords;

/// A log as a coordinator keeps its state in it.
public interface CoordinatorLog extends ReadableLog {
    /// The largest batch that it takes: `max.message.bytes`, as far as the journal has room for it
    /// (L10).
    int maxBatchBytes();

    /// Checks and appends now on the caller's thread under the log's lock (`appendAsLeader`, origin
    /// coordinator) and returns the log end offset after it; durable later, see [#onHighWatermark].
    ///
    /// @throws org.apache.kafka.common.errors.ApiException when the records are refused
    long appendNow(MemoryRecords records, int leaderEpoch);

    /// As [TieredLog#deleteRecordsBefore].
    void deleteRecordsBefore(long offset);
}
