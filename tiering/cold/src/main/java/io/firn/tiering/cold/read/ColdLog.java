package io.firn.tiering.cold.read;

import io.firn.catalog.client.CatalogClient;
import io.firn.catalog.client.ColdState;
import io.firn.catalog.client.TopicRef;
import io.firn.objectstore.ObjectStore;
import io.firn.tiering.cold.ColdSettings;
import io.firn.tiering.cold.ColdUnavailableException;
import io.firn.tiering.cold.PartitionKey;
import io.firn.tiering.cold.SchemaCache;
import io.firn.tiering.cold.TieringMetrics;
import io.firn.tiering.cold.load.BackfillThrottle;
import io.firn.tiering.cold.load.GroupLoader;
import io.firn.tiering.cold.load.GroupRef;

import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/// Reads what is in the table as Kafka batches. Everything runs on threads, memory and connections
/// of its own, all bounded, so that a backfill does not slow producers. Failures are
/// [ColdUnavailableException] (retriable), or Kafka's `OffsetOutOfRangeException` for an offset
/// that retention has taken.
public final class ColdLog implements AutoCloseable {
    private final ColdIndex index;
    private final GroupLoader loader;
    private final ColdReader reader;
    private final ExecutorService threads =
            Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("firn-cold-", 0).factory());
    private final Semaphore waiting;
    private final Semaphore aheads = new Semaphore(2);

    public ColdLog(CatalogClient catalog, ObjectStore store, ColdSettings settings) {
        this(catalog, store, settings, TieringMetrics.NONE, () -> 0);
    }

    /// @param appends a number that changes while somebody produces, who then goes first
    public ColdLog(
            CatalogClient catalog,
            ObjectStore store,
            ColdSettings settings,
            TieringMetrics metrics,
            LongSupplier appends) {
        this.index = new ColdIndex(catalog);
        this.loader =
                new GroupLoader(
                        store,
                        new SchemaCache(catalog, System::nanoTime),
                        settings,
                        metrics,
                        new BackfillThrottle(appends));
        this.reader = new ColdReader(index, loader, metrics, this::readAhead);
        this.waiting = new Semaphore(settings.maxWaiting());
    }

    /// Batches from the one that contains `offset` (or the first after it), at least one, at most
    /// `maxBytes` otherwise.
    public CompletableFuture<ColdRead> read(
            TopicRef topic, int partition, long offset, int maxBytes) {
        return read(topic.topicId(), partition, offset, maxBytes);
    }

    public CompletableFuture<ColdRead> read(
            UUID topicId, int partition, long offset, int maxBytes) {
        var key = new PartitionKey(topicId, partition);
        return onOwnThread(() -> reader.read(key, offset, maxBytes));
    }

    /// First record at or above `from` with at least this timestamp, empty when no cold record has.
    ///
    /// @param from the log start as the log knows it, of which the catalog may not have heard yet
    public CompletableFuture<Optional<ColdTimestamp>> offsetForTimestamp(
            UUID topicId, int partition, long timestamp, long from) {
        var key = new PartitionKey(topicId, partition);
        return onOwnThread(() -> reader.atOrAfter(key, timestamp, from));
    }

    /// First record that has the largest timestamp of what is cold of `[from, to)`.
    public CompletableFuture<Optional<ColdTimestamp>> maxTimestamp(
            UUID topicId, int partition, long from, long to) {
        var key = new PartitionKey(topicId, partition);
        return onOwnThread(() -> reader.maxTimestamp(key, from, to));
    }

    /// Highest leader epoch at or below `epoch` that the cold tier knows, and where it ends.
    public CompletableFuture<Optional<ColdEpochEnd>> endOfEpoch(
            UUID topicId, int partition, int epoch) {
        var key = new PartitionKey(topicId, partition);
        return onOwnThread(() -> reader.endOfEpoch(key, epoch));
    }

    /// What is cold, from what is known; asks the catalog the first time. Blocks.
    public ColdRange range(UUID topicId, int partition) {
        return range(index.state(new PartitionKey(topicId, partition)));
    }

    /// What is cold as far as is known without asking; never blocks.
    public Optional<ColdRange> cachedRange(UUID topicId, int partition) {
        return index.cached(new PartitionKey(topicId, partition)).map(ColdLog::range);
    }

    /// The cold index of a partition as the catalog has it now, for inspectors. Blocks.
    public ColdState refresh(UUID topicId, int partition) {
        var key = new PartitionKey(topicId, partition);
        return index.refresh(key, index.cached(key).orElse(null));
    }

    /// Takes over what was read back after a commit; give this to [Offloader].
    public void learned(UUID topicId, int partition, ColdState state) {
        index.learned(new PartitionKey(topicId, partition), state);
    }

    /// Nothing of the partition is needed any more.
    public void forget(UUID topicId, int partition) {
        index.forget(new PartitionKey(topicId, partition));
    }

    public long cachedBytes() {
        return loader.cachedBytes();
    }

    @Override
    public void close() {
        threads.shutdownNow();
    }

    private static ColdRange range(ColdState s) {
        return new ColdRange(s.logStart(), s.coldEnd(), s.generation());
    }

    private <T> CompletableFuture<T> onOwnThread(Supplier<T> work) {
        if (!waiting.tryAcquire()) {
            return CompletableFuture.failedFuture(
                    new ColdUnavailableException(
                            "Too many cold reads wait already; try again", null));
        }
        try {
            return CompletableFuture.supplyAsync(work, threads)
                    .whenComplete((done, error) -> waiting.release());
        } catch (RejectedExecutionException closed) {
            waiting.release();
            return CompletableFuture.failedFuture(
                    new ColdUnavailableException("The cold log is closed", closed));
        }
    }

    private void readAhead(GroupRef next) {
        if (!loader.worthReadingAhead(next) || !aheads.tryAcquire()) {
            return;
        }
        try {
            threads.execute(
                    () -> {
                        try {
                            loader.load(next);
                        } catch (RuntimeException e) {
                            // the reader that needs it will meet the same error and tell it
                        } finally {
                            aheads.release();
                        }
                    });
        } catch (RejectedExecutionException closed) {
            aheads.release();
        }
    }
}
