package io.firn.protocol.response;

import org.apache.kafka.common.message.DeleteTopicsRequestData.DeleteTopicState;
import org.apache.kafka.common.message.MetadataRequestData.MetadataRequestTopic;
import org.apache.kafka.common.requests.AbstractRequest;
import org.apache.kafka.common.requests.AbstractResponse;
import org.apache.kafka.common.requests.AddPartitionsToTxnRequest;
import org.apache.kafka.common.requests.DeleteTopicsRequest;
import org.apache.kafka.common.requests.MetadataRequest;
import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/// Kafka's own answer that says an error of every entry of a request.
public final class ErrorAnswer {
    /// Answers keep topics in hash tables by their names, so all that have none share one slot; it
    /// takes `n³` steps to fill a table with `n` of them (G12).
    private static final int MOST_NAMELESS = 100;

    private ErrorAnswer() {}

    /// Null for a request that no error can be said of.
    public static @Nullable AbstractResponse of(AbstractRequest request, Throwable error) {
        // Its partitions are bare numbers, which nobody has weighed, and nobody serves it.
        return request instanceof AddPartitionsToTxnRequest
                ? null
                : fewer(request).getErrorResponse(0, error);
    }

    /// The request without the topics by id that are too many to be answered one by one.
    private static AbstractRequest fewer(AbstractRequest request) {
        if (request instanceof MetadataRequest metadata && metadata.data().topics() != null) {
            Predicate<MetadataRequestTopic> named = topic -> topic.name() != null;
            return new MetadataRequest(
                    metadata.data().duplicate().setTopics(fewer(metadata.data().topics(), named)),
                    metadata.version());
        }
        if (request instanceof DeleteTopicsRequest delete) {
            Predicate<DeleteTopicState> named = topic -> topic.name() != null;
            return new DeleteTopicsRequest.Builder(
                            delete.data()
                                    .duplicate()
                                    .setTopics(fewer(delete.data().topics(), named)))
                    .build(delete.version());
        }
        return request;
    }

    private static <T> List<T> fewer(List<T> topics, Predicate<T> named) {
        List<T> fewer = new ArrayList<>();
        int nameless = 0;
        for (T topic : topics) {
            if (named.test(topic) || nameless++ < MOST_NAMELESS) {
                fewer.add(topic);
            }
        }
        return fewer;
    }
}
