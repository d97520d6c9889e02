package io.firn.controller;

import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.Map;

/// How a node follows the metadata log.
///
/// @param nodeId of the broker, for the quorum's list of observers; a negative number, or the id
///     of a voter, follows without a name
/// @param clusterId empty: the controllers are asked
/// @param dir holds this node's copy of the metadata log, so that a restart fetches only what is
///     new; never the folder of a [ControllerNode]
/// @param voters every controller's id and address
public record FollowerConfig(
        int nodeId, String clusterId, Path dir, Map<Integer, InetSocketAddress> voters) {
    public FollowerConfig {
        voters = Map.copyOf(voters);
        if (voters.isEmpty()) {
            throw new IllegalArgumentException(
                    "Node %d cannot follow the cluster without the address of a controller"
                            .formatted(nodeId));
        }
    }
}
