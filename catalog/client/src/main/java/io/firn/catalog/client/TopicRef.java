package io.firn.catalog.client;

import java.util.UUID;

/// A topic as its users name it, and its id, which a later topic of the same name does not share.
///
/// @param tenant tenant key, also the Iceberg namespace
/// @param topic the name outside the cluster, without the tenant's prefix
/// @param topicId Kafka's topic id
public record TopicRef(String tenant, String topic, UUID topicId) {
    public TopicRef {
        if (tenant.isEmpty() || topic.isEmpty()) {
            throw new IllegalArgumentException(
                    "Topic reference of id %s needs a tenant and a topic, got '%s' and '%s'"
                            .formatted(topicId, tenant, topic));
        }
    }
}
