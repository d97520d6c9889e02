package io.firn.gateway;

import io.firn.controller.ClusterImage;
import io.firn.controller.TopicState;

import org.apache.kafka.common.Uuid;

import java.util.Optional;

/// How a request names a topic.
sealed interface TopicKey {
    record Named(String insideName) implements TopicKey {}

    record Identified(Uuid id) implements TopicKey {}

    default Optional<TopicState> in(ClusterImage image) {
        return switch (this) {
            case Named named -> image.topic(named.insideName());
            case Identified identified -> image.topic(identified.id());
        };
    }

    /// Newer versions send the id, older ones the name.
    static TopicKey of(Uuid id, String insideName) {
        return id.equals(Uuid.ZERO_UUID) ? new Named(insideName) : new Identified(id);
    }
}
