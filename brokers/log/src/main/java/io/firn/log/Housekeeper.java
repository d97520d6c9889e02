package io.firn.log;

import org.apache.kafka.common.KafkaException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.IOException;
import java.util.Collection;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/// Looks after logs from time to time: retention, compaction, closing the idle ones.
final class Housekeeper implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Housekeeper.class);

    private final Disk disk;
    private final Supplier<Collection<OwnedLog>> logs;
    private final @org.jspecify.annotations.Nullable Compactor compactor;
    private final ScheduledExecutorService timer =
            Executors.newSingleThreadScheduledExecutor(
                    task ->
                            Thread.ofPlatform()
                                    .daemon()
                                    .name("firn-log-housekeeping")
                                    .unstarted(task));

    Housekeeper(Disk disk, Supplier<Collection<OwnedLog>> logs, int maxBatch) {
        this.disk = disk;
        this.logs = logs;
        long map = disk.settings.cleanerBytes();
        this.compactor = map > 0 ? new Compactor(map, maxBatch) : null;
    }

    void start() {
        long every = disk.settings.housekeeping().toMillis();
        if (every > 0) {
            timer.scheduleWithFixedDelay(this::round, every, every, TimeUnit.MILLISECONDS);
        }
    }

    synchronized void round() {
        long now = disk.time.milliseconds();
        for (OwnedLog one : logs.get()) {
            if (disk.isOffline()) {
                return;
            }
            if (one.brokenReason() != null) {
                continue;
            }
            try {
                look(one, now);
            } catch (KafkaException e) {
                log.warn("Housekeeping of {}: {}", one.name(), e.getMessage());
            } catch (IOException | RuntimeException e) {
                if (one.brokenReason() == null) {
                    disk.takeOffline("housekeeping of " + one.name(), e);
                }
            }
        }
    }

    private void look(OwnedLog one, long now) throws IOException {
        one.trimBuffer();
        one.applyRetention(now);
        if (compactor != null) {
            compactor.compact(one, now);
        }
        one.closeIdle(disk.settings.idleClose().toNanos());
    }

    @Override
    public void close() {
        timer.shutdown();
        try {
            timer.awaitTermination(30, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
