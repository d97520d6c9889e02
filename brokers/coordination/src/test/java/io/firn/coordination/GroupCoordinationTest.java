package io.firn.coordination;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.errors.CoordinatorNotAvailableException;
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
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import java.net.InetAddress;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

class GroupCoordinationTest {
    private static final String GROUP = "public.g";

    private final TestCluster cluster = new TestCluster();

    @AfterEach
    void close() {
        cluster.close();
    }

    @Test
    void theFirstGroupCreatesTheOffsetsTopicAndWaitsForIt() {
        cluster.createTopic("public.orders", 2);
        GroupCoordination groups = cluster.start(Map.of());
        assertThat(groups.hasOffsetsTopic()).isFalse();

        commit(groups, "public.orders", 0, 42);

        assertThat(groups.hasOffsetsTopic()).isTrue();
        assertThat(cluster.image().topics().getTopic("__consumer_offsets").partitions()).hasSize(8);
        assertThat(committed(groups)).containsEntry("public.orders-0", 42L);
    }

    @Test
    void aCommitIsAnsweredWhenItIsDurableAndNotBefore() throws Exception {
        cluster.createTopic("public.orders", 2);
        GroupCoordination groups = cluster.start(Map.of());
        commit(groups, "public.orders", 0, 1);
        cluster.logs().values().forEach(log -> log.stall(true));

        var commit = commitLater(groups, "public.orders", 0, 2);
        assertThat(commit).failsWithin(200, TimeUnit.MILLISECONDS);
        assertThat(committed(groups)).containsEntry("public.orders-0", 1L);

        cluster.logs().values().forEach(log -> log.stall(false));
        assertThat(commit.get(5, TimeUnit.SECONDS)).isEqualTo(Errors.NONE);
        assertThat(committed(groups)).containsEntry("public.orders-0", 2L);
    }

    @Test
    void aRestartReplaysOffsetsAndMembers() { // I12
        cluster.createTopic("public.orders", 4);
        GroupCoordination groups = cluster.start(Map.of());
        ConsumerGroupHeartbeatResponseData joined = joinConsumer(groups, "m1");
        for (int i = 0; i < 500; i++) {
            commit(groups, "public.orders", i % 4, i, "m1", joined.memberEpoch());
        }
        Map<String, Long> offsets = committed(groups);
        String described = describe(groups);

        groups = cluster.start(Map.of());

        assertThat(committed(groups)).isEqualTo(offsets).containsEntry("public.orders-3", 499L);
        assertThat(describe(groups)).isEqualTo(described).contains("m1");
        assertThat(beat(groups, "m1", joined.memberEpoch()).errorCode())
                .isEqualTo(Errors.NONE.code());
    }

    @Test
    void theConsumerProtocolAssignsEveryPartition() {
        Uuid topic = cluster.createTopic("public.orders", 4);
        GroupCoordination groups = cluster.start(Map.of());

        ConsumerGroupHeartbeatResponseData joined = joinConsumer(groups, "m1");

        assertThat(joined.assignment().topicPartitions())
                .singleElement()
                .satisfies(
                        it -> {
                            assertThat(it.topicId()).isEqualTo(topic);
                            assertThat(it.partitions()).containsExactlyInAnyOrder(0, 1, 2, 3);
                        });
    }

    @Test
    void offsetsOfADeletedTopicGoAndOthersStay() throws Exception {
        cluster.createTopic("public.orders", 1);
        cluster.createTopic("public.kept", 1);
        GroupCoordination groups = cluster.start(Map.of());
        commit(groups, "public.orders", 0, 7);
        commit(groups, "public.kept", 0, 8);

        cluster.deleteTopic("public.orders");

        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(5);
        while (committed(groups).size() > 1 && System.nanoTime() < deadline) {
            Thread.onSpinWait();
        }
        assertThat(committed(groups)).isEqualTo(Map.of("public.kept-0", 8L));
    }

    @Test
    void withoutLeadershipItSaysNotCoordinatorAndAfterTheNextElectionItGoesOn() throws Exception {
        cluster.createTopic("public.orders", 1);
        GroupCoordination groups = cluster.start(Map.of());
        commit(groups, "public.orders", 0, 5);

        cluster.elect(2);
        assertThat(commitLater(groups, "public.orders", 0, 6).get(5, TimeUnit.SECONDS))
                .isEqualTo(Errors.NOT_COORDINATOR);

        cluster.elect(TestCluster.BROKER);
        assertThat(committed(groups)).containsEntry("public.orders-0", 5L);
        commit(groups, "public.orders", 0, 6);
    }

    @Test
    void aNewLeaderEpochWithoutAPauseKeepsTheGroup() {
        cluster.createTopic("public.orders", 1);
        GroupCoordination groups = cluster.start(Map.of());
        commit(groups, "public.orders", 0, 5);

        cluster.elect(TestCluster.BROKER); // same leader again: the epoch moves, nothing reloads

        commit(groups, "public.orders", 0, 6);
        assertThat(committed(groups)).containsEntry("public.orders-0", 6L);
    }

    @Test
    void aLogWhoseBatchesCompactionRemovedGoesOnAtItsEnd() {
        cluster.createTopic("public.orders", 1);
        commit(cluster.start(Map.of()), "public.orders", 0, 5);
        cluster.stop();
        cluster.logs().values().forEach(MemoryLog::dropAllBatches);

        GroupCoordination groups = cluster.start(Map.of());
        commit(groups, "public.orders", 0, 6);

        assertThat(committed(groups)).isEqualTo(Map.of("public.orders-0", 6L));
    }

    @Test
    void aClosedCoordinationAsksClientsToComeBack() {
        GroupCoordination groups = cluster.start(Map.of());
        groups.close();

        assertThatThrownBy(() -> groups.coordinatorFor(GROUP).get(5, TimeUnit.SECONDS))
                .hasRootCauseInstanceOf(CoordinatorNotAvailableException.class);
    }

    private static void commit(GroupCoordination groups, String topic, int partition, long offset) {
        assertThat(commitLater(groups, topic, partition, offset).join()).isEqualTo(Errors.NONE);
    }

    private static CompletableFuture<Errors> commitLater(
            GroupCoordination groups, String topic, int partition, long offset) {
        return commitLater(groups, topic, partition, offset, "", -1);
    }

    private static void commit(
            GroupCoordination groups,
            String topic,
            int partition,
            long offset,
            String member,
            int epoch) {
        assertThat(commitLater(groups, topic, partition, offset, member, epoch).join())
                .isEqualTo(Errors.NONE);
    }

    private static CompletableFuture<Errors> commitLater(
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

    private static Map<String, Long> committed(GroupCoordination groups) {
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

    private static String describe(GroupCoordination groups) {
        return groups.coordinatorFor(GROUP)
                .join()
                .consumerGroupDescribe(context(ApiKeys.CONSUMER_GROUP_DESCRIBE), List.of(GROUP))
                .join()
                .toString();
    }

    /// Joins, and beats until the assignment is there: the assignor runs on its own thread.
    private static ConsumerGroupHeartbeatResponseData joinConsumer(
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

    private static ConsumerGroupHeartbeatResponseData beat(
            GroupCoordination groups, String member, int epoch) {
        return beat(
                groups,
                new ConsumerGroupHeartbeatRequestData()
                        .setGroupId(GROUP)
                        .setMemberId(member)
                        .setMemberEpoch(epoch));
    }

    private static ConsumerGroupHeartbeatResponseData beat(
            GroupCoordination groups, ConsumerGroupHeartbeatRequestData data) {
        return groups.coordinatorFor(GROUP)
                .thenCompose(
                        it ->
                                it.consumerGroupHeartbeat(
                                        context(ApiKeys.CONSUMER_GROUP_HEARTBEAT), data))
                .join();
    }

    private static RequestContext context(ApiKeys api) {
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
