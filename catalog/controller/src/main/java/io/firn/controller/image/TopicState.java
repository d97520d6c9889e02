package io.firn.controller.image;

import org.apache.kafka.common.Uuid;
import org.apache.kafka.image.TopicImage;

import java.util.List;
import java.util.Optional;

/// One topic in one image.
///
/// @param name inside name, `<tenant>.<name>`; an internal topic's has no tenant
/// @param partitions in order, from 0 without gaps
public record TopicState(String name, Uuid id, List<PartitionState> partitions) {
    static TopicState of(TopicImage topic) {
        return new TopicState(
                topic.name(),
                topic.id(),
                topic.partitions().entrySet().stream()
                        .sorted(java.util.Map.Entry.comparingByKey())
                        .map(e -> PartitionState.of(e.getKey(), e.getValue()))
                        .toList());
    }

    public Optional<PartitionState> partition(int partition) {
        return partition >= 0 && partition < partitions.size()
                ? Optional.of(partitions.get(partition))
                : Optional.empty();
    }
}
