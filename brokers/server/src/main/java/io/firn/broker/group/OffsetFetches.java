package io.firn.broker.group;

import io.firn.coordination.GroupCoordination;

import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.OffsetFetchRequestData.OffsetFetchRequestGroup;
import org.apache.kafka.common.message.OffsetFetchRequestData.OffsetFetchRequestTopics;
import org.apache.kafka.common.message.OffsetFetchResponseData.OffsetFetchResponseGroup;
import org.apache.kafka.common.message.OffsetFetchResponseData.OffsetFetchResponsePartitions;
import org.apache.kafka.common.message.OffsetFetchResponseData.OffsetFetchResponseTopics;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.OffsetFetchRequest;
import org.apache.kafka.common.requests.OffsetFetchResponse;
import org.apache.kafka.image.TopicImage;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/// Reading committed offsets, of several groups in one request; each group fails by itself.
final class OffsetFetches {
    private static final long NO_OFFSET = OffsetFetchResponse.INVALID_OFFSET;

    private final GroupCoordination coordination;

    OffsetFetches(GroupCoordination coordination) {
        this.coordination = coordination;
    }

    CompletableFuture<OffsetFetchResponse> fetch(GroupCall call, OffsetFetchRequest request) {
        List<CompletableFuture<OffsetFetchResponseGroup>> answers = new ArrayList<>();
        for (OffsetFetchRequestGroup group : request.groups()) {
            answers.add(fetch(call, group, request.requireStable()));
        }
        return CompletableFuture.allOf(answers.toArray(CompletableFuture[]::new))
                .thenApply(
                        done ->
                                new OffsetFetchResponse.Builder(
                                                answers.stream()
                                                        .map(CompletableFuture::join)
                                                        .toList())
                                        .build(call.version()));
    }

    private CompletableFuture<OffsetFetchResponseGroup> fetch(
            GroupCall call, OffsetFetchRequestGroup asked, boolean requireStable) {
        GroupNames names = call.names();
        TenantTopics topics = new TenantTopics(coordination.image(), names);
        boolean byId = OffsetFetchRequest.useTopicIds(call.version());
        List<OffsetFetchResponseTopics> unknown = new ArrayList<>();
        OffsetFetchRequestGroup inside = inside(asked, topics, byId, unknown);

        return coordination
                .coordinatorFor(inside.groupId())
                .thenCompose(it -> it.fetchOffsets(call.context(), inside, requireStable))
                .handle(
                        (found, error) ->
                                error == null
                                        ? outside(asked, found, topics, byId, unknown)
                                        : OffsetFetchResponse.groupError(
                                                asked, Errors.forException(error), call.version()));
    }

    private static OffsetFetchRequestGroup inside(
            OffsetFetchRequestGroup asked,
            TenantTopics topics,
            boolean byId,
            List<OffsetFetchResponseTopics> unknown) {
        OffsetFetchRequestGroup inside = asked.duplicate();
        inside.setGroupId(topics.names().group(asked.groupId()));
        if (OffsetFetchRequest.requestAllOffsets(asked)) {
            return inside;
        }
        List<OffsetFetchRequestTopics> known = new ArrayList<>();
        for (OffsetFetchRequestTopics topic : asked.topics()) {
            if (!byId) {
                known.add(topic.duplicate().setName(topics.names().topic(topic.name())));
                continue;
            }
            Optional<TopicImage> image = topics.byId(topic.topicId());
            if (image.isPresent()) {
                known.add(topic.duplicate().setName(image.get().name()));
            } else {
                unknown.add(unknownId(topic));
            }
        }
        return inside.setTopics(known);
    }

    private static OffsetFetchResponseTopics unknownId(OffsetFetchRequestTopics topic) {
        List<OffsetFetchResponsePartitions> partitions = new ArrayList<>();
        for (int partition : topic.partitionIndexes()) {
            partitions.add(
                    new OffsetFetchResponsePartitions()
                            .setPartitionIndex(partition)
                            .setCommittedOffset(NO_OFFSET)
                            .setMetadata(OffsetFetchResponse.NO_METADATA)
                            .setErrorCode(Errors.UNKNOWN_TOPIC_ID.code()));
        }
        return new OffsetFetchResponseTopics()
                .setTopicId(topic.topicId())
                .setPartitions(partitions);
    }

    private static OffsetFetchResponseGroup outside(
            OffsetFetchRequestGroup asked,
            OffsetFetchResponseGroup found,
            TenantTopics topics,
            boolean byId,
            List<OffsetFetchResponseTopics> unknown) {
        OffsetFetchResponseGroup answer =
                new OffsetFetchResponseGroup()
                        .setGroupId(asked.groupId())
                        .setErrorCode(found.errorCode());
        for (OffsetFetchResponseTopics topic : found.topics()) {
            Uuid id = topics.byInsideName(topic.name()).map(TopicImage::id).orElse(Uuid.ZERO_UUID);
            if (byId && id.equals(Uuid.ZERO_UUID)) {
                continue; // its topic was deleted: an answer by id cannot name it
            }
            answer.topics()
                    .add(
                            new OffsetFetchResponseTopics()
                                    .setName(topics.names().outside(topic.name()))
                                    .setTopicId(id)
                                    .setPartitions(topic.partitions()));
        }
        if (found.errorCode() == Errors.NONE.code()) {
            answer.topics().addAll(unknown);
        }
        return answer;
    }
}
