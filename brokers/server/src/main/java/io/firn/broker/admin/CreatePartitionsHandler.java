package io.firn.broker.admin;

import io.firn.broker.request.Handler;
import io.firn.protocol.TenantNames;
import io.firn.protocol.connection.InboundRequest;

import org.apache.kafka.common.message.CreatePartitionsRequestData;
import org.apache.kafka.common.message.CreatePartitionsRequestData.CreatePartitionsTopic;
import org.apache.kafka.common.message.CreatePartitionsResponseData;
import org.apache.kafka.common.message.CreatePartitionsResponseData.CreatePartitionsTopicResult;
import org.apache.kafka.common.requests.CreatePartitionsRequest;
import org.apache.kafka.common.requests.CreatePartitionsResponse;

/// CreatePartitions: names are mapped here, the rest is the controller's.
public final class CreatePartitionsHandler implements Handler {
    private final ToController controller;

    public CreatePartitionsHandler(ToController controller) {
        this.controller = controller;
    }

    @Override
    public void handle(InboundRequest request) {
        CreatePartitionsRequestData asked = ((CreatePartitionsRequest) request.body()).data();
        TenantNames names = request.names();
        CreatePartitionsRequestData change =
                new CreatePartitionsRequestData()
                        .setTimeoutMs(asked.timeoutMs())
                        .setValidateOnly(asked.validateOnly());
        for (CreatePartitionsTopic topic : asked.topics()) {
            CreatePartitionsTopic inside = topic.duplicate();
            inside.setName(names.inside(topic.name()));
            change.topics().add(inside);
        }
        controller.forward(
                request,
                new CreatePartitionsRequest.Builder(change),
                CreatePartitionsResponse.class,
                answer -> outside(names, answer.data()));
    }

    private static CreatePartitionsResponse outside(
            TenantNames names, CreatePartitionsResponseData answer) {
        CreatePartitionsResponseData out =
                new CreatePartitionsResponseData().setThrottleTimeMs(answer.throttleTimeMs());
        for (CreatePartitionsTopicResult result : answer.results()) {
            CreatePartitionsTopicResult own = result.duplicate();
            own.setName(names.outside(result.name()));
            own.setErrorMessage(names.inOwnWords(result.errorMessage()));
            out.results().add(own);
        }
        return new CreatePartitionsResponse(out);
    }
}
