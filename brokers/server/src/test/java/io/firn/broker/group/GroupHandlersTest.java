package io.firn.broker.group;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.firn.coordination.GroupCoordination;
import io.firn.coordination.TestCluster;

import org.apache.kafka.clients.consumer.ConsumerPartitionAssignor.Assignment;
import org.apache.kafka.clients.consumer.ConsumerPartitionAssignor.Subscription;
import org.apache.kafka.clients.consumer.internals.ConsumerProtocol;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.errors.CoordinatorNotAvailableException;
import org.apache.kafka.common.message.ConsumerGroupDescribeRequestData;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatRequestData;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatResponseData;
import org.apache.kafka.common.message.DeleteGroupsRequestData;
import org.apache.kafka.common.message.DescribeGroupsRequestData;
import org.apache.kafka.common.message.HeartbeatRequestData;
import org.apache.kafka.common.message.JoinGroupRequestData;
import org.apache.kafka.common.message.JoinGroupRequestData.JoinGroupRequestProtocol;
import org.apache.kafka.common.message.JoinGroupResponseData;
import org.apache.kafka.common.message.LeaveGroupRequestData.MemberIdentity;
import org.apache.kafka.common.message.ListGroupsRequestData;
import org.apache.kafka.common.message.ListGroupsResponseData.ListedGroup;
import org.apache.kafka.common.message.OffsetCommitRequestData;
import org.apache.kafka.common.message.OffsetCommitRequestData.OffsetCommitRequestPartition;
import org.apache.kafka.common.message.OffsetCommitRequestData.OffsetCommitRequestTopic;
import org.apache.kafka.common.message.OffsetDeleteRequestData;
import org.apache.kafka.common.message.OffsetDeleteRequestData.OffsetDeleteRequestPartition;
import org.apache.kafka.common.message.OffsetDeleteRequestData.OffsetDeleteRequestTopic;
import org.apache.kafka.common.message.OffsetFetchRequestData;
import org.apache.kafka.common.message.OffsetFetchRequestData.OffsetFetchRequestGroup;
import org.apache.kafka.common.message.OffsetFetchRequestData.OffsetFetchRequestTopics;
import org.apache.kafka.common.message.SyncGroupRequestData;
import org.apache.kafka.common.message.SyncGroupRequestData.SyncGroupRequestAssignment;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.ConsumerGroupDescribeRequest;
import org.apache.kafka.common.requests.ConsumerGroupDescribeResponse;
import org.apache.kafka.common.requests.ConsumerGroupHeartbeatRequest;
import org.apache.kafka.common.requests.ConsumerGroupHeartbeatResponse;
import org.apache.kafka.common.requests.DeleteGroupsRequest;
import org.apache.kafka.common.requests.DeleteGroupsResponse;
import org.apache.kafka.common.requests.DescribeGroupsRequest;
import org.apache.kafka.common.requests.DescribeGroupsResponse;
import org.apache.kafka.common.requests.HeartbeatRequest;
import org.apache.kafka.common.requests.HeartbeatResponse;
import org.apache.kafka.common.requests.JoinGroupRequest;
import org.apache.kafka.common.requests.JoinGroupResponse;
import org.apache.kafka.common.requests.LeaveGroupRequest;
import org.apache.kafka.common.requests.LeaveGroupResponse;
import org.apache.kafka.common.requests.ListGroupsRequest;
import org.apache.kafka.common.requests.ListGroupsResponse;
import org.apache.kafka.common.requests.OffsetCommitRequest;
import org.apache.kafka.common.requests.OffsetCommitResponse;
import org.apache.kafka.common.requests.OffsetDeleteRequest;
import org.apache.kafka.common.requests.OffsetDeleteResponse;
import org.apache.kafka.common.requests.OffsetFetchRequest;
import org.apache.kafka.common.requests.OffsetFetchResponse;
import org.apache.kafka.common.requests.SyncGroupRequest;
import org.apache.kafka.common.requests.SyncGroupResponse;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;

class GroupHandlersTest {
    private static final String TOPIC = "orders";

    private final TestCluster cluster = new TestCluster();
    private GroupCoordination groups;
    private Uuid topicId;
    private Uuid otherId;
    private Wire acme;
    private Wire other;

    @BeforeEach
    void start() {
        topicId = cluster.createTopic("acme." + TOPIC, 3);
        otherId = cluster.createTopic("other." + TOPIC, 3);
        groups = cluster.start(Map.of("group.initial.rebalance.delay.ms", "0"));
        acme = new Wire(groups, "acme");
        other = new Wire(groups, "other");
    }

    @AfterEach
    void close() {
        cluster.close();
    }

    @ParameterizedTest
    @ValueSource(shorts = {0, 3, 5, 9})
    void aClassicMemberJoinsSyncsBeatsAndLeavesInItsOwnNames(short joinVersion) {
        JoinGroupResponseData joined = join("g", joinVersion);
        short sync = (short) Math.min(joinVersion, 5);

        assertThat(joined.members()).hasSize(1);
        assertThat(
                        ConsumerProtocol.deserializeSubscription(
                                        ByteBuffer.wrap(joined.members().getFirst().metadata()))
                                .topics())
                .containsExactly(TOPIC);

        byte[] given =
                bytes(
                        ConsumerProtocol.serializeAssignment(
                                new Assignment(List.of(new TopicPartition(TOPIC, 1)))));
        SyncGroupResponse synced = sync("g", joined, given, sync);
        assertThat(synced.error()).isEqualTo(Errors.NONE);
        assertThat(synced.data().assignment()).isEqualTo(given);

        // What the coordinator keeps carries inside names: offsets of a subscribed topic are safe.
        var inside =
                groups.coordinatorForAll()
                        .join()
                        .describeGroups(
                                new GroupCall(
                                                new org.apache.kafka.common.requests.RequestHeader(
                                                        ApiKeys.DESCRIBE_GROUPS, (short) 6, "c", 1),
                                                new DescribeGroupsRequest.Builder(
                                                                new DescribeGroupsRequestData())
                                                        .build((short) 6),
                                                new io.firn.protocol.preface.Caller(
                                                        "acme", "User:a", "::1", "K"),
                                                "1")
                                        .context(),
                                List.of("acme.g"))
                        .join()
                        .getFirst();
        assertThat(
                        ConsumerProtocol.deserializeAssignment(
                                        ByteBuffer.wrap(
                                                inside.members().getFirst().memberAssignment()))
                                .partitions())
                .containsExactly(new TopicPartition("acme." + TOPIC, 1));

        HeartbeatResponse beat =
                acme.call(
                        new HeartbeatRequest.Builder(
                                        new HeartbeatRequestData()
                                                .setGroupId("g")
                                                .setGenerationId(joined.generationId())
                                                .setMemberId(joined.memberId()))
                                .build((short) Math.min(joinVersion, 4)));
        assertThat(beat.error()).isEqualTo(Errors.NONE);

        LeaveGroupResponse left =
                acme.call(
                        new LeaveGroupRequest.Builder(
                                        "g",
                                        List.of(
                                                new MemberIdentity()
                                                        .setMemberId(joined.memberId())))
                                .build((short) Math.min(joinVersion, 5)));
        assertThat(left.topLevelError()).isEqualTo(Errors.NONE);
    }

    @Test
    void describingAClassicGroupShowsTheTenantsNames() {
        JoinGroupResponseData joined = join("g", (short) 9);
        sync(
                "g",
                joined,
                bytes(
                        ConsumerProtocol.serializeAssignment(
                                new Assignment(List.of(new TopicPartition(TOPIC, 2))))),
                (short) 5);

        var described = describe(acme, "g");
        assertThat(described.errorCode()).isEqualTo(Errors.NONE.code());
        assertThat(described.groupId()).isEqualTo("g");
        assertThat(described.groupState()).isEqualTo("Stable");
        assertThat(described.authorizedOperations()).isEqualTo(GroupAdmin.ALL_OPERATIONS);
        assertThat(described.members().getFirst().clientHost()).isEqualTo("/10.1.2.3");
        assertThat(
                        ConsumerProtocol.deserializeAssignment(
                                        ByteBuffer.wrap(
                                                described.members().getFirst().memberAssignment()))
                                .partitions())
                .containsExactly(new TopicPartition(TOPIC, 2));

        var foreign = describe(other, "g");
        assertThat(foreign.errorCode()).isEqualTo(Errors.GROUP_ID_NOT_FOUND.code());
        assertThat(foreign.errorMessage()).contains("g").doesNotContain("other.");
    }

    @ParameterizedTest
    @ValueSource(shorts = {2, 5, 8, 9, 10})
    void aCommitIsFetchedBackByItsOwnTenantOnly(short version) {
        assertThat(commit(acme, "g", 1, 77, version)).isEqualTo(Errors.NONE);

        for (short fetch = 1; fetch <= 10; fetch++) {
            assertThat(fetch(acme, "g", 1, fetch, topicId)).as("version %d", fetch).isEqualTo(77);
            assertThat(fetch(other, "g", 1, fetch, otherId)).as("version %d", fetch).isEqualTo(-1);
        }
    }

    @Test
    void theEmptyGroupKeepsOffsetsPerTenantButHasNoMembers() {
        assertThat(commit(acme, "", 0, 5, (short) 9)).isEqualTo(Errors.NONE);

        assertThat(fetch(acme, "", 0, (short) 9, topicId)).isEqualTo(5);
        assertThat(fetch(other, "", 0, (short) 9, otherId)).isEqualTo(-1);
        JoinGroupResponse refused =
                acme.call(new JoinGroupRequest.Builder(joinData("", "")).build((short) 9));
        assertThat(refused.error()).isEqualTo(Errors.INVALID_GROUP_ID);
    }

    @Test
    void unknownAndForeignTopicsAndPartitionsGetTheirOwnErrors() {
        assertThat(commit(acme, "g", 9, 1, (short) 9)).isEqualTo(Errors.UNKNOWN_TOPIC_OR_PARTITION);
        OffsetCommitResponse byForeignId =
                acme.call(
                        OffsetCommitRequest.Builder.forTopicIdsOrNames(
                                        commitData(
                                                "g", new OffsetCommitRequestTopic(), otherId, 0, 1))
                                .build((short) 10));
        assertThat(byForeignId.errorCounts()).containsOnlyKeys(Errors.UNKNOWN_TOPIC_ID);
        OffsetCommitResponse byName =
                acme.call(
                        OffsetCommitRequest.Builder.forTopicNames(
                                        commitData(
                                                "g",
                                                new OffsetCommitRequestTopic().setName("nope"),
                                                Uuid.ZERO_UUID,
                                                0,
                                                1))
                                .build((short) 9));
        assertThat(byName.data().topics().getFirst().name()).isEqualTo("nope");
        assertThat(byName.errorCounts()).containsOnlyKeys(Errors.UNKNOWN_TOPIC_OR_PARTITION);
        OffsetFetchResponse fetched = fetchResponse(acme, "g", 0, (short) 10, otherId);
        assertThat(fetched.group("g").topics().getFirst().partitions().getFirst().errorCode())
                .isEqualTo(Errors.UNKNOWN_TOPIC_ID.code());
    }

    @ParameterizedTest
    @ValueSource(shorts = {2, 7, 8, 9, 10})
    void allOffsetsOfAGroupComeInTheTenantsNames(short version) {
        commit(acme, "g", 0, 1, (short) 10);
        commit(acme, "g", 2, 3, (short) 10);
        commit(other, "g", 0, 99, (short) 10);

        OffsetFetchRequestData all =
                new OffsetFetchRequestData()
                        .setGroups(
                                List.of(
                                        new OffsetFetchRequestGroup()
                                                .setGroupId("g")
                                                .setTopics(null)));
        OffsetFetchResponse found =
                acme.call(
                        (version >= 10
                                        ? OffsetFetchRequest.Builder.forTopicIdsOrNames(all, false)
                                        : OffsetFetchRequest.Builder.forTopicNames(all, false))
                                .build(version));

        var topic = found.group("g").topics().getFirst();
        assertThat(found.group("g").topics()).hasSize(1);
        if (version >= 10) {
            assertThat(topic.topicId()).isEqualTo(topicId);
        } else {
            assertThat(topic.name()).isEqualTo(TOPIC);
        }
        assertThat(topic.partitions().stream().map(it -> it.committedOffset()))
                .containsExactlyInAnyOrder(1L, 3L);
    }

    @ParameterizedTest
    @ValueSource(shorts = {0, 3, 4, 5})
    void theListHasTheTenantsGroupsOnly(short version) {
        ListGroupsResponse before =
                acme.call(
                        new ListGroupsRequest.Builder(new ListGroupsRequestData()).build(version));
        assertThat(before.data().groups()).isEmpty();
        assertThat(groups.hasOffsetsTopic()).isFalse();

        commit(acme, "mine", 0, 1, (short) 10);
        commit(other, "theirs", 0, 1, (short) 10);

        ListGroupsResponse list =
                acme.call(
                        new ListGroupsRequest.Builder(new ListGroupsRequestData()).build(version));
        assertThat(list.data().groups()).extracting(ListedGroup::groupId).containsExactly("mine");
    }

    @Test
    void deletingAGroupDeletesTheTenantsOnly() {
        commit(acme, "g", 0, 1, (short) 10);
        commit(other, "g", 0, 2, (short) 10);

        DeleteGroupsResponse deleted = deleteGroups(acme, "g", "absent");

        assertThat(deleted.errors())
                .isEqualTo(Map.of("g", Errors.NONE, "absent", Errors.GROUP_ID_NOT_FOUND));
        assertThat(fetch(acme, "g", 0, (short) 10, topicId)).isEqualTo(-1);
        assertThat(fetch(other, "g", 0, (short) 10, otherId)).isEqualTo(2);
    }

    @Test
    void anOffsetOfASubscribedTopicIsNotDeletedAndOthersAre() {
        JoinGroupResponseData joined = join("g", (short) 9);
        sync(
                "g",
                joined,
                bytes(ConsumerProtocol.serializeAssignment(new Assignment(List.of()))),
                (short) 5);
        cluster.createTopic("acme.elsewhere", 1);

        OffsetDeleteResponse deleted = deleteOffsets("g", TOPIC, "elsewhere", "nope");

        assertThat(deleted.data().topics().find(TOPIC).partitions().find(0).errorCode())
                .isEqualTo(Errors.GROUP_SUBSCRIBED_TO_TOPIC.code());
        assertThat(deleted.data().topics().find("elsewhere").partitions().find(0).errorCode())
                .isEqualTo(Errors.NONE.code());
        assertThat(deleted.data().topics().find("nope").partitions().find(0).errorCode())
                .isEqualTo(Errors.UNKNOWN_TOPIC_OR_PARTITION.code());
    }

    @Test
    void aKip848MemberSubscribesByNameAndIsDescribedInTheTenantsNames() {
        ConsumerGroupHeartbeatResponseData joined =
                beat(consumer("m").setSubscribedTopicNames(List.of(TOPIC)));

        assertThat(joined.errorMessage()).isNull();
        assertThat(joined.assignment().topicPartitions())
                .singleElement()
                .satisfies(it -> assertThat(it.topicId()).isEqualTo(topicId));

        ConsumerGroupDescribeResponse described =
                acme.call(
                        new ConsumerGroupDescribeRequest.Builder(
                                        new ConsumerGroupDescribeRequestData()
                                                .setGroupIds(List.of("g", "absent", ""))
                                                .setIncludeAuthorizedOperations(true))
                                .build((short) 1));
        var byId =
                described.data().groups().stream()
                        .collect(java.util.stream.Collectors.toMap(it -> it.groupId(), it -> it));
        var member = byId.get("g").members().getFirst();
        assertThat(member.subscribedTopicNames()).containsExactly(TOPIC);
        assertThat(member.assignment().topicPartitions().getFirst().topicName()).isEqualTo(TOPIC);
        assertThat(byId.get("absent").errorCode()).isEqualTo(Errors.GROUP_ID_NOT_FOUND.code());
        assertThat(byId.get("absent").errorMessage()).doesNotContain("acme");
        assertThat(byId.get("").errorCode()).isEqualTo(Errors.INVALID_GROUP_ID.code());
    }

    @Test
    void aKip848ExpressionSeesTheTenantsTopicsOnly() {
        beat(consumer("m").setSubscribedTopicRegex(".*").setSubscribedTopicNames(List.of()));

        List<Uuid> assigned = List.of();
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(5);
        int epoch = 1;
        while (assigned.isEmpty() && System.nanoTime() < deadline) {
            ConsumerGroupHeartbeatResponseData answer =
                    beat(
                            new ConsumerGroupHeartbeatRequestData()
                                    .setGroupId("g")
                                    .setMemberId("m")
                                    .setMemberEpoch(epoch));
            assertThat(Errors.forCode(answer.errorCode())).isEqualTo(Errors.NONE);
            epoch = answer.memberEpoch();
            if (answer.assignment() != null) {
                assigned =
                        answer.assignment().topicPartitions().stream()
                                .map(it -> it.topicId())
                                .toList();
            }
        }
        assertThat(assigned).containsExactly(topicId);

        ConsumerGroupDescribeResponse described =
                acme.call(
                        new ConsumerGroupDescribeRequest.Builder(
                                        new ConsumerGroupDescribeRequestData()
                                                .setGroupIds(List.of("g")))
                                .build((short) 1));
        assertThat(described.data().groups().getFirst().members().getFirst().subscribedTopicRegex())
                .isEqualTo(".*");
    }

    @Test
    void aBadKip848ExpressionIsNamedAsTheClientWroteIt() {
        ConsumerGroupHeartbeatResponseData refused =
                beat(consumer("m").setSubscribedTopicRegex("a)|(?:.*"));

        assertThat(refused.errorCode()).isEqualTo(Errors.INVALID_REGULAR_EXPRESSION.code());
        assertThat(refused.errorMessage()).contains("a)|(?:.*").doesNotContain("acme");
    }

    @Test
    void aClassicGroupMovesToKip848WithItsNames() {
        JoinGroupResponseData classic = join("g", (short) 9);
        sync(
                "g",
                classic,
                bytes(
                        ConsumerProtocol.serializeAssignment(
                                new Assignment(
                                        List.of(
                                                new TopicPartition(TOPIC, 0),
                                                new TopicPartition(TOPIC, 1),
                                                new TopicPartition(TOPIC, 2))))),
                (short) 5);

        ConsumerGroupHeartbeatResponseData joined =
                beat(consumer("m").setSubscribedTopicNames(List.of(TOPIC)));

        assertThat(Errors.forCode(joined.errorCode())).isEqualTo(Errors.NONE);
        ConsumerGroupDescribeResponse described =
                acme.call(
                        new ConsumerGroupDescribeRequest.Builder(
                                        new ConsumerGroupDescribeRequestData()
                                                .setGroupIds(List.of("g")))
                                .build((short) 1));
        assertThat(described.data().groups().getFirst().members())
                .hasSize(2)
                .allSatisfy(it -> assertThat(it.subscribedTopicNames()).containsExactly(TOPIC));
    }

    @ParameterizedTest
    @ValueSource(shorts = {3, 9})
    void aMemberOfMoreThanItsGroupsRecordHoldsIsRefused(short version) { // G7
        JoinGroupRequestData data = joinData("g", "");
        data.protocols().find("range").setMetadata(new byte[GroupSizes.MOST_BYTES + 1]);
        JoinGroupResponse joined = acme.call(new JoinGroupRequest.Builder(data).build(version));
        assertThat(joined.error()).isEqualTo(Errors.MESSAGE_TOO_LARGE);
        assertThat(groups.memory().bytes()).isZero();
    }

    @Test
    void anAssignmentOfMoreThanItsGroupsRecordHoldsIsRefused() { // G7
        JoinGroupResponseData joined = join("g", (short) 5);
        byte[] huge = new byte[GroupSizes.MOST_BYTES + 1];
        assertThat(sync("g", joined, huge, (short) 5).error()).isEqualTo(Errors.MESSAGE_TOO_LARGE);
        assertThat(sync("g", joined, new byte[1000], (short) 5).error()).isEqualTo(Errors.NONE);
    }

    @Test
    void aConsumerOfMoreThanItsRecordHoldsIsRefusedInWords() { // G7
        ConsumerGroupHeartbeatRequestData data = consumer("m");
        data.setSubscribedTopicNames(
                IntStream.range(0, 10_000).mapToObj(i -> "t".repeat(120) + i).toList());
        ConsumerGroupHeartbeatResponseData beat = beat(data);
        assertThat(Errors.forCode(beat.errorCode())).isEqualTo(Errors.INVALID_REQUEST);
        assertThat(beat.errorMessage()).contains("too large", "1048576");
    }

    @Test
    void aGroupIdOfThousandsOfCharactersIsRefused() { // G7
        String name = "g".repeat(2000);
        JoinGroupRequestData data = joinData(name, "");
        JoinGroupResponse joined = acme.call(new JoinGroupRequest.Builder(data).build((short) 5));
        assertThat(joined.error()).isEqualTo(Errors.INVALID_GROUP_ID);
        assertThat(commit(acme, name, 0, 1, (short) 9)).isEqualTo(Errors.INVALID_GROUP_ID);
    }

    @Test
    void whenGroupsHoldAllTheyMayNewOnesWaitAndOldOnesGoOn() { // G7
        groups =
                cluster.withGroupBytes(3 << 20)
                        .start(Map.of("group.initial.rebalance.delay.ms", "0"));
        acme = new Wire(groups, "acme");
        JoinGroupResponseData first = join("first", (short) 5);
        assertThat(sync("first", first, new byte[10], (short) 5).error()).isEqualTo(Errors.NONE);
        assertThat(commit(acme, "old", 0, 1, (short) 9)).isEqualTo(Errors.NONE);

        Errors error = Errors.NONE;
        for (int i = 0; i < 20 && error == Errors.NONE; i++) {
            JoinGroupRequestData data = joinData("g" + i, "");
            data.protocols().find("range").setMetadata(new byte[900_000]);
            JoinGroupResponse join = acme.call(new JoinGroupRequest.Builder(data).build((short) 3));
            error = join.error();
        }
        assertThat(error).isEqualTo(Errors.COORDINATOR_NOT_AVAILABLE);
        assertThat(groups.memory().bytes()).isLessThan(3 << 20);
        assertThatThrownBy(
                        () -> {
                            for (int i = 0; i < 10_000; i++) {
                                commit(acme, "new" + i, 0, 1, (short) 9);
                            }
                        })
                .hasRootCauseInstanceOf(CoordinatorNotAvailableException.class);
        assertThat(commit(acme, "old", 0, 2, (short) 9)).isEqualTo(Errors.NONE);
        assertThat(sync("first", first, new byte[10], (short) 5).error()).isEqualTo(Errors.NONE);
    }

    @Test
    void aRestartKnowsWhatCommittedOffsetsHold() { // G7
        for (int i = 0; i < 100; i++) {
            commit(acme, "g" + i, 0, 1, (short) 9);
        }
        long before = groups.memory().bytes();
        assertThat(before).isGreaterThan(100 * 300);
        groups = cluster.start(Map.of());
        groups.coordinatorForAll().join();
        assertThat(groups.memory().bytes()).isEqualTo(before);
    }

    private JoinGroupResponseData join(String group, short version) {
        JoinGroupResponse first =
                acme.call(new JoinGroupRequest.Builder(joinData(group, "")).build(version));
        if (first.error() == Errors.MEMBER_ID_REQUIRED) {
            first =
                    acme.call(
                            new JoinGroupRequest.Builder(joinData(group, first.data().memberId()))
                                    .build(version));
        }
        assertThat(first.error()).isEqualTo(Errors.NONE);
        return first.data();
    }

    private static JoinGroupRequestData joinData(String group, String member) {
        JoinGroupRequestData data =
                new JoinGroupRequestData()
                        .setGroupId(group)
                        .setMemberId(member)
                        .setProtocolType("consumer")
                        .setSessionTimeoutMs(10_000)
                        .setRebalanceTimeoutMs(10_000);
        data.protocols()
                .add(
                        new JoinGroupRequestProtocol()
                                .setName("range")
                                .setMetadata(
                                        bytes(
                                                ConsumerProtocol.serializeSubscription(
                                                        new Subscription(List.of(TOPIC))))));
        return data;
    }

    private SyncGroupResponse sync(
            String group, JoinGroupResponseData joined, byte[] assignment, short version) {
        SyncGroupRequestData data =
                new SyncGroupRequestData()
                        .setGroupId(group)
                        .setGenerationId(joined.generationId())
                        .setMemberId(joined.memberId())
                        .setAssignments(
                                List.of(
                                        new SyncGroupRequestAssignment()
                                                .setMemberId(joined.memberId())
                                                .setAssignment(assignment)));
        if (version >= 5) {
            data.setProtocolType("consumer").setProtocolName("range");
        }
        return acme.call(new SyncGroupRequest.Builder(data).build(version));
    }

    private Errors commit(Wire wire, String group, int partition, long offset, short version) {
        OffsetCommitRequestData data =
                commitData(
                        group,
                        new OffsetCommitRequestTopic().setName(TOPIC),
                        wire == acme ? topicId : otherId,
                        partition,
                        offset);
        OffsetCommitResponse response =
                wire.call(
                        (version >= 10
                                        ? OffsetCommitRequest.Builder.forTopicIdsOrNames(data)
                                        : OffsetCommitRequest.Builder.forTopicNames(data))
                                .build(version));
        var topic = response.data().topics().getFirst();
        if (version < 10) {
            assertThat(topic.name()).isEqualTo(TOPIC);
        }
        return Errors.forCode(topic.partitions().getFirst().errorCode());
    }

    private static OffsetCommitRequestData commitData(
            String group, OffsetCommitRequestTopic topic, Uuid id, int partition, long offset) {
        topic.setTopicId(id);
        topic.partitions()
                .add(
                        new OffsetCommitRequestPartition()
                                .setPartitionIndex(partition)
                                .setCommittedOffset(offset));
        return new OffsetCommitRequestData().setGroupId(group).setTopics(List.of(topic));
    }

    private static long fetch(Wire wire, String group, int partition, short version, Uuid id) {
        var answer = fetchResponse(wire, group, partition, version, id).group(group);
        assertThat(Errors.forCode(answer.errorCode())).isEqualTo(Errors.NONE);
        return answer.topics().getFirst().partitions().getFirst().committedOffset();
    }

    private static OffsetFetchResponse fetchResponse(
            Wire wire, String group, int partition, short version, Uuid id) {
        OffsetFetchRequestData data =
                new OffsetFetchRequestData()
                        .setGroups(
                                List.of(
                                        new OffsetFetchRequestGroup()
                                                .setGroupId(group)
                                                .setTopics(
                                                        List.of(
                                                                new OffsetFetchRequestTopics()
                                                                        .setName(TOPIC)
                                                                        .setTopicId(id)
                                                                        .setPartitionIndexes(
                                                                                List.of(
                                                                                        partition))))));
        return wire.call(
                (version >= 10
                                ? OffsetFetchRequest.Builder.forTopicIdsOrNames(data, false)
                                : OffsetFetchRequest.Builder.forTopicNames(data, false))
                        .build(version));
    }

    private static org.apache.kafka.common.message.DescribeGroupsResponseData.DescribedGroup
            describe(Wire wire, String group) {
        DescribeGroupsResponse response =
                wire.call(
                        new DescribeGroupsRequest.Builder(
                                        new DescribeGroupsRequestData()
                                                .setGroups(List.of(group))
                                                .setIncludeAuthorizedOperations(true))
                                .build((short) 6));
        return response.data().groups().getFirst();
    }

    private static DeleteGroupsResponse deleteGroups(Wire wire, String... names) {
        return wire.call(
                new DeleteGroupsRequest.Builder(
                                new DeleteGroupsRequestData().setGroupsNames(List.of(names)))
                        .build((short) 2));
    }

    private OffsetDeleteResponse deleteOffsets(String group, String... topics) {
        OffsetDeleteRequestData data = new OffsetDeleteRequestData().setGroupId(group);
        for (String topic : topics) {
            data.topics()
                    .add(
                            new OffsetDeleteRequestTopic()
                                    .setName(topic)
                                    .setPartitions(
                                            List.of(
                                                    new OffsetDeleteRequestPartition()
                                                            .setPartitionIndex(0))));
        }
        return acme.call(new OffsetDeleteRequest.Builder(data).build((short) 0));
    }

    private static ConsumerGroupHeartbeatRequestData consumer(String member) {
        return new ConsumerGroupHeartbeatRequestData()
                .setGroupId("g")
                .setMemberId(member)
                .setMemberEpoch(0)
                .setRebalanceTimeoutMs(10_000)
                .setTopicPartitions(List.of());
    }

    /// Asks again while the coordinator loads, as clients do.
    private ConsumerGroupHeartbeatResponseData beat(ConsumerGroupHeartbeatRequestData data) {
        ConsumerGroupHeartbeatResponse response;
        do {
            response = acme.call(new ConsumerGroupHeartbeatRequest.Builder(data).build((short) 1));
        } while (response.data().errorCode() == Errors.COORDINATOR_LOAD_IN_PROGRESS.code());
        return response.data();
    }

    private static byte[] bytes(ByteBuffer buffer) {
        byte[] bytes = new byte[buffer.remaining()];
        buffer.duplicate().get(bytes);
        return bytes;
    }
}
