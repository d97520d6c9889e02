package io.firn.broker.partition;

import io.firn.controller.image.ClusterImage;
import io.firn.controller.image.PartitionState;
import io.firn.controller.image.TopicState;
import io.firn.controller.request.SingleCopy;
import io.firn.log.PartitionLog;
import io.firn.protocol.TenantNames;

import org.apache.kafka.common.TopicIdPartition;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/// The partitions that this broker leads, as of the last image. Changed by `ClusterChanges` only;
/// read from any thread.
///
/// Everything is keyed by topic id (R18): a name that was deleted and made anew is another topic.
public final class PartitionTable {
    private record Key(Uuid topicId, int partition) {}

    private final int nodeId;
    private final LogOpener logs;
    private final Map<Key, LedPartition> led = new ConcurrentHashMap<>();
    private volatile ClusterImage image;

    /// Opens a partition's log with the settings of an image.
    @FunctionalInterface
    public interface LogOpener {
        PartitionLog open(TopicIdPartition partition, ClusterImage image);
    }

    public PartitionTable(int nodeId, LogOpener logs, ClusterImage image) {
        this.nodeId = nodeId;
        this.logs = logs;
        this.image = image;
    }

    /// The broker whose partitions these are.
    public int nodeId() {
        return nodeId;
    }

    /// The image that the table stands on.
    public ClusterImage image() {
        return image;
    }

    public Collection<LedPartition> all() {
        return List.copyOf(led.values());
    }

    /// The partition that a client means by its own name for the topic.
    public PartitionLookup find(TenantNames names, String outsideName, int partition) {
        return find(names, outsideName, Uuid.ZERO_UUID, partition);
    }

    /// The partition that a client means: by topic id where its version has one, else by its own
    /// name for the topic.
    public PartitionLookup find(
            TenantNames names, String outsideName, Uuid topicId, int partition) {
        ClusterImage now = image;
        boolean byId = !topicId.equals(Uuid.ZERO_UUID);
        Uuid id = byId ? ownId(now, names, topicId) : now.topicId(names.inside(outsideName));
        if (id == null) {
            return new PartitionLookup.Refused(
                    byId ? Errors.UNKNOWN_TOPIC_ID : Errors.UNKNOWN_TOPIC_OR_PARTITION);
        }
        LedPartition found = led.get(new Key(id, partition));
        if (found != null) {
            return new PartitionLookup.Led(found);
        }
        return new PartitionLookup.Refused(
                now.partition(id, partition).isPresent()
                        ? Errors.NOT_LEADER_OR_FOLLOWER
                        : Errors.UNKNOWN_TOPIC_OR_PARTITION);
    }

    private static @Nullable Uuid ownId(ClusterImage image, TenantNames names, Uuid id) {
        String name = image.topicName(id);
        return name != null && names.owns(name) ? id : null;
    }

    /// Follows a new image.
    ///
    /// @param topics the topics that may have changed
    /// @param deleted topics that are gone
    /// @return what changed here
    public Moves move(ClusterImage next, Collection<TopicState> topics, Collection<Uuid> deleted) {
        List<LedPartition> gained = new ArrayList<>();
        List<LedPartition> lost = new ArrayList<>();
        image = next;
        for (TopicState topic : topics) {
            for (PartitionState partition : topic.partitions()) {
                if (partition.leader() == nodeId) {
                    lead(topic, partition).ifPresent(gained::add);
                } else {
                    resign(new Key(topic.id(), partition.partition())).ifPresent(lost::add);
                }
            }
        }
        for (Uuid topicId : deleted) {
            for (Key key :
                    led.keySet().stream().filter(k -> k.topicId().equals(topicId)).toList()) {
                resign(key).ifPresent(lost::add);
            }
        }
        return new Moves(gained, lost);
    }

    /// @param gained partitions led from now on, or under another epoch
    public record Moves(List<LedPartition> gained, List<LedPartition> lost) {}

    private Optional<LedPartition> lead(TopicState topic, PartitionState state) {
        Key key = new Key(topic.id(), state.partition());
        LedPartition.Leadership leadership =
                new LedPartition.Leadership(state.leaderEpoch(), SingleCopy.inSync(state));
        LedPartition known = led.get(key);
        if (known == null) {
            TopicIdPartition id =
                    new TopicIdPartition(
                            topic.id(), new TopicPartition(topic.name(), state.partition()));
            LedPartition fresh = new LedPartition(id, leadership, () -> logs.open(id, image));
            led.put(key, fresh);
            return Optional.of(fresh);
        }
        boolean newEpoch = state.leaderEpoch() > known.epoch();
        known.lead(leadership);
        return newEpoch ? Optional.of(known) : Optional.empty();
    }

    private Optional<LedPartition> resign(Key key) {
        LedPartition known = led.remove(key);
        if (known != null) {
            known.resign();
        }
        return Optional.ofNullable(known);
    }
}
