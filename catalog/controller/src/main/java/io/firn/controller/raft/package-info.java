/// Kafka's Raft client on our network and disk: one node of the metadata log.
@NullMarked
package io.firn.controller.raft;

import org.jspecify.annotations.NullMarked;
