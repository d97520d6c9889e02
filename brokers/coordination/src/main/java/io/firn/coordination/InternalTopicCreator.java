package io.firn.coordination;

import org.apache.kafka.common.message.CreateTopicsRequestData.CreatableTopic;

import java.util.concurrent.CompletableFuture;

/// Asks the controller for an internal topic.
@FunctionalInterface
interface InternalTopicCreator {
    /// Completes when the topic is there, also if it was there before.
    CompletableFuture<Void> create(CreatableTopic topic);
}
