package io.firn.gateway.answer;

import io.firn.controller.image.ClusterImage;
import io.firn.controller.image.PartitionState;
import io.firn.controller.image.TopicState;
import io.firn.protocol.TenantNames;

import org.apache.kafka.common.message.DescribeTopicPartitionsResponseData;
import org.apache.kafka.common.message.DescribeTopicPartitionsResponseData.Cursor;
import org.apache.kafka.common.message.DescribeTopicPartitionsResponseData.DescribeTopicPartitionsResponsePartition;
import org.apache.kafka.common.message.DescribeTopicPartitionsResponseData.DescribeTopicPartitionsResponseTopic;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.DescribeTopicPartitionsRequest;
import org.apache.kafka.common.requests.DescribeTopicPartitionsResponse;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;

/// Topics and partitions in pages (KIP-966), in the order of names.
public final class TopicPartitionsAnswer {
    private static final int MAX_PARTITIONS = 2000;

    DescribeTopicPartitionsResponse answer(
            DescribeTopicPartitionsRequest request, ClusterImage image, TenantNames names) {
        var asked = request.data();
        String fromTopic = asked.cursor() == null ? "" : asked.cursor().topicName();
        int fromPartition = asked.cursor() == null ? 0 : asked.cursor().partitionIndex();
        int room = Math.clamp(asked.responsePartitionLimit(), 1, MAX_PARTITIONS);
        DescribeTopicPartitionsResponseData data = new DescribeTopicPartitionsResponseData();
        for (String name : names(request, image, names).tailSet(fromTopic)) {
            int first = name.equals(fromTopic) ? Math.max(0, fromPartition) : 0;
            if (room == 0) {
                data.setNextCursor(new Cursor().setTopicName(name).setPartitionIndex(first));
                break;
            }
            Optional<TopicState> topic = image.topic(names.inside(name));
            if (topic.isEmpty()) {
                data.topics().add(unknown(name));
                room--; // or a request of made-up names would have an answer as long (G7)
                continue;
            }
            List<PartitionState> all = topic.get().partitions();
            int last = Math.min(all.size(), first + room);
            data.topics().add(known(name, topic.get(), first, last));
            room -= Math.max(0, last - first);
            if (last < all.size()) {
                data.setNextCursor(new Cursor().setTopicName(name).setPartitionIndex(last));
                break;
            }
        }
        return new DescribeTopicPartitionsResponse(data);
    }

    private static TreeSet<String> names(
            DescribeTopicPartitionsRequest request, ClusterImage image, TenantNames names) {
        TreeSet<String> found = new TreeSet<>();
        if (request.data().topics().isEmpty()) {
            image.topicNames().stream().filter(names::owns).map(names::outside).forEach(found::add);
        } else {
            request.data().topics().forEach(topic -> found.add(topic.name()));
        }
        return found;
    }

    private static DescribeTopicPartitionsResponseTopic unknown(String name) {
        return new DescribeTopicPartitionsResponseTopic()
                .setName(name)
                .setErrorCode(Errors.UNKNOWN_TOPIC_OR_PARTITION.code());
    }

    private static DescribeTopicPartitionsResponseTopic known(
            String name, TopicState topic, int first, int last) {
        List<DescribeTopicPartitionsResponsePartition> partitions = new ArrayList<>();
        for (PartitionState partition : topic.partitions().subList(Math.min(first, last), last)) {
            partitions.add(partition(partition));
        }
        return new DescribeTopicPartitionsResponseTopic()
                .setName(name)
                .setTopicId(topic.id())
                .setTopicAuthorizedOperations(Operations.TOPIC)
                .setPartitions(partitions);
    }

    private static DescribeTopicPartitionsResponsePartition partition(PartitionState partition) {
        List<Integer> node = List.of(Presentation.OneNode.ID);
        boolean led = partition.hasLeader();
        return new DescribeTopicPartitionsResponsePartition()
                .setPartitionIndex(partition.partition())
                .setErrorCode((led ? Errors.NONE : Errors.LEADER_NOT_AVAILABLE).code())
                .setLeaderId(led ? Presentation.OneNode.ID : -1)
                .setLeaderEpoch(partition.leaderEpoch())
                .setReplicaNodes(node)
                .setIsrNodes(led ? node : List.of())
                .setOfflineReplicas(led ? List.of() : node)
                .setEligibleLeaderReplicas(List.of())
                .setLastKnownElr(List.of());
    }
}
