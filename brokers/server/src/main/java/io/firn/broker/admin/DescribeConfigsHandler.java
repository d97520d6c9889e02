package io.firn.broker.admin;

import io.firn.broker.request.Handler;
import io.firn.controller.image.ClusterImage;
import io.firn.controller.image.ClusterView;
import io.firn.protocol.TenantNames;
import io.firn.protocol.connection.InboundRequest;

import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.message.DescribeConfigsRequestData.DescribeConfigsResource;
import org.apache.kafka.common.message.DescribeConfigsResponseData;
import org.apache.kafka.common.message.DescribeConfigsResponseData.DescribeConfigsResourceResult;
import org.apache.kafka.common.message.DescribeConfigsResponseData.DescribeConfigsResult;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.DescribeConfigsRequest;
import org.apache.kafka.common.requests.DescribeConfigsResponse;

import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/// DescribeConfigs of topics, brokers and groups, out of one image.
public final class DescribeConfigsHandler implements Handler {
    /// Each resource takes some microseconds.
    private static final int ON_LOOP = 16;

    private final Supplier<ClusterImage> images;
    private final ConfigDescriber describer;

    public DescribeConfigsHandler(Supplier<ClusterImage> images, ConfigDescriber describer) {
        this.images = images;
        this.describer = describer;
    }

    @Override
    public void handle(InboundRequest request) {
        DescribeConfigsRequest body = (DescribeConfigsRequest) request.body();
        if (body.data().resources().size() > ON_LOOP) {
            request.offLoop(() -> answer(request, body));
        } else {
            answer(request, body);
        }
    }

    private void answer(InboundRequest request, DescribeConfigsRequest body) {
        ClusterImage image = images.get();
        TenantNames names = request.names();
        DescribeConfigsResponseData data = new DescribeConfigsResponseData();
        Set<String> answered = new HashSet<>();
        for (DescribeConfigsResource resource : body.data().resources()) {
            if (!answered.add(resource.resourceType() + "/" + resource.resourceName())) {
                continue; // a name of five bytes is answered with 50 settings, but once (G12)
            }
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

    /// Clients know of one broker, the node that gateways show; and of the cluster's default, which
    /// has no name.
    private static Optional<String> brokerRefusal(String name) {
        if (name.isEmpty() || name.equals(String.valueOf(ClusterView.SHOWN_NODE))) {
            return Optional.empty();
        }
        return Optional.of(
                name.matches("[+-]?\\d{1,10}")
                        ? "Unexpected broker id, expected %d or empty string, but received %s"
                                .formatted(ClusterView.SHOWN_NODE, name)
                        : "Broker id must be an integer, but it is: " + name);
    }

    private DescribeConfigsResult describe(
            ClusterImage image, TenantNames names, DescribeConfigsResource resource) {
        DescribeConfigsResult result =
                new DescribeConfigsResult()
                        .setResourceName(resource.resourceName())
                        .setResourceType(resource.resourceType());
        String name = resource.resourceName();
        List<String> keys = resource.configurationKeys();
        return switch (ConfigResource.Type.forId(resource.resourceType())) {
            case TOPIC ->
                    image.topicId(names.inside(name)) != null
                            ? result.setConfigs(describer.topic(image, names.inside(name), keys))
                            : result.setErrorCode(Errors.UNKNOWN_TOPIC_OR_PARTITION.code());
            case BROKER -> {
                Optional<String> refusal = brokerRefusal(name);
                yield refusal.isPresent()
                        ? result.setErrorCode(Errors.INVALID_REQUEST.code())
                                .setErrorMessage(refusal.get())
                        : result.setConfigs(describer.broker(image, name, keys));
            }
            case GROUP -> result.setConfigs(describer.group(image, names.inside(name), keys));
            case BROKER_LOGGER, CLIENT_METRICS, UNKNOWN ->
                    result.setErrorCode(Errors.INVALID_REQUEST.code())
                            .setErrorMessage(
                                    "Cannot describe settings of resource type %d: Firn has topics, brokers and groups"
                                            .formatted(resource.resourceType()));
        };
    }
}
