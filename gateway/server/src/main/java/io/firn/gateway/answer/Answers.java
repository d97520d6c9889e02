package io.firn.gateway.answer;

import io.firn.controller.image.ClusterImage;
import io.firn.protocol.InboundRequest;

import org.apache.kafka.common.requests.ApiVersionsRequest;
import org.apache.kafka.common.requests.DescribeClusterRequest;
import org.apache.kafka.common.requests.DescribeTopicPartitionsRequest;
import org.apache.kafka.common.requests.FindCoordinatorRequest;
import org.apache.kafka.common.requests.MetadataRequest;

/// What a gateway answers itself, from its image of the cluster.
public final class Answers {
    private static final int LARGE = 500;

    private final MetadataAnswer metadata;
    private final ClusterAnswer cluster;
    private final TopicPartitionsAnswer topicPartitions;

    public Answers(
            MetadataAnswer metadata, ClusterAnswer cluster, TopicPartitionsAnswer topicPartitions) {
        this.metadata = metadata;
        this.cluster = cluster;
        this.topicPartitions = topicPartitions;
    }

    public void answer(InboundRequest request, ClusterImage image) {
        switch (request.body()) {
            case MetadataRequest body ->
                    onOrOffLoop(
                            request,
                            body.isAllTopics() && isLarge(image),
                            () -> request.answer(metadata.answer(body, image, request.names())));
            case ApiVersionsRequest body -> request.answer(ApiVersionsAnswer.answer(body, image));
            case DescribeClusterRequest body -> request.answer(cluster.describe(body, image));
            case FindCoordinatorRequest body -> request.answer(cluster.coordinators(body, image));
            case DescribeTopicPartitionsRequest body ->
                    onOrOffLoop(
                            request,
                            body.data().topics().isEmpty() && isLarge(image),
                            () ->
                                    request.answer(
                                            topicPartitions.answer(body, image, request.names())));
            default ->
                    throw new IllegalStateException(
                            "A gateway does not answer %s itself"
                                    .formatted(request.header().apiKey()));
        }
    }

    private static void onOrOffLoop(InboundRequest request, boolean takesLong, Runnable answer) {
        if (takesLong) {
            request.offLoop(answer);
        } else {
            answer.run();
        }
    }

    /// Whether looking at all topics takes longer than an event loop has time for (G12).
    private static boolean isLarge(ClusterImage image) {
        return image.topicCount() > LARGE;
    }
}
