package io.firn.broker.cold;

import io.firn.catalog.client.CatalogClient;
import io.firn.catalog.client.CatalogException;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;

/// Tells the catalog of deleted topics until it has heard (C14), or until the broker stops.
public final class TopicDeletionNotifier implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(TopicDeletionNotifier.class);
    private static final long FIRST_PAUSE_MS = 500;
    private static final long LONGEST_PAUSE_MS = 30_000;

    /// A broker may start some seconds before its catalog.
    private static final long WORTH_A_WARNING_MS = 4_000;

    private final CatalogClient catalog;
    private final ExecutorService threads =
            Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("topic-drop-", 0).factory());

    public TopicDeletionNotifier(CatalogClient catalog) {
        this.catalog = catalog;
    }

    /// @return ends when the catalog has heard; never when the broker stops before
    public CompletableFuture<Void> drop(UUID topicId, boolean keepTable) {
        var heard = new CompletableFuture<Void>();
        try {
            threads.execute(() -> dropUntilHeard(topicId, keepTable, heard));
        } catch (RejectedExecutionException e) {
            LOG.debug("The broker stops; the next start tells that topic {} is deleted", topicId);
        }
        return heard;
    }

    private void dropUntilHeard(UUID topicId, boolean keepTable, CompletableFuture<Void> heard) {
        for (long pause = FIRST_PAUSE_MS; ; pause = Math.min(2 * pause, LONGEST_PAUSE_MS)) {
            try {
                catalog.dropTopic(topicId, keepTable);
                LOG.debug("Told the catalog that topic {} is deleted", topicId);
                heard.complete(null);
                return;
            } catch (CatalogException e) {
                LOG.atLevel(pause < WORTH_A_WARNING_MS ? Level.DEBUG : Level.WARN)
                        .log(
                                "Cannot tell the catalog that topic {} is deleted; trying again in {} ms: {}",
                                topicId,
                                pause,
                                e.getMessage());
            } catch (RuntimeException e) {
                LOG.error("Cannot tell the catalog that topic {} is deleted", topicId, e);
            }
            try {
                Thread.sleep(pause);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }

    @Override
    public void close() {
        threads.shutdownNow();
    }
}
