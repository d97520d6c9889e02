package io.firn.broker;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;

/// The broker's own threads; few, since the log, the loops and the offload have theirs.
final class BrokerThreads implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(BrokerThreads.class);
    private static final int FETCH_THREADS = 2;

    /// Looks at things now and then; never does long work itself.
    final ScheduledThreadPoolExecutor timer;

    /// Looks again at fetches that waited.
    final ExecutorService fetches;

    /// What follows from a new image, in order.
    final ExecutorService housekeeping;

    /// Requests that may wait for the disk or the store.
    final ExecutorService waiting;

    BrokerThreads(int nodeId) {
        this.timer = new ScheduledThreadPoolExecutor(1, named("broker-" + nodeId + "-timer"));
        timer.setRemoveOnCancelPolicy(true);
        this.fetches =
                Executors.newFixedThreadPool(FETCH_THREADS, named("broker-" + nodeId + "-fetch"));
        this.housekeeping =
                Executors.newSingleThreadExecutor(named("broker-" + nodeId + "-housekeeping"));
        this.waiting =
                Executors.newThreadPerTaskExecutor(
                        Thread.ofVirtual().name("broker-" + nodeId + "-waiting-", 0).factory());
    }

    private static ThreadFactory named(String name) {
        return Thread.ofPlatform()
                .daemon()
                .name(name)
                .uncaughtExceptionHandler(
                        (thread, e) -> LOG.error("Thread {} failed", thread.getName(), e))
                .factory();
    }

    @Override
    public void close() {
        timer.shutdownNow();
        fetches.shutdown();
        housekeeping.shutdown();
        waiting.shutdown();
        try {
            if (!housekeeping.awaitTermination(5, TimeUnit.SECONDS)) {
                LOG.warn("Housekeeping still runs after 5 s; the next start does what it leaves");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
