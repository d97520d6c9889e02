package io.firn.broker.produce;

import io.firn.controller.image.ClusterImage;
import io.firn.controller.settings.TopicSettings;
import io.firn.log.ProduceCheck;

import org.apache.kafka.common.TopicIdPartition;
import org.jspecify.annotations.Nullable;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/// What Produce asks of a topic's settings, remembered per image so that a request costs one
/// lookup.
public final class TopicRules {
    private record Rules(int minInSync, ProduceCheck check) {}

    private record Remembered(ClusterImage image, Map<String, Rules> byTopic) {}

    private final Supplier<ClusterImage> images;
    private volatile @Nullable Remembered remembered;

    public TopicRules(Supplier<ClusterImage> images) {
        this.images = images;
    }

    /// `min.insync.replicas`.
    public int minInSync(TopicIdPartition partition) {
        return rules(partition.topic()).minInSync();
    }

    /// `firn.produce.check`.
    public ProduceCheck check(TopicIdPartition partition) {
        return rules(partition.topic()).check();
    }

    private Rules rules(String topic) {
        ClusterImage image = images.get();
        Remembered now = remembered;
        if (now == null || now.image() != image) {
            now = new Remembered(image, new ConcurrentHashMap<>());
            remembered = now;
        }
        return now.byTopic().computeIfAbsent(topic, name -> read(image, name));
    }

    private static Rules read(ClusterImage image, String topic) {
        String check =
                image.effectiveTopicConfig(topic)
                        .getOrDefault(TopicSettings.PRODUCE_CHECK, "records");
        return new Rules(
                image.logConfig(topic).minInSyncReplicas,
                "batch".equals(check) ? ProduceCheck.BATCH : ProduceCheck.RECORDS);
    }
}
