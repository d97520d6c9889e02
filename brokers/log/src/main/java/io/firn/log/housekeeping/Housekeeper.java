package io.firn.log.housekeeping;

import io.firn.log.directory.Disk;
import io.firn.log.partition.OpenFiles;
import io.firn.log.partition.OwnedLog;

import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicIdPartition;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.IOException;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/// Looks after logs from time to time: retention and closing of the idle ones on one thread,
/// compaction, which may take minutes and is throttled, on another.
///
/// What goes wrong with one log stays with it: it is left alone until the next start, as Kafka does
/// with partitions that it cannot clean, and the round goes on. Only a write or a sync that the log
/// needs for itself takes the disk offline (L4).
public final class Housekeeper implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Housekeeper.class);

    /// One part of looking after a log.
    private interface Care {
        void take(OwnedLog log) throws IOException;
    }

    private final Disk disk;
    private final Supplier<Collection<OwnedLog>> logs;
    private final @Nullable Compactor compactor;
    /// Logs that are left alone, and why.
    private final ConcurrentMap<OwnedLog, String> uncleanable = new ConcurrentHashMap<>();
    private final ScheduledExecutorService timer = thread("firn-log-housekeeping");
    private final ScheduledExecutorService compactions = thread("firn-log-compaction");

    public Housekeeper(Disk disk, Supplier<Collection<OwnedLog>> logs, int maxBatch) {
        this.disk = disk;
        this.logs = logs;
        long map = disk.settings.cleanerBytes();
        this.compactor =
                map > 0
                        ? new Compactor(map, maxBatch, disk.settings.cleanerBytesPerSecond())
                        : null;
    }

    private static ScheduledExecutorService thread(String name) {
        return Executors.newSingleThreadScheduledExecutor(
                task -> Thread.ofPlatform().daemon().name(name).unstarted(task));
    }

    public void start() {
        long every = disk.settings.housekeeping().toMillis();
        if (every > 0) {
            timer.scheduleWithFixedDelay(this::keep, every, every, TimeUnit.MILLISECONDS);
            compactions.scheduleWithFixedDelay(this::compact, every, every, TimeUnit.MILLISECONDS);
        }
    }

    /// Everything that is due, on the caller's thread.
    public void round() {
        long now = disk.time.milliseconds();
        each("retention", log -> log.applyRetention(now));
        compact();
        closeIdle();
    }

    private void keep() {
        long now = disk.time.milliseconds();
        each("retention", log -> log.applyRetention(now));
        closeIdle();
    }

    private void compact() {
        Compactor ours = compactor;
        if (ours != null) {
            long now = disk.time.milliseconds();
            each("compaction", log -> ours.compact(log, now));
        }
    }

    private void each(String what, Care care) {
        for (OwnedLog log : logs.get()) {
            if (disk.isOffline()) {
                return;
            }
            if (log.life.brokenReason() == null && !uncleanable.containsKey(log)) {
                try {
                    care.take(log);
                } catch (IOException | RuntimeException e) {
                    leaveAlone(log, what, e);
                }
            }
        }
    }

    private void leaveAlone(OwnedLog log, String what, Exception why) {
        if (disk.isOffline() || log.life.brokenReason() != null || log.life.isLeaving()) {
            return; // which says more
        }
        uncleanable.keySet().retainAll(logs.get());
        uncleanable.put(log, "%s failed (%s)".formatted(what, why));
        LOG.error(
                "Cannot look after {}: its {} failed, and it gets neither retention nor compaction before the next start. The other logs go on.",
                log.name(),
                what,
                why);
        disk.settings.listener().uncleanable(uncleanable.size());
    }

    private void closeIdle() {
        for (OwnedLog log : logs.get()) {
            if (disk.isOffline()) {
                return;
            }
            if (log.life.brokenReason() != null) {
                continue;
            }
            try {
                OpenFiles files = log.life.opened();
                if (files != null) {
                    files.trimBuffer();
                }
                log.life.closeIdle(disk.settings.idleClose().toNanos());
            } catch (KafkaException e) {
                LOG.warn("Cannot close {}: {}", log.name(), e.getMessage());
            } catch (IOException | RuntimeException e) { // L4: bytes that were not written
                if (log.life.brokenReason() == null) {
                    disk.takeOffline("closing " + log.name(), e);
                }
            }
        }
    }

    /// Partitions that are left alone, and why.
    public Map<TopicIdPartition, String> uncleanable() {
        var all = new HashMap<TopicIdPartition, String>();
        uncleanable.forEach((log, why) -> all.put(log.partition(), why));
        return all;
    }

    @Override
    public void close() {
        timer.shutdown();
        compactions.shutdown();
        if (compactor != null) {
            compactor.stop();
        }
        try {
            timer.awaitTermination(30, TimeUnit.SECONDS);
            compactions.awaitTermination(30, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
