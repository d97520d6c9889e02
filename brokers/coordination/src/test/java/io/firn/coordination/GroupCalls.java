package io.firn.coordination;

import static org.assertj.core.api.Assertions.assertThat;

import org.apache.kafka.common.message.ConsumerGroupHeartbeatRequestData;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatResponseData;
import org.apache.kafka.common.message.OffsetCommitRequestData;
import org.apache.kafka.common.message.OffsetCommitRequestData.OffsetCommitRequestPartition;
import org.apache.kafka.common.message.OffsetCommitRequestData.OffsetCommitRequestTopic;
import org.apache.kafka.common.message.OffsetFetchRequestData.OffsetFetchRequestGroup;
import org.apache.kafka.common.network.ClientInformation;
import org.apache.kafka.common.network.ListenerName;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.RequestContext;
import org.apache.kafka.common.requests.RequestHeader;
import org.apache.kafka.common.security.auth.KafkaPrincipal;
import org.apache.kafka.common.security.auth.SecurityProtocol;
import org.apache.kafka.common.utils.internals.BufferSupplier;
import org.apache.kafka.coordinator.group.GroupCoordinator;

import java.net.InetAddress;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/// One group's requests, answered; the group is `public.g`.
final class GroupCalls {
    static final String GROUP = "public.g";

    private GroupCalls() {}

    static void commit(GroupCoordination groups, String topic, int partition, long offset) {
        assertThat(commitLater(groups, topic, partition, offset).join()).isEqualTo(Errors.NONE);
    }

    static CompletableFuture<Errors> commitLater(
            GroupCoordination groups, String topic, int partition, long offset) {
        return commitLater(groups, topic, partition, offset, "", -1);
    }

    static void commit(
            GroupCoordination groups,
            String topic,
            int partition,
            long offset,
            String member,
            int epoch) {
        assertThat(commitLater(groups, topic, partition, offset, member, epoch).join())
                .isEqualTo(Errors.NONE);
    }

    static CompletableFuture<Errors> commitLater(
            GroupCoordination groups,
            String topic,
            int partition,
            long offset,
            String member,
            int epoch) {
        OffsetCommitRequestTopic row =
                new OffsetCommitRequestTopic()
                        .setName(topic)
                        .setTopicId(groups.image().topics().getTopic(topic).id());
        row.partitions()
                .add(
                        new OffsetCommitRequestPartition()
                                .setPartitionIndex(partition)
                                .setCommittedOffset(offset));
        OffsetCommitRequestData data =
                new OffsetCommitRequestData()
                        .setGroupId(GROUP)
                        .setMemberId(member)
                        .setGenerationIdOrMemberEpoch(epoch)
                        .setTopics(List.of(row));
        return groups.coordinatorFor(GROUP)
                .thenCompose(
                        it ->
                                it.commitOffsets(
                                        context(ApiKeys.OFFSET_COMMIT),
                                        data,
                                        BufferSupplier.NO_CACHING))
                .thenApply(
                        it ->
                                Errors.forCode(
                                        it.topics()
                                                .getFirst()
                                                .partitions()
                                                .getFirst()
                                                .errorCode()));
    }

    static Map<String, Long> committed(GroupCoordination groups) {
        GroupCoordinator coordinator = groups.coordinatorFor(GROUP).join();
        var found =
                coordinator
                        .fetchOffsets(
                                context(ApiKeys.OFFSET_FETCH),
                                new OffsetFetchRequestGroup().setGroupId(GROUP).setTopics(null),
                                false)
                        .join();
        assertThat(Errors.forCode(found.errorCode())).isEqualTo(Errors.NONE);
        Map<String, Long> offsets = new java.util.TreeMap<>();
        found.topics()
                .forEach(
                        topic ->
                                topic.partitions()
                                        .forEach(
                                                it ->
                                                        offsets.put(
                                                                topic.name()
                                                                        + "-"
                                                                        + it.partitionIndex(),
                                                                it.committedOffset())));
        return offsets;
    }

    static String describe(GroupCoordination groups) {
        return groups.coordinatorFor(GROUP)
                .join()
                .consumerGroupDescribe(context(ApiKeys.CONSUMER_GROUP_DESCRIBE), List.of(GROUP))
                .join()
                .toString();
    }

    /// Joins, and beats until the assignment is there: the assignor runs on its own thread.
    static ConsumerGroupHeartbeatResponseData joinConsumer(
            GroupCoordination groups, String member) {
        ConsumerGroupHeartbeatRequestData join =
                new ConsumerGroupHeartbeatRequestData()
                        .setGroupId(GROUP)
                        .setMemberId(member)
                        .setMemberEpoch(0)
                        .setRebalanceTimeoutMs(10_000)
                        .setSubscribedTopicNames(List.of("public.orders"))
                        .setTopicPartitions(List.of());
        ConsumerGroupHeartbeatResponseData answer = beat(groups, join);
        assertThat(Errors.forCode(answer.errorCode())).isEqualTo(Errors.NONE);
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(5);
        while ((answer.assignment() == null || answer.assignment().topicPartitions().isEmpty())
                && System.nanoTime() < deadline) {
            answer = beat(groups, member, answer.memberEpoch());
            assertThat(Errors.forCode(answer.errorCode())).isEqualTo(Errors.NONE);
        }
        return answer;
    }

    static ConsumerGroupHeartbeatResponseData beat(
            GroupCoordination groups, String member, int epoch) {
        return beat(
                groups,
                new ConsumerGroupHeartbeatRequestData()
                        .setGroupId(GROUP)
                        .setMemberId(member)
                        .setMemberEpoch(epoch));
    }

    static ConsumerGroupHeartbeatResponseData beat(
            GroupCoordination groups, ConsumerGroupHeartbeatRequestData data) {
        return groups.coordinatorFor(GROUP)
                .thenCompose(
                        it ->
                                it.consumerGroupHeartbeat(
                                        context(ApiKeys.CONSUMER_GROUP_HEARTBEAT), data))
                .join();
    }

    static RequestContext context(ApiKeys api) {
        return new RequestContext(
                new RequestHeader(api, api.latestVersion(), "client", 1),
                "1",
                InetAddress.getLoopbackAddress(),
                KafkaPrincipal.ANONYMOUS,
                new ListenerName("KAFKA"),
                SecurityProtocol.PLAINTEXT,
                ClientInformation.EMPTY,
                false);
    }
}
