package io.firn.broker.cold;

import io.firn.broker.partition.LedPartition;
import io.firn.log.EpochEnd;
import io.firn.log.TimestampOffset;
import io.firn.tiering.cold.read.ColdRange;

import org.apache.kafka.common.TopicIdPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.FetchResponseData.AbortedTransaction;
import org.apache.kafka.common.record.internal.Records;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/// The part of a partition's past that is only in the table, as handlers see it. Partitions are
/// named by topic id, inside name and number. Failures are retriable: the object store or the
/// catalog is away; nothing here ever means "out of range" (C5).
public interface ColdTier extends AutoCloseable {
    /// Batches from the one that holds `offset`, or the next there is.
    ///
    /// @param records empty when the table has none from the asked offset on
    /// @param nextOffset where reading goes on behind them
    /// @param done to be called when nobody looks at the records any more
    record ColdBatches(
            Records records, List<AbortedTransaction> aborted, long nextOffset, Runnable done) {}

    /// Never blocks; fails with an `IOException`-like cause while the store is away.
    CompletableFuture<ColdBatches> read(TopicIdPartition partition, long offset, int maxBytes);

    /// The first record of the table at or above offset `from` that is at or after this time; may
    /// wait for the store.
    Optional<TimestampOffset> offsetForTimestamp(
            TopicIdPartition partition, long timestamp, long from);

    /// The record with the largest timestamp among the table's offsets `[from, to)`; may wait for
    /// the store.
    Optional<TimestampOffset> maxTimestamp(TopicIdPartition partition, long from, long to);

    /// The largest epoch at or below, as the table knows it; may wait for the catalog.
    Optional<EpochEnd> endOfEpoch(TopicIdPartition partition, int epoch);

    /// One past the last offset that is in the table; empty when nothing is, or nothing is known.
    Optional<Long> coldEnd(TopicIdPartition partition);

    /// What of the partition the catalog has now; waits for the catalog.
    ColdRange range(TopicIdPartition partition);

    /// Leads the partition: offload of its closed segments begins.
    void lead(LedPartition partition);

    void resign(TopicIdPartition partition);

    /// Partitions that do not get into their tables, so that somebody should look (C10).
    default int stuckPartitions() {
        return 0;
    }

    /// The topic was deleted: its table goes too, unless `keepTable` (C14). Returns at once.
    ///
    /// @return ends when the catalog has heard
    CompletableFuture<Void> dropTopic(String insideName, Uuid topicId, boolean keepTable);

    @Override
    void close();

    /// A broker without tables: everything is hot.
    ColdTier NONE =
            new ColdTier() {
                @Override
                public CompletableFuture<ColdBatches> read(
                        TopicIdPartition partition, long offset, int maxBytes) {
                    return CompletableFuture.failedFuture(
                            new IllegalStateException(
                                    "Cannot read offset %d of %s: it is not in local segments and this broker has no catalog"
                                            .formatted(offset, partition)));
                }

                @Override
                public Optional<TimestampOffset> offsetForTimestamp(
                        TopicIdPartition partition, long timestamp, long from) {
                    return Optional.empty();
                }

                @Override
                public Optional<TimestampOffset> maxTimestamp(
                        TopicIdPartition partition, long from, long to) {
                    return Optional.empty();
                }

                @Override
                public Optional<EpochEnd> endOfEpoch(TopicIdPartition partition, int epoch) {
                    return Optional.empty();
                }

                @Override
                public Optional<Long> coldEnd(TopicIdPartition partition) {
                    return Optional.empty();
                }

                @Override
                public ColdRange range(TopicIdPartition partition) {
                    return new ColdRange(0, 0, 0);
                }

                @Override
                public void lead(LedPartition partition) {}

                @Override
                public void resign(TopicIdPartition partition) {}

                @Override
                public CompletableFuture<Void> dropTopic(
                        String insideName, Uuid topicId, boolean keepTable) {
                    return CompletableFuture.completedFuture(null);
                }

                @Override
                public void close() {}
            };
}
