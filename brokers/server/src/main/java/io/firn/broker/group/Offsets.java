package io.firn.broker.group;

import io.firn.coordination.GroupCoordination;

import org.apache.kafka.common.message.OffsetCommitRequestData;
import org.apache.kafka.common.message.OffsetCommitRequestData.OffsetCommitRequestPartition;
import org.apache.kafka.common.message.OffsetCommitRequestData.OffsetCommitRequestTopic;
import org.apache.kafka.common.message.OffsetCommitResponseData;
import org.apache.kafka.common.message.OffsetCommitResponseData.OffsetCommitResponsePartition;
import org.apache.kafka.common.message.OffsetCommitResponseData.OffsetCommitResponseTopic;
import org.apache.kafka.common.message.OffsetDeleteRequestData;
import org.apache.kafka.common.message.OffsetDeleteRequestData.OffsetDeleteRequestPartition;
import org.apache.kafka.common.message.OffsetDeleteRequestData.OffsetDeleteRequestTopic;
import org.apache.kafka.common.message.OffsetDeleteRequestData.OffsetDeleteRequestTopicCollection;
import org.apache.kafka.common.message.OffsetDeleteResponseData;
import org.apache.kafka.common.message.OffsetDeleteResponseData.OffsetDeleteResponseTopicCollection;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.OffsetCommitRequest;
import org.apache.kafka.common.requests.OffsetCommitResponse;
import org.apache.kafka.common.requests.OffsetDeleteRequest;
import org.apache.kafka.common.requests.OffsetDeleteResponse;
import org.apache.kafka.common.utils.internals.BufferSupplier;
import org.apache.kafka.image.TopicImage;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/// Committing and deleting offsets. Only partitions that exist take part; the others get their own
/// error in the same answer.
final class Offsets {
    private final GroupCoordination coordination;

    Offsets(GroupCoordination coordination) {
        this.coordination = coordination;
    }

    CompletableFuture<OffsetCommitResponse> commit(GroupCall call, OffsetCommitRequest request) {
        GroupNames names = call.names();
        TenantTopics topics = new TenantTopics(coordination.image(), names);
        boolean byId = OffsetCommitResponse.useTopicIds(call.version());
        OffsetCommitResponse.Builder answer = OffsetCommitResponse.newBuilder(byId);

        List<OffsetCommitRequestTopic> valid = new ArrayList<>();
        for (OffsetCommitRequestTopic asked : request.data().topics()) {
            Optional<TopicImage> topic =
                    byId ? topics.byId(asked.topicId()) : topics.byName(asked.name());
            if (topic.isEmpty()) {
                answer.addPartitions(
                        asked.topicId(),
                        asked.name(),
                        asked.partitions(),
                        it -> it.partitionIndex(),
                        byId ? Errors.UNKNOWN_TOPIC_ID : Errors.UNKNOWN_TOPIC_OR_PARTITION);
            } else {
                addExisting(asked, topic.get(), names, valid, answer);
            }
        }
        if (valid.isEmpty()) {
            return CompletableFuture.completedFuture(answer.build());
        }
        OffsetCommitRequestData data = request.data().duplicate().setTopics(valid);
        data.setGroupId(names.group(data.groupId()));
        GroupSizes.requireName(data.groupId());
        coordination.memory().heard(data.groupId(), data.memberId());
        return coordination
                .coordinatorFor(data.groupId())
                .thenCompose(
                        it -> {
                            requireRoom(it.partitionFor(data.groupId()), data);
                            return it.commitOffsets(
                                    call.context(), data, BufferSupplier.NO_CACHING);
                        })
                .thenApply(results -> answer.merge(outside(results, names)).build());
    }

    private void requireRoom(int partition, OffsetCommitRequestData data) {
        for (OffsetCommitRequestTopic topic : data.topics()) {
            for (OffsetCommitRequestPartition offset : topic.partitions()) {
                String metadata = offset.committedMetadata();
                coordination
                        .memory()
                        .commit(
                                partition,
                                data.groupId(),
                                topic.name(),
                                offset.partitionIndex(),
                                metadata == null ? 0 : metadata.length());
            }
        }
    }

    private static void addExisting(
            OffsetCommitRequestTopic asked,
            TopicImage topic,
            GroupNames names,
            List<OffsetCommitRequestTopic> valid,
            OffsetCommitResponse.Builder answer) {
        OffsetCommitRequestTopic existing =
                new OffsetCommitRequestTopic().setName(topic.name()).setTopicId(topic.id());
        asked.partitions()
                .forEach(
                        it -> {
                            if (topic.partitions().containsKey(it.partitionIndex())) {
                                existing.partitions().add(it.duplicate());
                            } else {
                                answer.addPartition(
                                        asked.topicId(),
                                        names.outside(topic.name()),
                                        it.partitionIndex(),
                                        Errors.UNKNOWN_TOPIC_OR_PARTITION);
                            }
                        });
        if (!existing.partitions().isEmpty()) {
            valid.add(existing);
        }
    }

    private static OffsetCommitResponseData outside(
            OffsetCommitResponseData inside, GroupNames names) {
        OffsetCommitResponseData outside = new OffsetCommitResponseData();
        for (OffsetCommitResponseTopic topic : inside.topics()) {
            List<OffsetCommitResponsePartition> partitions = new ArrayList<>(topic.partitions());
            outside.topics()
                    .add(
                            new OffsetCommitResponseTopic()
                                    .setName(names.outside(topic.name()))
                                    .setTopicId(topic.topicId())
                                    .setPartitions(partitions));
        }
        return outside;
    }

    CompletableFuture<OffsetDeleteResponse> delete(GroupCall call, OffsetDeleteRequest request) {
        GroupNames names = call.names();
        TenantTopics topics = new TenantTopics(coordination.image(), names);
        OffsetDeleteResponse.Builder answer = new OffsetDeleteResponse.Builder();

        OffsetDeleteRequestTopicCollection valid = new OffsetDeleteRequestTopicCollection();
        for (OffsetDeleteRequestTopic asked : request.data().topics()) {
            Optional<TopicImage> topic = topics.byName(asked.name());
            List<OffsetDeleteRequestPartition> existing = new ArrayList<>();
            for (OffsetDeleteRequestPartition partition : asked.partitions()) {
                if (topic.isPresent()
                        && topic.get().partitions().containsKey(partition.partitionIndex())) {
                    existing.add(partition.duplicate());
                } else {
                    answer.addPartition(
                            asked.name(),
                            partition.partitionIndex(),
                            Errors.UNKNOWN_TOPIC_OR_PARTITION);
                }
            }
            if (!existing.isEmpty()) {
                valid.add(
                        new OffsetDeleteRequestTopic()
                                .setName(names.topic(asked.name()))
                                .setPartitions(existing));
            }
        }
        if (valid.isEmpty()) {
            return CompletableFuture.completedFuture(answer.build());
        }
        OffsetDeleteRequestData data =
                new OffsetDeleteRequestData()
                        .setGroupId(names.groupWithMembers(request.data().groupId()))
                        .setTopics(valid);
        return coordination
                .coordinatorFor(data.groupId())
                .thenCompose(
                        it -> it.deleteOffsets(call.context(), data, BufferSupplier.NO_CACHING))
                .thenApply(results -> answer.merge(outside(results, names)).build());
    }

    private static OffsetDeleteResponseData outside(
            OffsetDeleteResponseData inside, GroupNames names) {
        OffsetDeleteResponseTopicCollection topics = new OffsetDeleteResponseTopicCollection();
        inside.topics().forEach(it -> topics.add(it.duplicate().setName(names.outside(it.name()))));
        return new OffsetDeleteResponseData().setErrorCode(inside.errorCode()).setTopics(topics);
    }
}
