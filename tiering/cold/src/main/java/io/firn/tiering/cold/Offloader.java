package io.firn.tiering.cold;

import io.firn.catalog.client.CatalogClient;
import io.firn.catalog.client.ColdState;
import io.firn.objectstore.ObjectStore;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BiConsumer;

/// Carries closed segments of the led partitions to their tables, within each topic's freshness.
/// Uses its own threads; catalog and object store may be away for as long as they like (C11).
public final class Offloader implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Offloader.class);

    /// Is told what was read back after a commit; [ColdLog#learned] is one.
    @FunctionalInterface
    public interface CommitListener {
        void learned(UUID topicId, int partition, ColdState state);
    }

    /// What the partitions share.
    record Context(
            CatalogClient catalog,
            OffloadSettings settings,
            TieringMetrics metrics,
            OffloadAttempt.Tools tools,
            TierCheck check,
            BiConsumer<PartitionKey, ColdState> learned,
            InstantSource clock,
            AtomicLong slowestNanos) {
        Duration recentAttempt() {
            return Duration.ofNanos(slowestNanos.get());
        }

        /// The slowest attempt of late: forgets by a tenth with each faster one.
        void took(Duration attempt) {
            slowestNanos.accumulateAndGet(
                    attempt.toNanos(), (old, now) -> Math.max(now, old - old / 10));
        }
    }

    private final ConcurrentHashMap<PartitionKey, PartitionOffload> led = new ConcurrentHashMap<>();
    private final ScheduledExecutorService ticks =
            Executors.newSingleThreadScheduledExecutor(
                    Thread.ofPlatform().daemon().name("firn-offload").factory());
    private final ExecutorService threads =
            Executors.newThreadPerTaskExecutor(
                    Thread.ofVirtual().name("firn-offload-", 0).factory());
    private final Context context;

    public Offloader(
            CatalogClient catalog,
            ObjectStore store,
            OffloadSettings settings,
            TieringMetrics metrics) {
        this(catalog, store, settings, metrics, (topic, partition, state) -> {});
    }

    /// Sweeps the spool folder and starts; nothing is led yet.
    public Offloader(
            CatalogClient catalog,
            ObjectStore store,
            OffloadSettings settings,
            TieringMetrics metrics,
            CommitListener listener) {
        var tools =
                new OffloadAttempt.Tools(
                        catalog,
                        store,
                        new SchemaCache(catalog, System::nanoTime),
                        Spool.open(settings.spool()),
                        new Semaphore(settings.parallel(), true),
                        metrics);
        this.context =
                new Context(
                        catalog,
                        settings,
                        metrics,
                        tools,
                        new TierCheck(store, metrics),
                        (key, state) -> listener.learned(key.topicId(), key.partition(), state),
                        InstantSource.system(),
                        new AtomicLong(TimeUnit.SECONDS.toNanos(1)));
        long tick = settings.tick().toMillis();
        var unused = ticks.scheduleWithFixedDelay(this::tick, tick, tick, TimeUnit.MILLISECONDS);
    }

    /// From now on this broker leads the partition. A second call, with a higher epoch, replaces
    /// the first.
    public void lead(OffloadSource source) {
        var key = new PartitionKey(source.topic().topicId(), source.partition());
        PartitionOffload before = led.put(key, new PartitionOffload(source, context));
        if (before != null) {
            before.stop();
        }
    }

    /// This broker leads the partition no more; what it was doing for it stops.
    public void resign(UUID topicId, int partition) {
        PartitionOffload before = led.remove(new PartitionKey(topicId, partition));
        if (before != null) {
            before.stop();
        }
    }

    /// Stops within seconds. What is half done is finished or abandoned by whoever leads next.
    @Override
    public void close() {
        ticks.shutdownNow();
        led.values().forEach(PartitionOffload::stop);
        threads.shutdownNow();
        try {
            if (!threads.awaitTermination(5, TimeUnit.SECONDS)) {
                LOG.warn("Offload threads did not stop within 5 s; they end with the process");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void tick() {
        try {
            Instant now = context.clock().instant();
            for (PartitionOffload partition : led.values()) {
                partition.watch(now);
                if (partition.due(now)) {
                    start(partition);
                }
            }
        } catch (RuntimeException e) {
            LOG.error("A look at the led partitions failed; the next one comes", e);
        }
    }

    private void start(PartitionOffload partition) {
        try {
            partition.claim();
            threads.execute(partition::step);
        } catch (RejectedExecutionException closing) {
            partition.stop();
        }
    }
}
