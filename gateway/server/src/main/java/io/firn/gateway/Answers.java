package io.firn.gateway;

import io.firn.controller.ClusterImage;
import io.firn.protocol.InboundRequest;

import org.apache.kafka.common.requests.ApiVersionsRequest;
import org.apache.kafka.common.requests.DescribeClusterRequest;
import org.apache.kafka.common.requests.DescribeTopicPartitionsRequest;
import org.apache.kafka.common.requests.FindCoordinatorRequest;
import org.apache.kafka.common.requests.MetadataRequest;

import java.util.function.Supplier;

/// What a gateway answers itself, from its image of the cluster.
final class Answers {
    private final MetadataAnswer metadata;
    private final ClusterAnswer cluster;
    private final TopicPartitionsAnswer topicPartitions;

    Answers(MetadataAnswer metadata, ClusterAnswer cluster, TopicPartitionsAnswer topicPartitions) {
        this.metadata = metadata;
        this.cluster = cluster;
        this.topicPartitions = topicPartitions;
    }

    /// @param upstreams makes the connection's connections to brokers, on first use
    void answer(InboundRequest request, ClusterImage image, Supplier<Upstreams> upstreams) {
        switch (request.body()) {
            case MetadataRequest body ->
                    metadata.answer(
                            request,
                            body,
                            image,
                            () -> request.connection().attribute(Upstreams.class, upstreams));
            case ApiVersionsRequest body -> request.answer(ApiVersionsAnswer.answer(body, image));
            case DescribeClusterRequest body -> request.answer(cluster.describe(body, image));
            case FindCoordinatorRequest body -> request.answer(cluster.coordinators(body, image));
            case DescribeTopicPartitionsRequest body ->
                    request.answer(topicPartitions.answer(body, image, request.names()));
            default ->
                    throw new IllegalStateException(
                            "A gateway does not answer %s itself"
                                    .formatted(request.header().apiKey()));
        }
    }
}
