package io.firn.gateway.answer;

import io.firn.controller.image.ClusterView;
import io.firn.controller.request.ChangeOffset;
import io.firn.protocol.RateLimitedLog;

import org.apache.kafka.common.message.CreateTopicsRequestData;
import org.apache.kafka.common.message.CreateTopicsRequestData.CreatableTopic;
import org.apache.kafka.common.message.CreateTopicsRequestData.CreatableTopicCollection;
import org.apache.kafka.common.message.CreateTopicsResponseData;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.AbstractResponse;
import org.apache.kafka.common.requests.CreateTopicsRequest;
import org.apache.kafka.common.requests.CreateTopicsResponse;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// Creates topics on first use, behind the client's back as Kafka does: Metadata is answered at
/// once, the client asks again and finds the topic. Nobody waits here, whether the controller
/// answers or not, and no more than [#MOST_UNDER_WAY] topics are on the way. Thread safe.
public final class TopicCreator {
    public static final int MOST_UNDER_WAY = 1000;

    private static final RateLimitedLog LIMITED = // what clients cause as often as they like
            new RateLimitedLog(LoggerFactory.getLogger(TopicCreator.class));
    private static final short DEFAULT_REPLICATION = -1;
    private static final int CREATE_TIMEOUT_MS = 5000;

    private final ClusterView cluster;
    private final Controllers controllers;
    private final boolean enabled;
    private final int partitions;
    private final Set<String> underWay = new HashSet<>();

    public TopicCreator(
            ClusterView cluster, Controllers controllers, boolean enabled, int partitions) {
        this.cluster = cluster;
        this.controllers = controllers;
        this.enabled = enabled;
        this.partitions = partitions;
    }

    boolean enabled() {
        return enabled;
    }

    /// Returns at once. What is on the way already is not asked for again; what there is no room
    /// for is left to the client's next request.
    ///
    /// @param insideNames of topics that do not exist in the image
    public void create(Collection<String> insideNames) {
        List<String> mine = begin(insideNames);
        if (mine.isEmpty()) {
            return;
        }
        var unused =
                controllers
                        .send(request(mine))
                        .whenComplete((answer, failure) -> answered(mine, answer, failure));
    }

    private synchronized List<String> begin(Collection<String> insideNames) {
        List<String> mine = new ArrayList<>();
        for (String name : insideNames) {
            if (underWay.size() >= MOST_UNDER_WAY) {
                break;
            }
            if (underWay.add(name)) {
                mine.add(name);
            }
        }
        return mine;
    }

    private void answered(
            List<String> names, @Nullable AbstractResponse answer, @Nullable Throwable failure) {
        if (!(answer instanceof CreateTopicsResponse created)) {
            LIMITED.warn(
                    "Topics {} are not created on first use yet; the next request for them tries again: {}",
                    names,
                    String.valueOf(failure));
            end(names);
            return;
        }
        created.data().topics().forEach(TopicCreator::tell);
        var unused =
                cluster.shows(ChangeOffset.take(created)).whenComplete((shown, e) -> end(names));
    }

    private static void tell(CreateTopicsResponseData.CreatableTopicResult topic) {
        Errors error = Errors.forCode(topic.errorCode());
        if (error != Errors.NONE && error != Errors.TOPIC_ALREADY_EXISTS) {
            LIMITED.warn(
                    "Topic {} is not created on first use: {} ({})",
                    topic.name(),
                    error,
                    topic.errorMessage());
        }
    }

    private synchronized void end(List<String> names) {
        names.forEach(underWay::remove);
    }

    private CreateTopicsRequest.Builder request(List<String> names) {
        CreatableTopicCollection topics = new CreatableTopicCollection();
        for (String name : names) {
            topics.add(
                    new CreatableTopic()
                            .setName(name)
                            .setNumPartitions(partitions)
                            .setReplicationFactor(DEFAULT_REPLICATION));
        }
        return new CreateTopicsRequest.Builder(
                new CreateTopicsRequestData().setTopics(topics).setTimeoutMs(CREATE_TIMEOUT_MS));
    }
}
