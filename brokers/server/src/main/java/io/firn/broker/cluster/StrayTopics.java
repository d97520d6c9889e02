package io.firn.broker.cluster;

import io.firn.broker.cold.ColdTier;
import io.firn.controller.image.ClusterImage;
import io.firn.controller.settings.TopicSettings;

import org.apache.kafka.common.TopicIdPartition;
import org.apache.kafka.common.Uuid;
import org.jspecify.annotations.Nullable;

import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.function.Supplier;

/// Says when a log may go of whose topic the cluster knows nothing (L14). The catalog is told that
/// such a topic is deleted when the log's time is over, and not before: a cluster whose metadata
/// was lost and put back from a copy still has its tables then. The log goes when the catalog has
/// heard, so that no crash leaves a table without its tombstone (C14).
public final class StrayTopics {
    private record Cluster(
            Supplier<ClusterImage> images, ColdTier cold, Runnable sweep, Executor executor) {}

    private final Map<Uuid, CompletableFuture<Void>> told = new ConcurrentHashMap<>();
    private volatile @Nullable Cluster cluster;

    /// From here on the image is known to be current.
    ///
    /// @param sweep asks again for what had to wait for the catalog
    void begin(Supplier<ClusterImage> images, ColdTier cold, Runnable sweep, Executor executor) {
        cluster = new Cluster(images, cold, sweep, executor);
    }

    /// Whether this log, whose time is over, may go. Answers at once.
    public boolean mayGo(TopicIdPartition stray) {
        Cluster known = cluster;
        if (known == null) {
            return false;
        }
        ClusterImage image = known.images().get();
        if (image.topicCount() == 0 || image.topicName(stray.topicId()) != null) {
            return false;
        }
        return TopicSettings.isInternal(stray.topic())
                || told.computeIfAbsent(stray.topicId(), id -> tell(stray, known)).isDone();
    }

    /// Nobody knows any more what the topic's settings said of its table, so that stays.
    private static CompletableFuture<Void> tell(TopicIdPartition stray, Cluster known) {
        CompletableFuture<Void> heard =
                known.cold().dropTopic(stray.topic(), stray.topicId(), true);
        if (!heard.isDone()) {
            heard.thenRunAsync(known.sweep(), known.executor());
        }
        return heard;
    }
}
