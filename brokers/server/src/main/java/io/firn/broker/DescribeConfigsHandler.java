package io.firn.broker;

import io.firn.controller.ClusterImage;
import io.firn.protocol.InboundRequest;

import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.message.DescribeConfigsRequestData.DescribeConfigsResource;
import org.apache.kafka.common.message.DescribeConfigsResponseData;
import org.apache.kafka.common.message.DescribeConfigsResponseData.DescribeConfigsResourceResult;
import org.apache.kafka.common.message.DescribeConfigsResponseData.DescribeConfigsResult;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.DescribeConfigsRequest;
import org.apache.kafka.common.requests.DescribeConfigsResponse;

import java.util.List;
import java.util.function.Supplier;

/// DescribeConfigs of topics, brokers and groups, out of one image.
final class DescribeConfigsHandler implements Handler {
    private final Supplier<ClusterImage> images;
    private final ConfigDescriber describer;

    DescribeConfigsHandler(Supplier<ClusterImage> images, ConfigDescriber describer) {
        this.images = images;
        this.describer = describer;
    }

    @Override
    public void handle(InboundRequest request) {
        DescribeConfigsRequest body = (DescribeConfigsRequest) request.body();
        ClusterImage image = images.get();
        Names names = new Names(request.names());
        DescribeConfigsResponseData data = new DescribeConfigsResponseData();
        for (DescribeConfigsResource resource : body.data().resources()) {
            DescribeConfigsResult result = describe(image, names, resource);
            for (DescribeConfigsResourceResult config : result.configs()) {
                if (!body.data().includeSynonyms()) {
                    config.setSynonyms(List.of());
                }
                if (!body.data().includeDocumentation()) {
                    config.setDocumentation(null);
                }
            }
            data.results().add(result);
        }
        request.answer(new DescribeConfigsResponse(data));
    }

    private DescribeConfigsResult describe(
            ClusterImage image, Names names, DescribeConfigsResource resource) {
        DescribeConfigsResult result =
                new DescribeConfigsResult()
                        .setResourceName(resource.resourceName())
                        .setResourceType(resource.resourceType());
        String name = resource.resourceName();
        List<String> keys = resource.configurationKeys();
        return switch (ConfigResource.Type.forId(resource.resourceType())) {
            case TOPIC ->
                    image.topic(names.inside(name)).isPresent()
                            ? result.setConfigs(describer.topic(image, names.inside(name), keys))
                            : result.setErrorCode(Errors.UNKNOWN_TOPIC_OR_PARTITION.code());
            case BROKER -> result.setConfigs(describer.broker(image, name, keys));
            case GROUP -> result.setConfigs(describer.group(image, names.inside(name), keys));
            case BROKER_LOGGER, CLIENT_METRICS, UNKNOWN ->
                    result.setErrorCode(Errors.INVALID_REQUEST.code())
                            .setErrorMessage(
                                    "Cannot describe settings of resource type %d: Firn has topics, brokers and groups"
                                            .formatted(resource.resourceType()));
        };
    }
}
