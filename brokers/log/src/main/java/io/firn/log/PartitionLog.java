package io.firn.log;

import org.apache.kafka.common.TopicIdPartition;
import org.apache.kafka.common.record.internal.MemoryRecords;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.LongConsumer;

/// The log of one partition on this broker. Thread safe. An object stays valid while its partition
/// exists: files open on use and close when idle behind it.
///
/// `logStartOffset <= localLogStartOffset <= highWatermark <= durableEnd <= endOffset`, except that
/// the log start may lie above the local one for a moment after a deletion.
///
/// Any call throws `KafkaStorageException` once the disk or this log is offline (R20).
public interface PartitionLog {
    TopicIdPartition partition();

    /// Checks what the batches are, on the caller's thread; then stamps and appends them with their
    /// write group, and completes when that counts as durable. Never waits. `records` may be reused
    /// when the future completes, not before. Refusals are values in `Appended`, never exceptions.
    ///
    /// @throws CheckBudget.SpentException if the check would take more than `budget`; nothing was
    ///     done then
    CompletableFuture<Appended> append(
            MemoryRecords records, int leaderEpoch, ProduceCheck check, CheckBudget budget);

    /// As the other, however long the check takes.
    default CompletableFuture<Appended> append(
            MemoryRecords records, int leaderEpoch, ProduceCheck check) {
        return append(records, leaderEpoch, check, CheckBudget.unlimited());
    }

    /// Appends batches as they are, with the offsets and leader epochs that they carry and gaps
    /// between them: what a follower does with a leader's batches. Otherwise as [#append].
    CompletableFuture<Appended> appendReplicated(MemoryRecords records, int leaderEpoch);

    /// For coordinators: checks and appends now on the caller's thread under the log's lock
    /// (`appendAsLeader`, origin coordinator) and returns the log end offset after it; durable
    /// later, see [#onHighWatermark].
    ///
    /// @throws org.apache.kafka.common.errors.ApiException when the records are refused
    long appendNow(MemoryRecords records, int leaderEpoch);

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

    /// Leads from here on with this epoch; single replica for now: the high watermark follows the
    /// durable end.
    void becomeLeader(int leaderEpoch);

    /// @throws org.apache.kafka.common.errors.OffsetOutOfRangeException outside [localLogStart,
    ///     limit of the isolation]
    LogRead read(long offset, int maxBytes, boolean atLeastOneBatch, Isolation isolation);

    /// The first record at or after this time below the high watermark, in local segments only.
    Optional<TimestampOffset> offsetForTimestamp(long timestamp);

    /// The record with the largest timestamp in local segments; `NONE` when there is none.
    TimestampOffset maxTimestamp();

    EpochEnd endOffsetForEpoch(int epoch);

    List<EpochEntry> epochs();

    List<ActiveProducer> producers();

    /// Producer state as of this offset, in Kafka's snapshot format; empty when no snapshot is at
    /// that offset. Every closed segment's end has one.
    byte[] producerSnapshot(long atOffset);

    /// Moves the log start up (DeleteRecords); on return it is durable (L6).
    ///
    /// @throws org.apache.kafka.common.errors.OffsetOutOfRangeException above the high watermark
    void deleteRecordsBefore(long offset);

    /// Throws all local records away and goes on at this offset: a replica that starts at the cold
    /// end (L6). What lies in `[logStart, offset)` is in the table.
    void restartAt(long offset, long logStart);

    /// Closes the active segment if it has bytes.
    void roll();

    /// Empty when the active segment has no records.
    Optional<ActiveSegment> active();

    /// Closed segments wholly below the high watermark, oldest first. An idle log whose segments
    /// are all in the table answers none, without opening its files.
    List<ClosedSegment> closed();

    List<AbortedTxn> aborted(long start, long end);

    /// Everything below is committed in the table as read back: local copies may go after
    /// `local.retention`.
    void tieredUpTo(long offset);

    /// Applies `retention.ms` and `retention.bytes`, or the local ones where the topic has a table.
    void applyRetention(long nowMillis);

    /// The largest batch that it takes: `max.message.bytes`, as far as the journal has room for it
    /// (L10).
    default int maxBatchBytes() {
        return Integer.MAX_VALUE;
    }

    /// Bytes of the local segments; answers for a closed log from the state file.
    long sizeBytes();
}
