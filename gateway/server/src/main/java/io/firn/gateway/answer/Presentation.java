package io.firn.gateway.answer;

import io.firn.controller.image.ClusterView;

import org.apache.kafka.common.Node;

/// Which nodes a client sees behind the gateway's one address. Only [OneNode] is built; a node per
/// broker comes with the issue that proves which clients keep node ids apart at one address.
public sealed interface Presentation {
    /// The gateway itself is the only node, and coordinator of everything: any client works with a
    /// cluster of one node. Its id is the same on every gateway.
    record OneNode(String host, int port) implements Presentation {
        /// The node id that every gateway shows.
        static final int ID = ClusterView.SHOWN_NODE;

        Node node() {
            return new Node(ID, host, port);
        }
    }
}
