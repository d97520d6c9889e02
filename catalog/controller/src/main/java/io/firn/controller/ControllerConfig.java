package io.firn.controller;

import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.Map;

/// How one controller runs.
///
/// @param nodeId unique among controllers and brokers
/// @param clusterId empty: the one in the folder, or a new one at the first start
/// @param dir holds the metadata log; formatted at the first start
/// @param port 0 picks a free one
/// @param voters every controller's id and address, this one's too; empty: this one alone
/// @param clusterKey the secret of the cluster's members: whoever connects proves it (G6)
@SuppressWarnings("ArrayRecordComponent") // a key is never compared
public record ControllerConfig(
        int nodeId,
        String clusterId,
        Path dir,
        String host,
        int port,
        Map<Integer, InetSocketAddress> voters,
        byte[] clusterKey) {
    public ControllerConfig {
        voters = Map.copyOf(voters);
        if (!voters.isEmpty() && !voters.containsKey(nodeId)) {
            throw new IllegalArgumentException(
                    "Controller %d is not among the voters %s; add it with its address"
                            .formatted(nodeId, voters));
        }
    }

    /// One controller alone on loopback, on a free port.
    public static ControllerConfig single(int nodeId, Path dir, byte[] clusterKey) {
        return new ControllerConfig(nodeId, "", dir, "127.0.0.1", 0, Map.of(), clusterKey);
    }
}
