package io.firn.gateway.route;

import io.firn.controller.image.ClusterImage;
import io.firn.controller.image.PartitionState;

import org.apache.kafka.common.Uuid;

import java.util.Optional;

/// How a request names a topic.
sealed interface TopicKey {
    record Named(String insideName) implements TopicKey {}

    record Identified(Uuid id) implements TopicKey {}

    /// One partition, without a look at its neighbours.
    default Optional<PartitionState> partition(ClusterImage image, int partition) {
        return switch (this) {
            case Named named -> image.partition(named.insideName(), partition);
            case Identified identified -> image.partition(identified.id(), partition);
        };
    }

    /// Newer versions send the id, older ones the name.
    static TopicKey of(Uuid id, String insideName) {
        return id.equals(Uuid.ZERO_UUID) ? new Named(insideName) : new Identified(id);
    }
}
