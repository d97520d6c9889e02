package io.firn.coordination;

import org.apache.kafka.coordinator.group.GroupCoordinatorConfig;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/// How this broker coordinates groups.
///
/// @param nodeId this broker's id
/// @param offsetsPartitions partitions of `__consumer_offsets` when it is created; an existing
///     topic keeps its number
/// @param offsetsReplicas replicas of it (Kafka's `offsets.topic.replication.factor`): it is not
///     created before so many brokers live
/// @param initialRebalanceDelay how long a new classic group waits for more members before its
///     first assignment
/// @param overrides Kafka's own broker settings by name (`offsets.retention.minutes`,
///     `group.consumer.session.timeout.ms`, ...), which win over all others
public record GroupSettings(
        int nodeId,
        int offsetsPartitions,
        int offsetsReplicas,
        Duration initialRebalanceDelay,
        Map<String, String> overrides) {
    public GroupSettings {
        if (offsetsPartitions < 1 || offsetsReplicas < 1) {
            throw new IllegalArgumentException(
                    "Cannot create __consumer_offsets with %d partitions and %d replicas: both must be at least 1"
                            .formatted(offsetsPartitions, offsetsReplicas));
        }
        overrides = Map.copyOf(overrides);
    }

    /// Few partitions and no wait for a second member: one node, where a person watches.
    public static GroupSettings standalone(int nodeId) {
        return new GroupSettings(
                nodeId,
                8,
                1,
                Duration.ofMillis(100),
                Map.of(
                        // The first heartbeat brings the assignment, not the one 5 s later.
                        GroupCoordinatorConfig.CONSUMER_GROUP_ASSIGNOR_OFFLOAD_ENABLE_CONFIG,
                        "false",
                        GroupCoordinatorConfig.CONSUMER_GROUP_ASSIGNMENT_INTERVAL_MS_CONFIG,
                        "0"));
    }

    public GroupSettings with(Map<String, String> moreOverrides) {
        Map<String, String> all = new HashMap<>(overrides);
        all.putAll(moreOverrides);
        return new GroupSettings(
                nodeId, offsetsPartitions, offsetsReplicas, initialRebalanceDelay, all);
    }

    Map<String, String> properties() {
        Map<String, String> properties = new HashMap<>();
        properties.put(
                GroupCoordinatorConfig.OFFSETS_TOPIC_PARTITIONS_CONFIG,
                String.valueOf(offsetsPartitions));
        properties.put(
                GroupCoordinatorConfig.OFFSETS_TOPIC_REPLICATION_FACTOR_CONFIG,
                String.valueOf(offsetsReplicas));
        properties.put(
                GroupCoordinatorConfig.GROUP_INITIAL_REBALANCE_DELAY_MS_CONFIG,
                String.valueOf(initialRebalanceDelay.toMillis()));
        // Share and streams groups are not advertised.
        properties.put(
                GroupCoordinatorConfig.GROUP_COORDINATOR_REBALANCE_PROTOCOLS_CONFIG,
                "classic,consumer");
        // Two threads keep a core each busy; more would only wait for the same journal.
        properties.put(GroupCoordinatorConfig.GROUP_COORDINATOR_NUM_THREADS_CONFIG, "2");
        properties.put(GroupCoordinatorConfig.GROUP_COORDINATOR_NUM_BACKGROUND_THREADS_CONFIG, "1");
        properties.putAll(overrides);
        return properties;
    }
}
