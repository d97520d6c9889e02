package io.firn.gateway;

import io.firn.controller.ClusterImage;
import io.firn.controller.PartitionState;
import io.firn.protocol.TenantNames;
import io.netty.channel.EventLoop;

import org.apache.kafka.common.message.CreateTopicsRequestData;
import org.apache.kafka.common.message.CreateTopicsRequestData.CreatableTopic;
import org.apache.kafka.common.message.CreateTopicsRequestData.CreatableTopicCollection;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.AbstractResponse;
import org.apache.kafka.common.requests.CreateTopicsRequest;
import org.apache.kafka.common.requests.CreateTopicsResponse;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/// Creates topics on first use: asks a broker, which maps the names, then waits a moment for the
/// leaders, so that a client's first try mostly works.
final class TopicCreator {
    /// What came of it: the image to answer from, and why topics are not in it.
    record Created(ClusterImage image, Map<String, Errors> errors) {}

    private static final short DEFAULT_REPLICATION = -1;
    private static final int CREATE_TIMEOUT_MS = 5000;
    private static final int POLL_MS = 5;
    private static final int MAX_POLLS = 400; // two seconds

    private final Supplier<ClusterImage> images;
    private final boolean enabled;
    private final int partitions;

    TopicCreator(Supplier<ClusterImage> images, boolean enabled, int partitions) {
        this.images = images;
        this.enabled = enabled;
        this.partitions = partitions;
    }

    boolean enabled() {
        return enabled;
    }

    /// @param names outside names of topics that do not exist in `image`
    CompletableFuture<Created> create(
            List<String> names, TenantNames tenant, ClusterImage image, Upstreams upstreams) {
        var broker = upstreams.toAny(image);
        if (broker.isEmpty()) {
            return CompletableFuture.completedFuture(new Created(image, retriable(names)));
        }
        CompletableFuture<Created> created = new CompletableFuture<>();
        EventLoop loop = upstreams.client().eventLoop();
        broker.get()
                .call(request(names))
                .whenComplete(
                        (response, failure) -> {
                            Map<String, Errors> errors =
                                    failure == null ? errors(response) : retriable(names);
                            List<String> awaited =
                                    names.stream()
                                            .filter(name -> !errors.containsKey(name))
                                            .map(tenant::inside)
                                            .toList();
                            names.forEach(n -> errors.putIfAbsent(n, Errors.LEADER_NOT_AVAILABLE));
                            await(awaited, errors, loop, 0, created);
                        });
        return created;
    }

    private CreateTopicsRequest request(List<String> names) {
        CreatableTopicCollection topics = new CreatableTopicCollection();
        for (String name : names) {
            topics.add(
                    new CreatableTopic()
                            .setName(name)
                            .setNumPartitions(partitions)
                            .setReplicationFactor(DEFAULT_REPLICATION));
        }
        var data = new CreateTopicsRequestData().setTopics(topics).setTimeoutMs(CREATE_TIMEOUT_MS);
        return new CreateTopicsRequest.Builder(data).build(ApiKeys.CREATE_TOPICS.latestVersion());
    }

    /// Errors that the client has to hear of; someone else's creation at the same time is none.
    private static Map<String, Errors> errors(AbstractResponse response) {
        Map<String, Errors> errors = new HashMap<>();
        for (var topic : ((CreateTopicsResponse) response).data().topics()) {
            Errors error = Errors.forCode(topic.errorCode());
            switch (error) {
                case NONE, TOPIC_ALREADY_EXISTS -> {}
                case INVALID_TOPIC_EXCEPTION, TOPIC_AUTHORIZATION_FAILED, POLICY_VIOLATION ->
                        errors.put(topic.name(), error);
                case INVALID_REPLICATION_FACTOR -> // too few brokers for now
                        errors.put(topic.name(), error);
                default -> errors.put(topic.name(), Errors.LEADER_NOT_AVAILABLE);
            }
        }
        return errors;
    }

    private static Map<String, Errors> retriable(List<String> names) {
        Map<String, Errors> errors = new HashMap<>();
        names.forEach(name -> errors.put(name, Errors.LEADER_NOT_AVAILABLE));
        return errors;
    }

    private void await(
            List<String> insideNames,
            Map<String, Errors> errors,
            EventLoop loop,
            int polls,
            CompletableFuture<Created> created) {
        ClusterImage image = images.get();
        boolean ready = insideNames.stream().allMatch(name -> isLed(image, name));
        if (ready || polls >= MAX_POLLS) {
            created.complete(new Created(image, errors));
        } else {
            loop.schedule(
                    () -> await(insideNames, errors, loop, polls + 1, created),
                    POLL_MS,
                    TimeUnit.MILLISECONDS);
        }
    }

    private static boolean isLed(ClusterImage image, String insideName) {
        return image.topic(insideName)
                .map(topic -> topic.partitions().stream().allMatch(PartitionState::hasLeader))
                .orElse(false);
    }
}
