package io.firn.tiering.cold.offload;

import io.firn.catalog.client.CatalogClient;
import io.firn.catalog.client.ColdState;
import io.firn.objectstore.ObjectStore;
import io.firn.tiering.cold.PartitionKey;
import io.firn.tiering.cold.SchemaCache;
import io.firn.tiering.cold.TieringMetrics;
import io.firn.tiering.cold.release.DeletionHold;
import io.firn.tiering.cold.release.TierCheck;
import io.firn.tiering.cold.release.TierMemory;
import io.firn.tiering.cold.source.OffloadSource;

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
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

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
            AtomicLong slowestNanos,
            TierMemory memory,
            DeletionHold hold) {
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
        this(catalog, store, settings, metrics, (topic, partition, state) -> {}, held -> {});
    }

    /// Sweeps the spool folder and starts; nothing is led yet.
    ///
    /// @param holding is told `true` when nothing may be deleted from now on (C16), `false` later
    public Offloader(
            CatalogClient catalog,
            ObjectStore store,
            OffloadSettings settings,
            TieringMetrics metrics,
            CommitListener listener,
            Consumer<Boolean> holding) {
        var schemas = new SchemaCache(catalog, System::nanoTime);
        var tools =
                new OffloadAttempt.Tools(
                        catalog,
                        store,
                        schemas,
                        Spool.open(settings.spool()),
                        new SendLimit(settings.parallel()),
                        metrics,
                        new FlawLog(metrics));
        this.context =
                new Context(
                        catalog,
                        settings,
                        metrics,
                        tools,
                        new TierCheck(store, schemas, metrics),
                        (key, state) -> listener.learned(key.topicId(), key.partition(), state),
                        InstantSource.system(),
                        new AtomicLong(TimeUnit.SECONDS.toNanos(1)),
                        TierMemory.open(settings.memory()),
                        new DeletionHold(metrics, holding));
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
            before.getsOn();
        }
    }

    /// This broker leads the partition no more; what it was doing for it stops.
    public void resign(UUID topicId, int partition) {
        PartitionOffload before = led.remove(new PartitionKey(topicId, partition));
        if (before != null) {
            before.stop();
            before.leave();
        }
    }

    /// The topic is gone for good: nothing of it need be remembered.
    public void forget(UUID topicId) {
        context.memory().forget(topicId);
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
        context.memory().close();
    }

    private void tick() {
        try {
            Instant now = context.clock().instant();
            for (PartitionOffload partition : led.values()) {
                partition.watch(now);
                if (partition.hangs(now)) {
                    replace(partition);
                } else if (partition.due(now)) {
                    start(partition);
                }
            }
        } catch (RuntimeException e) {
            LOG.error("A look at the led partitions failed; the next one comes", e);
        }
    }

    /// C10: a thread that does not come back even when it is interrupted is left behind. Whatever
    /// it still does is refused by the catalog, since its deadline is past.
    private void replace(PartitionOffload hanging) {
        LOG.error(
                "Offload of {} hangs since long after its deadline; it begins anew without that thread",
                hanging.name());
        hanging.stop();
        hanging.giveBack();
        led.replace(hanging.key(), hanging, new PartitionOffload(hanging.source, context));
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
