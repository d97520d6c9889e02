package io.firn.broker.admin;

import io.firn.broker.request.Handler;
import io.firn.protocol.TenantNames;
import io.firn.protocol.connection.InboundRequest;

import org.apache.kafka.common.message.CreateTopicsRequestData;
import org.apache.kafka.common.message.CreateTopicsRequestData.CreatableTopic;
import org.apache.kafka.common.message.CreateTopicsResponseData;
import org.apache.kafka.common.message.CreateTopicsResponseData.CreatableTopicResult;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.CreateTopicsRequest;
import org.apache.kafka.common.requests.CreateTopicsResponse;
import org.jspecify.annotations.Nullable;

import java.util.HashSet;
import java.util.Set;

/// CreateTopics: names are checked and mapped here, the rest is the controller's.
public final class CreateTopicsHandler implements Handler {
    private final ToController controller;

    private final int defaultPartitions;

    /// @param defaultPartitions of a topic that does not say how many (`num.partitions`)
    public CreateTopicsHandler(ToController controller, int defaultPartitions) {
        this.controller = controller;
        this.defaultPartitions = defaultPartitions;
    }

    @Override
    public void handle(InboundRequest request) {
        CreateTopicsRequestData asked = ((CreateTopicsRequest) request.body()).data();
        TenantNames names = request.names();
        CreateTopicsResponseData refused = new CreateTopicsResponseData();
        CreateTopicsRequestData change =
                new CreateTopicsRequestData()
                        .setTimeoutMs(asked.timeoutMs())
                        .setValidateOnly(asked.validateOnly());
        Set<String> seen = new HashSet<>();
        Set<String> twice = new HashSet<>();
        asked.topics().forEach(topic -> (seen.add(topic.name()) ? seen : twice).add(topic.name()));
        for (String name : twice) {
            refuse(refused, name, Errors.INVALID_REQUEST, "The request names this topic twice.");
        }
        for (CreatableTopic topic : asked.topics()) {
            if (twice.contains(topic.name())) {
                continue;
            }
            String why = names.topicRefusal(topic.name());
            if (why != null) {
                refuse(refused, topic.name(), Errors.INVALID_TOPIC_EXCEPTION, why);
                continue;
            }
            CreatableTopic inside = topic.duplicate();
            inside.setName(names.inside(topic.name()));
            if (topic.numPartitions() == CreateTopicsRequest.NO_NUM_PARTITIONS
                    && topic.assignments().isEmpty()) {
                inside.setNumPartitions(defaultPartitions);
            }
            change.topics().add(inside);
        }
        if (change.topics().isEmpty()) {
            request.answer(new CreateTopicsResponse(refused));
            return;
        }
        controller.forward(
                request,
                new CreateTopicsRequest.Builder(change),
                CreateTopicsResponse.class,
                answer -> outside(names, answer.data(), refused));
    }

    private static CreateTopicsResponse outside(
            TenantNames names, CreateTopicsResponseData answer, CreateTopicsResponseData refused) {
        CreateTopicsResponseData out =
                new CreateTopicsResponseData().setThrottleTimeMs(answer.throttleTimeMs());
        for (CreatableTopicResult result : answer.topics()) {
            CreatableTopicResult own = result.duplicate();
            own.setName(names.outside(result.name()));
            own.setErrorMessage(names.inOwnWords(result.errorMessage()));
            out.topics().add(own);
        }
        for (CreatableTopicResult result : refused.topics()) {
            out.topics().add(result.duplicate());
        }
        return new CreateTopicsResponse(out);
    }

    private static void refuse(
            CreateTopicsResponseData refused, String name, Errors error, @Nullable String why) {
        refused.topics()
                .add(
                        new CreatableTopicResult()
                                .setName(name)
                                .setErrorCode(error.code())
                                .setErrorMessage(why));
    }
}
