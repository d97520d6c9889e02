package io.firn.gateway.answer;

import io.firn.controller.image.ClusterImage;
import io.firn.protocol.connection.InboundRequest;

import org.apache.kafka.common.requests.ApiVersionsRequest;
import org.apache.kafka.common.requests.DescribeClusterRequest;
import org.apache.kafka.common.requests.DescribeTopicPartitionsRequest;
import org.apache.kafka.common.requests.FindCoordinatorRequest;
import org.apache.kafka.common.requests.MetadataRequest;

import java.util.Iterator;
import java.util.function.ToIntFunction;
import java.util.stream.Stream;

/// What a gateway answers itself, from its image of the cluster.
public final class Answers {
    /// What an event loop has time for in one answer (G12).
    private static final int MOST_TOPICS = 500;

    private static final int MOST_PARTITIONS = 1_000;

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
            case MetadataRequest body -> metadata(request, body, image);
            case ApiVersionsRequest body -> request.answer(ApiVersionsAnswer.answer(body, image));
            case DescribeClusterRequest body -> request.answer(cluster.describe(body, image));
            case FindCoordinatorRequest body -> request.answer(cluster.coordinators(body, image));
            case DescribeTopicPartitionsRequest body ->
                    onOrOffLoop(
                            request,
                            body.data().topics().isEmpty()
                                    ? isLarge(image)
                                    : isLarge(inside(request, body), image::partitionCount),
                            () ->
                                    request.answer(
                                            topicPartitions.answer(body, image, request.names())));
            default ->
                    throw new IllegalStateException(
                            "A gateway does not answer %s itself"
                                    .formatted(request.header().apiKey()));
        }
    }

    private void metadata(InboundRequest request, MetadataRequest body, ClusterImage image) {
        if (body.isAllTopics() && isLarge(image)) {
            request.offLoop(() -> request.answerBody(metadata.all(body, image, request.names())));
        } else {
            onOrOffLoop(
                    request,
                    !body.isAllTopics()
                            && isLarge(
                                    body.data().topics().stream(),
                                    topic ->
                                            topic.name() == null
                                                    ? image.partitionCount(topic.topicId())
                                                    : image.partitionCount(
                                                            request.names().inside(topic.name()))),
                    () -> request.answer(metadata.answer(body, image, request.names())));
        }
    }

    private static Stream<String> inside(
            InboundRequest request, DescribeTopicPartitionsRequest body) {
        return body.data().topics().stream().map(topic -> request.names().inside(topic.name()));
    }

    private static void onOrOffLoop(InboundRequest request, boolean takesLong, Runnable answer) {
        if (takesLong) {
            request.offLoop(answer);
        } else {
            answer.run();
        }
    }

    private static boolean isLarge(ClusterImage image) {
        return image.topicCount() > MOST_TOPICS || image.partitionCount() > MOST_PARTITIONS;
    }

    private static <T> boolean isLarge(Stream<T> topics, ToIntFunction<T> partitions) {
        int left = MOST_PARTITIONS;
        for (Iterator<T> each = topics.iterator(); left >= 0 && each.hasNext(); ) {
            left -= partitions.applyAsInt(each.next());
        }
        return left < 0;
    }
}
