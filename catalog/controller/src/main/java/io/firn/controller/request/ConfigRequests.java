package io.firn.controller.request;

import org.apache.kafka.clients.admin.AlterConfigOp.OpType;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.message.AlterConfigsRequestData;
import org.apache.kafka.common.message.AlterConfigsResponseData;
import org.apache.kafka.common.message.AlterConfigsResponseData.AlterConfigsResourceResponse;
import org.apache.kafka.common.message.IncrementalAlterConfigsRequestData;
import org.apache.kafka.common.message.IncrementalAlterConfigsRequestData.AlterConfigsResource;
import org.apache.kafka.common.message.IncrementalAlterConfigsRequestData.AlterableConfig;
import org.apache.kafka.common.message.IncrementalAlterConfigsResponseData;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.AbstractRequest;
import org.apache.kafka.common.requests.AbstractResponse;
import org.apache.kafka.common.requests.AlterConfigsRequest;
import org.apache.kafka.common.requests.AlterConfigsResponse;
import org.apache.kafka.common.requests.ApiError;
import org.apache.kafka.common.requests.IncrementalAlterConfigsRequest;
import org.apache.kafka.common.requests.IncrementalAlterConfigsResponse;
import org.apache.kafka.controller.Controller;
import org.apache.kafka.controller.ControllerRequestContext;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionStage;

/// AlterConfigs and IncrementalAlterConfigs, as Kafka's ControllerApis answers them.
final class ConfigRequests {
    private static final ApiError DUPLICATE =
            new ApiError(Errors.INVALID_REQUEST, "Duplicate resource.");
    private static final ApiError UNKNOWN_OPERATION =
            new ApiError(Errors.INVALID_REQUEST, "Unknown operation type.");

    private final Controller controller;

    ConfigRequests(Controller controller) {
        this.controller = controller;
    }

    Optional<CompletionStage<? extends AbstractResponse>> serve(
            AbstractRequest body, ControllerRequestContext context) {
        return switch (body) {
            case IncrementalAlterConfigsRequest r -> Optional.of(incremental(r.data(), context));
            case AlterConfigsRequest r -> Optional.of(whole(r.data(), context));
            default -> Optional.empty();
        };
    }

    private CompletionStage<IncrementalAlterConfigsResponse> incremental(
            IncrementalAlterConfigsRequestData request, ControllerRequestContext context) {
        Map<ConfigResource, Map<String, Map.Entry<OpType, String>>> changes = new LinkedHashMap<>();
        Map<ConfigResource, ApiError> errors = new LinkedHashMap<>();
        for (AlterConfigsResource resource : request.resources()) {
            ConfigResource key = key(resource.resourceType(), resource.resourceName());
            Optional<Map<String, Map.Entry<OpType, String>>> operations = operations(resource);
            if (errors.containsKey(key) || changes.containsKey(key)) {
                changes.remove(key);
                errors.put(key, DUPLICATE);
            } else if (operations.isEmpty()) {
                errors.put(key, UNKNOWN_OPERATION);
            } else {
                changes.put(key, operations.get());
            }
        }
        return controller
                .incrementalAlterConfigs(context, changes, request.validateOnly(), true)
                .thenApply(
                        results -> {
                            Map<ConfigResource, ApiError> all = new LinkedHashMap<>(results);
                            all.putAll(errors);
                            return new IncrementalAlterConfigsResponse(
                                    new IncrementalAlterConfigsResponseData()
                                            .setResponses(incrementalAnswers(all)));
                        });
    }

    private static Optional<Map<String, Map.Entry<OpType, String>>> operations(
            AlterConfigsResource resource) {
        Map<String, Map.Entry<OpType, String>> operations = new HashMap<>();
        for (AlterableConfig config : resource.configs()) {
            OpType type = OpType.forId(config.configOperation());
            if (type == null) {
                return Optional.empty();
            }
            // A deletion has no value, which Map.entry would refuse.
            operations.put(
                    config.name(),
                    new java.util.AbstractMap.SimpleImmutableEntry<>(type, config.value()));
        }
        return Optional.of(operations);
    }

    private CompletionStage<AlterConfigsResponse> whole(
            AlterConfigsRequestData request, ControllerRequestContext context) {
        Map<ConfigResource, Map<String, String>> changes = new LinkedHashMap<>();
        Set<ConfigResource> twice = new HashSet<>();
        for (AlterConfigsRequestData.AlterConfigsResource resource : request.resources()) {
            ConfigResource key = key(resource.resourceType(), resource.resourceName());
            Map<String, String> values = new HashMap<>();
            resource.configs().forEach(c -> values.put(c.name(), c.value()));
            if (twice.contains(key) || changes.putIfAbsent(key, values) != null) {
                changes.remove(key);
                twice.add(key);
            }
        }
        return controller
                .legacyAlterConfigs(context, changes, request.validateOnly(), true)
                .thenApply(
                        results -> {
                            Map<ConfigResource, ApiError> all = new LinkedHashMap<>(results);
                            twice.forEach(key -> all.put(key, DUPLICATE));
                            return new AlterConfigsResponse(
                                    new AlterConfigsResponseData().setResponses(answers(all)));
                        });
    }

    private static List<AlterConfigsResourceResponse> answers(
            Map<ConfigResource, ApiError> results) {
        List<AlterConfigsResourceResponse> answers = new ArrayList<>();
        results.forEach(
                (key, error) ->
                        answers.add(
                                new AlterConfigsResourceResponse()
                                        .setResourceType(key.type().id())
                                        .setResourceName(key.name())
                                        .setErrorCode(error.error().code())
                                        .setErrorMessage(error.message())));
        return answers;
    }

    private static List<IncrementalAlterConfigsResponseData.AlterConfigsResourceResponse>
            incrementalAnswers(Map<ConfigResource, ApiError> results) {
        List<IncrementalAlterConfigsResponseData.AlterConfigsResourceResponse> answers =
                new ArrayList<>();
        results.forEach(
                (key, error) ->
                        answers.add(
                                new IncrementalAlterConfigsResponseData
                                                .AlterConfigsResourceResponse()
                                        .setResourceType(key.type().id())
                                        .setResourceName(key.name())
                                        .setErrorCode(error.error().code())
                                        .setErrorMessage(error.message())));
        return answers;
    }

    private static ConfigResource key(byte type, String name) {
        return new ConfigResource(ConfigResource.Type.forId(type), name);
    }
}
