package io.firn.gateway.route;

/// Who answers a request, as far as its API says.
public enum Route {
    /// The leaders of its partitions.
    BY_LEADER,

    /// The coordinators of its groups.
    BY_COORDINATOR,

    /// Any broker that is alive: it asks the controller where needed.
    ANY_BROKER,

    /// All brokers, since each knows only its part.
    WHOLE_CLUSTER,

    /// The gateway, from its image of the cluster.
    HERE
}
