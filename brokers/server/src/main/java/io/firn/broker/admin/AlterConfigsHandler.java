package io.firn.broker.admin;

import io.firn.broker.request.Handler;
import io.firn.protocol.TenantNames;
import io.firn.protocol.connection.InboundRequest;

import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.message.AlterConfigsRequestData.AlterConfigsResource;
import org.apache.kafka.common.message.AlterConfigsResponseData;
import org.apache.kafka.common.message.AlterConfigsResponseData.AlterConfigsResourceResponse;
import org.apache.kafka.common.message.IncrementalAlterConfigsRequestData;
import org.apache.kafka.common.message.IncrementalAlterConfigsResponseData;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.AlterConfigsRequest;
import org.apache.kafka.common.requests.AlterConfigsResponse;
import org.apache.kafka.common.requests.ApiError;
import org.apache.kafka.common.requests.IncrementalAlterConfigsRequest;
import org.apache.kafka.common.requests.IncrementalAlterConfigsResponse;

import java.util.HashMap;
import java.util.Map;

/// AlterConfigs and IncrementalAlterConfigs of a tenant's topics and groups. What belongs to the
/// whole cluster is not a tenant's to change.
public final class AlterConfigsHandler implements Handler {
    private final ToController controller;

    public AlterConfigsHandler(ToController controller) {
        this.controller = controller;
    }

    @Override
    public void handle(InboundRequest request) {
        if (request.body() instanceof IncrementalAlterConfigsRequest body) {
            incremental(request, body.data());
        } else {
            replaceAll(request, (AlterConfigsRequest) request.body());
        }
    }

    private void incremental(InboundRequest request, IncrementalAlterConfigsRequestData asked) {
        TenantNames names = request.names();
        IncrementalAlterConfigsResponseData out = new IncrementalAlterConfigsResponseData();
        IncrementalAlterConfigsRequestData change =
                new IncrementalAlterConfigsRequestData().setValidateOnly(asked.validateOnly());
        for (var resource : asked.resources()) {
            ApiError refusal = refusal(resource.resourceType());
            if (refusal.isFailure()) {
                out.responses()
                        .add(
                                new IncrementalAlterConfigsResponseData
                                                .AlterConfigsResourceResponse()
                                        .setResourceType(resource.resourceType())
                                        .setResourceName(resource.resourceName())
                                        .setErrorCode(refusal.error().code())
                                        .setErrorMessage(refusal.message()));
                continue;
            }
            var inside = resource.duplicate();
            inside.setResourceName(names.inside(resource.resourceName()));
            change.resources().add(inside);
        }
        if (change.resources().isEmpty()) {
            request.answer(new IncrementalAlterConfigsResponse(out));
            return;
        }
        controller.forward(
                request,
                new IncrementalAlterConfigsRequest.Builder(change),
                IncrementalAlterConfigsResponse.class,
                answer -> {
                    for (IncrementalAlterConfigsResponseData.AlterConfigsResourceResponse result :
                            answer.data().responses()) {
                        IncrementalAlterConfigsResponseData.AlterConfigsResourceResponse own =
                                result.duplicate();
                        own.setResourceName(names.outside(result.resourceName()));
                        own.setErrorMessage(names.inOwnWords(result.errorMessage()));
                        out.responses().add(own);
                    }
                    return new IncrementalAlterConfigsResponse(out);
                });
    }

    private void replaceAll(InboundRequest request, AlterConfigsRequest body) {
        TenantNames names = request.names();
        AlterConfigsResponseData out = new AlterConfigsResponseData();
        Map<ConfigResource, AlterConfigsRequest.Config> change = new HashMap<>();
        for (AlterConfigsResource resource : body.data().resources()) {
            ApiError refusal = refusal(resource.resourceType());
            if (refusal.isFailure()) {
                out.responses()
                        .add(
                                new AlterConfigsResourceResponse()
                                        .setResourceType(resource.resourceType())
                                        .setResourceName(resource.resourceName())
                                        .setErrorCode(refusal.error().code())
                                        .setErrorMessage(refusal.message()));
                continue;
            }
            change.put(
                    new ConfigResource(
                            ConfigResource.Type.forId(resource.resourceType()),
                            names.inside(resource.resourceName())),
                    new AlterConfigsRequest.Config(
                            resource.configs().stream()
                                    .map(
                                            config ->
                                                    new AlterConfigsRequest.ConfigEntry(
                                                            config.name(), config.value()))
                                    .toList()));
        }
        if (change.isEmpty()) {
            request.answer(new AlterConfigsResponse(out));
            return;
        }
        controller.forward(
                request,
                new AlterConfigsRequest.Builder(change, body.validateOnly()),
                AlterConfigsResponse.class,
                answer -> {
                    for (AlterConfigsResourceResponse result : answer.data().responses()) {
                        AlterConfigsResourceResponse own = result.duplicate();
                        own.setResourceName(names.outside(result.resourceName()));
                        own.setErrorMessage(names.inOwnWords(result.errorMessage()));
                        out.responses().add(own);
                    }
                    return new AlterConfigsResponse(out);
                });
    }

    private static ApiError refusal(byte type) {
        return switch (ConfigResource.Type.forId(type)) {
            case TOPIC, GROUP -> ApiError.NONE;
            case BROKER, BROKER_LOGGER, CLIENT_METRICS ->
                    new ApiError(
                            Errors.CLUSTER_AUTHORIZATION_FAILED,
                            "Cannot alter settings of the whole cluster as a tenant: its operator sets them in firn.yaml");
            case UNKNOWN ->
                    new ApiError(
                            Errors.INVALID_REQUEST,
                            "Cannot alter settings of resource type %d: Firn has topics and groups"
                                    .formatted(type));
        };
    }
}
