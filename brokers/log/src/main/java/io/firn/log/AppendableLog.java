package io.firn.log;

import org.apache.kafka.common.record.internal.MemoryRecords;

import java.util.List;
import java.util.concurrent.CompletableFuture;

/// A log as its leader appends what clients and other brokers send.
public interface AppendableLog extends LogOffsets {
    /// Leads from here on with this epoch; single replica for now: the high watermark follows the
    /// durable end.
    void becomeLeader(int leaderEpoch);

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

    /// Whom the log remembers.
    List<ActiveProducer> producers();
}
