package io.firn.broker.group;

import org.apache.kafka.common.Uuid;
import org.apache.kafka.image.MetadataImage;
import org.apache.kafka.image.TopicImage;

import java.util.Optional;

/// One tenant's topics in one image of the cluster; those of others are not there.
record TenantTopics(MetadataImage image, GroupNames names) {
    Optional<TopicImage> byId(Uuid id) {
        return Optional.ofNullable(image.topics().getTopic(id))
                .filter(topic -> names.owns(topic.name()));
    }

    Optional<TopicImage> byName(String outside) {
        return Optional.ofNullable(image.topics().getTopic(names.topic(outside)));
    }

    Optional<TopicImage> byInsideName(String inside) {
        return Optional.ofNullable(image.topics().getTopic(inside));
    }
}
