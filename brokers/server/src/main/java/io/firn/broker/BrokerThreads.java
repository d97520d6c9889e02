package io.firn.broker;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
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
        this.fetches = pool(FETCH_THREADS, "broker-" + nodeId + "-fetch");
        this.housekeeping = pool(1, "broker-" + nodeId + "-housekeeping");
        this.waiting =
                Executors.newThreadPerTaskExecutor(
                        Thread.ofVirtual().name("broker-" + nodeId + "-waiting-", 0).factory());
    }

    /// What comes after the end is let go: logs and the image still tell of moves then, clients are
    /// disconnected, and the next start does what is left.
    private static ExecutorService pool(int threads, String name) {
        return new ThreadPoolExecutor(
                threads,
                threads,
                0,
                TimeUnit.SECONDS,
                new LinkedBlockingQueue<>(),
                named(name),
                new ThreadPoolExecutor.DiscardPolicy());
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
