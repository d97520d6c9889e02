package io.firn.coordination;

import static io.firn.coordination.GroupCalls.GROUP;
import static io.firn.coordination.GroupCalls.beat;
import static io.firn.coordination.GroupCalls.commit;
import static io.firn.coordination.GroupCalls.commitLater;
import static io.firn.coordination.GroupCalls.committed;
import static io.firn.coordination.GroupCalls.describe;
import static io.firn.coordination.GroupCalls.joinConsumer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.CoordinatorNotAvailableException;
import org.apache.kafka.common.errors.InvalidReplicationFactorException;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatResponseData;
import org.apache.kafka.common.message.CreateTopicsRequestData.CreatableTopic;
import org.apache.kafka.common.metadata.ConfigRecord;
import org.apache.kafka.common.protocol.Errors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;

class GroupCoordinationTest {
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

    @Test
    void settingsOfAGroupHoldAlsoWhenTheyCameBeforeTheOffsetsTopic() {
        cluster.createTopic("public.orders", 2);
        GroupCoordination groups = cluster.start(Map.of());
        cluster.publish(
                new ConfigRecord()
                        .setResourceType(ConfigResource.Type.GROUP.id())
                        .setResourceName(GROUP)
                        .setName("consumer.heartbeat.interval.ms")
                        .setValue("7777"));
        assertThat(joinConsumer(groups, Uuid.randomUuid().toString()).heartbeatIntervalMs())
                .isEqualTo(7777);
    }

    @Test
    void theOffsetsTopicHasTheReplicasThatItsSettingSaysHoweverFewBrokersLive() {
        List<CreatableTopic> asked = new CopyOnWriteArrayList<>();
        OffsetsTopic topic =
                new OffsetsTopic(
                        new GroupSettings(1, 50, 3, Duration.ofSeconds(3), Map.of()),
                        wanted -> {
                            asked.add(wanted);
                            return CompletableFuture.failedFuture(
                                    new InvalidReplicationFactorException("one broker lives"));
                        });
        topic.ensure(cluster.image());
        assertThat(asked.getFirst().replicationFactor()).isEqualTo((short) 3);
        assertThat(topic.why()).contains("one broker lives");
    }
}
