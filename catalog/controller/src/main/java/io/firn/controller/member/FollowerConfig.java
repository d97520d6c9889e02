package io.firn.controller.member;

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
/// @param clusterKey the secret of the cluster's members; controllers talk to nobody else (G6)
/// @param besideController whether a controller runs in the same process: a record that does not
///     apply is fatal then
@SuppressWarnings("ArrayRecordComponent") // a key is never compared
public record FollowerConfig(
        int nodeId,
        String clusterId,
        Path dir,
        Map<Integer, InetSocketAddress> voters,
        byte[] clusterKey,
        boolean besideController) {
    public FollowerConfig {
        voters = Map.copyOf(voters);
        if (voters.isEmpty()) {
            throw new IllegalArgumentException(
                    "Node %d cannot follow the cluster without the address of a controller"
                            .formatted(nodeId));
        }
    }
}
