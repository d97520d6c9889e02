package io.firn.gateway;

import java.util.Set;

/// Who answers a request, as far as the request itself says.
sealed interface Route {
    /// A partition by the topic's inside name or its id.
    record Partition(TopicKey topic, int partition) {}

    /// The leaders of these partitions.
    record ByLeader(Set<Partition> partitions) implements Route {}

    /// The coordinators of these groups, by their inside names.
    record ByCoordinator(Set<String> groups) implements Route {}

    /// Any broker that is alive: it asks the controller where needed.
    record AnyBroker() implements Route {}

    /// All brokers, since each knows only its part.
    record WholeCluster() implements Route {}

    /// The gateway, from its image of the cluster.
    record Here() implements Route {}
}
