package io.firn.broker.request;

import io.firn.controller.image.ClusterImage;
import io.firn.protocol.TenantNames;

import org.apache.kafka.common.Uuid;
import org.jspecify.annotations.Nullable;

import java.util.AbstractMap;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/// The topics of one tenant in one image, from id to the tenant's own name; for Kafka's classes
/// that want a map and only ask it for single ids.
public final class VisibleTopics extends AbstractMap<Uuid, String> {
    private final ClusterImage image;
    private final TenantNames names;

    public VisibleTopics(ClusterImage image, TenantNames names) {
        this.image = image;
        this.names = names;
    }

    @Override
    public @Nullable String get(Object id) {
        String name = image.topicName((Uuid) id);
        return name != null && names.owns(name) ? names.outside(name) : null;
    }

    @Override
    public @Nullable String getOrDefault(Object id, @Nullable String otherwise) {
        String name = get(id);
        return name == null ? otherwise : name;
    }

    @Override
    public boolean containsKey(Object id) {
        return get(id) != null;
    }

    @Override
    public Set<Map.Entry<Uuid, String>> entrySet() {
        return image.topics().stream()
                .filter(topic -> names.owns(topic.name()))
                .map(topic -> Map.entry(topic.id(), names.outside(topic.name())))
                .collect(Collectors.toUnmodifiableSet());
    }
}
