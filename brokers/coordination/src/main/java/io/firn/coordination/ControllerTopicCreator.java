package io.firn.coordination;

import io.firn.controller.member.ControllerClient;

import org.apache.kafka.common.message.CreateTopicsRequestData;
import org.apache.kafka.common.message.CreateTopicsRequestData.CreatableTopic;
import org.apache.kafka.common.message.CreateTopicsRequestData.CreatableTopicCollection;
import org.apache.kafka.common.message.CreateTopicsResponseData.CreatableTopicResult;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.AbstractResponse;
import org.apache.kafka.common.requests.CreateTopicsRequest;
import org.apache.kafka.common.requests.CreateTopicsResponse;

import java.util.concurrent.CompletableFuture;

/// Creates internal topics through the controller's CreateTopics.
final class ControllerTopicCreator implements InternalTopicCreator {
    private static final int TIMEOUT_MS = 10_000;

    private final ControllerClient controller;

    ControllerTopicCreator(ControllerClient controller) {
        this.controller = controller;
    }

    @Override
    public CompletableFuture<Void> create(CreatableTopic topic) {
        CreatableTopicCollection topics = new CreatableTopicCollection();
        topics.add(topic.duplicate());
        CreateTopicsRequestData request =
                new CreateTopicsRequestData().setTimeoutMs(TIMEOUT_MS).setTopics(topics);
        return controller
                .send(new CreateTopicsRequest.Builder(request))
                .thenAccept(response -> check(topic.name(), response));
    }

    private static void check(String name, AbstractResponse response) {
        if (!(response instanceof CreateTopicsResponse created)) {
            throw new IllegalStateException(
                    "Controller answered CreateTopics of %s with %s"
                            .formatted(name, response.getClass().getSimpleName()));
        }
        CreatableTopicResult result = created.data().topics().find(name);
        Errors error =
                result == null ? Errors.UNKNOWN_SERVER_ERROR : Errors.forCode(result.errorCode());
        if (error != Errors.NONE && error != Errors.TOPIC_ALREADY_EXISTS) {
            String detail = result == null ? null : result.errorMessage();
            throw error.exception(
                    "Controller refused to create %s: %s"
                            .formatted(name, detail == null ? error.message() : detail));
        }
    }
}
