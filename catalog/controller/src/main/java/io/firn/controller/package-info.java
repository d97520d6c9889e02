/// The Raft quorum that decides leadership, and every node's view of the cluster: Kafka's
/// `QuorumController` and `KafkaRaftClient`, assembled (DESIGN 3 and 4).
@NullMarked
package io.firn.controller;

import org.jspecify.annotations.NullMarked;
