package io.firn.controller;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.firn.controller.image.BrokerState;
import io.firn.controller.image.ClusterImage;
import io.firn.controller.image.ImageInspector;
import io.firn.controller.image.PartitionState;
import io.firn.controller.image.TopicState;
import io.firn.controller.member.BrokerSession;
import io.firn.controller.member.ClusterFollower;
import io.firn.controller.member.ControllerClient;
import io.firn.controller.member.FollowerConfig;
import io.firn.controller.member.SessionConfig;
import io.firn.controller.request.ChangeOffset;
import io.firn.controller.request.SingleCopy;

import org.apache.kafka.clients.admin.AlterConfigOp.OpType;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.message.CreatePartitionsRequestData;
import org.apache.kafka.common.message.CreatePartitionsRequestData.CreatePartitionsTopic;
import org.apache.kafka.common.message.CreateTopicsRequestData;
import org.apache.kafka.common.message.CreateTopicsRequestData.CreatableTopic;
import org.apache.kafka.common.message.CreateTopicsRequestData.CreatableTopicConfig;
import org.apache.kafka.common.message.CreateTopicsResponseData.CreatableTopicResult;
import org.apache.kafka.common.message.DeleteTopicsRequestData;
import org.apache.kafka.common.message.DeleteTopicsRequestData.DeleteTopicState;
import org.apache.kafka.common.message.IncrementalAlterConfigsRequestData;
import org.apache.kafka.common.message.IncrementalAlterConfigsRequestData.AlterConfigsResource;
import org.apache.kafka.common.message.IncrementalAlterConfigsRequestData.AlterableConfig;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.AbstractRequest;
import org.apache.kafka.common.requests.AbstractResponse;
import org.apache.kafka.common.requests.AllocateProducerIdsRequest;
import org.apache.kafka.common.requests.AllocateProducerIdsResponse;
import org.apache.kafka.common.requests.CreatePartitionsRequest;
import org.apache.kafka.common.requests.CreatePartitionsResponse;
import org.apache.kafka.common.requests.CreateTopicsRequest;
import org.apache.kafka.common.requests.CreateTopicsResponse;
import org.apache.kafka.common.requests.DeleteTopicsRequest;
import org.apache.kafka.common.requests.DeleteTopicsResponse;
import org.apache.kafka.common.requests.IncrementalAlterConfigsRequest;
import org.apache.kafka.common.requests.IncrementalAlterConfigsResponse;
import org.apache.kafka.image.MetadataImage;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;

/// One controller, one follower and a broker that only registers, in one process.
class ClusterTest {
    private static final Duration SOON = Duration.ofSeconds(15);
    private static final int BROKER = 1;
    private static final Duration SESSION = Duration.ofSeconds(3);

    private static final byte[] KEY = "cluster key of the tests".getBytes();

    @TempDir Path dir;

    private final Uuid directory = Uuid.randomUuid();
    private ControllerNode controller;
    private ClusterFollower follower;
    private ControllerClient client;
    private BrokerSession broker;

    @BeforeEach
    void startCluster() {
        start(-1);
    }

    @AfterEach
    void stopCluster() {
        crash();
    }

    @Test
    void aTopicWithFirnSettingsIsInTheImageAndSurvivesARestart() {
        CreatableTopicResult created =
                create("public.orders", 3, Map.of("firn.table.freshness.ms", "60000"));
        assertThat(Errors.forCode(created.errorCode())).isEqualTo(Errors.NONE);
        assertThat(created.topicId()).isNotEqualTo(Uuid.ZERO_UUID);
        assertThat(created.configs())
                .anySatisfy(
                        c -> {
                            assertThat(c.name()).isEqualTo("firn.table.freshness.ms");
                            assertThat(c.value()).isEqualTo("60000");
                        })
                .anySatisfy(
                        c -> {
                            assertThat(c.name()).isEqualTo("local.retention.ms");
                            assertThat(c.value()).isEqualTo("3600000");
                        });
        follower.await(image -> led(image, "public.orders"), SOON);
        ClusterImage before = follower.image();
        assertOrders(before);
        assertThat(before.features().finalizedFeatures())
                .containsEntry("group.version", (short) 1)
                .doesNotContainKey("share.version");

        long epoch = broker.epoch();
        crash();
        start(epoch);

        follower.await(image -> led(image, "public.orders"), SOON);
        assertOrders(follower.image());
        assertThat(follower.image().clusterId()).isEqualTo(before.clusterId());
        assertThat(follower.image().topic("public.orders").orElseThrow().id())
                .isEqualTo(created.topicId());
        assertThat(follower.image().controllerId()).isEqualTo(100);
    }

    // R11: the old incarnation's session is still fresh, but its epoch was known.
    @Test
    void aBrokerThatKnowsItsLastEpochComesBackAfterACrashWithoutWaitingForItsOldSession() {
        create("public.orders", 1, Map.of());
        follower.await(image -> led(image, "public.orders"), SOON);
        long epoch = broker.epoch();
        crash();

        long begun = System.nanoTime();
        start(epoch);
        follower.await(image -> led(image, "public.orders"), SOON);
        assertThat(Duration.ofNanos(System.nanoTime() - begun))
                .isLessThan(SESSION.minusMillis(500));
        assertThat(broker.epoch()).isGreaterThan(epoch);
        PartitionState partition =
                follower.image().topic("public.orders").orElseThrow().partitions().getFirst();
        assertThat(partition.isr()).containsExactly(BROKER);
        assertThat(partition.leaderEpoch()).isGreaterThan(0);
    }

    // R11: Kafka's controller allows an unregistration, and an atomic change, 10,000 records.
    @Test
    void aBrokerWithMoreThanTenThousandPartitionsComesBackKnownOrUnclean() {
        for (String topic : List.of("public.a", "public.b")) {
            assertThat(Errors.forCode(create(topic, 5_500, Map.of()).errorCode()))
                    .isEqualTo(Errors.NONE);
            follower.await(image -> led(image, topic), SOON);
        }
        for (boolean known : List.of(true, false, true)) {
            long epoch = broker.epoch();
            crash();
            start(known ? epoch : -1);
            assertThat(broker.epoch()).isGreaterThan(epoch);
            follower.await(image -> led(image, "public.a") && led(image, "public.b"), SOON);
        }
    }

    // R11: without the epoch nothing proves that the old incarnation is gone.
    @Test
    void aBrokerThatForgotItsEpochWaitsUntilTheOldSessionEnded() {
        create("public.orders", 1, Map.of());
        follower.await(image -> led(image, "public.orders"), SOON);
        crash();

        long begun = System.nanoTime();
        start(-1);
        assertThat(Duration.ofNanos(System.nanoTime() - begun))
                .isGreaterThan(SESSION.minusMillis(500));
        follower.await(image -> led(image, "public.orders"), SOON); // its last known leader
    }

    @Test
    void aSecondIncarnationMakesTheFirstGiveUp() {
        try (BrokerSession second =
                BrokerSession.start(session(broker.epoch()), client, follower)) {
            assertThat(second.epoch()).isGreaterThan(broker.epoch());
            assertThat(broker.lost())
                    .failsWithin(SOON)
                    .withThrowableThat()
                    .withMessageContaining("lost its registration");
        }
    }

    @Test
    void aControlledShutdownIsGrantedAndTheBrokerIsFenced() throws Exception {
        create("public.orders", 1, Map.of());
        follower.await(image -> led(image, "public.orders"), SOON);
        broker.controlledShutdown().get(10, TimeUnit.SECONDS);
        follower.await(image -> image.broker(BROKER).orElseThrow().fenced(), SOON);
    }

    @Test
    void settingsThatCannotBeAreRefusedWithAReason() {
        CreatableTopicResult compacted =
                create(
                        "public.users",
                        1,
                        Map.of("cleanup.policy", "compact", "firn.table.enabled", "true"));
        assertThat(Errors.forCode(compacted.errorCode())).isEqualTo(Errors.INVALID_CONFIG);
        assertThat(compacted.errorMessage()).contains("cleanup.policy=compact", "not built yet");

        CreatableTopicResult dual = create("public.users", 1, Map.of("firn.table.layout", "dual"));
        assertThat(Errors.forCode(dual.errorCode())).isEqualTo(Errors.INVALID_CONFIG);
        assertThat(dual.errorMessage()).contains("firn.table.layout", "not built yet");

        assertThat(follower.image().topic("public.users")).isEmpty();
        assertThat(
                        Errors.forCode(
                                create("public.users", 1, Map.of("cleanup.policy", "compact"))
                                        .errorCode()))
                .isEqualTo(Errors.NONE);
        follower.await(image -> image.topic("public.users").isPresent(), SOON);
        assertThat(follower.image().tableSettings("public.users").enabled()).isFalse();
    }

    @Test
    void settingsAndPartitionsChangeAndTopicsGo() {
        create("public.orders", 1, Map.of());
        IncrementalAlterConfigsResponse altered =
                alter("public.orders", "local.retention.ms", "120000");
        assertThat(altered.data().responses().getFirst().errorMessage()).isNull();
        follower.await(i -> i.logConfig("public.orders").localRetentionMs() == 120_000, SOON);
        assertThat(
                        alter("public.orders", "firn.table.freshness.ms", "12")
                                .data()
                                .responses()
                                .getFirst())
                .satisfies(
                        r -> {
                            assertThat(Errors.forCode(r.errorCode()))
                                    .isEqualTo(Errors.INVALID_CONFIG);
                            assertThat(r.errorMessage()).contains("firn.table.freshness.ms");
                        });

        CreatePartitionsRequestData more = new CreatePartitionsRequestData().setTimeoutMs(5000);
        more.topics()
                .add(
                        new CreatePartitionsTopic()
                                .setName("public.orders")
                                .setCount(4)
                                .setAssignments(null));
        CreatePartitionsResponse grown = ask(new CreatePartitionsRequest.Builder(more));
        assertThat(grown.data().results().getFirst().errorMessage()).isNull();
        follower.await(i -> i.topic("public.orders").orElseThrow().partitions().size() == 4, SOON);

        DeleteTopicsResponse gone =
                ask(
                        new DeleteTopicsRequest.Builder(
                                new DeleteTopicsRequestData()
                                        .setTimeoutMs(5000)
                                        .setTopics(
                                                List.of(
                                                        new DeleteTopicState()
                                                                .setName("public.orders"),
                                                        new DeleteTopicState()
                                                                .setName("public.none")))));
        assertThat(gone.data().responses().find("public.orders").errorCode())
                .isEqualTo(Errors.NONE.code());
        assertThat(gone.data().responses().find("public.orders").topicId())
                .isNotEqualTo(Uuid.ZERO_UUID);
        assertThat(gone.data().responses().find("public.none").errorCode())
                .isEqualTo(Errors.UNKNOWN_TOPIC_OR_PARTITION.code());
        follower.await(i -> i.topic("public.orders").isEmpty(), SOON);
    }

    @Test
    void aSecondBrokerIsRefusedInWords() { // R8: nobody replicates to it
        assertThatThrownBy(
                        () ->
                                BrokerSession.start(
                                        SessionConfig.of(
                                                2,
                                                controller.clusterId(),
                                                "127.0.0.1",
                                                19093,
                                                Uuid.randomUuid(),
                                                -1),
                                        client,
                                        follower))
                .hasMessageContaining("Cannot register broker 2")
                .hasMessageContaining("does not replicate");
        assertThat(follower.image().brokers()).extracting(BrokerState::id).containsExactly(BROKER);
    }

    @Test
    void moreThanOneCopyIsRefusedInWords() { // R8
        CreatableTopic two =
                new CreatableTopic()
                        .setName("public.two")
                        .setNumPartitions(1)
                        .setReplicationFactor((short) 2);
        CreatableTopic placed =
                new CreatableTopic()
                        .setName("public.placed")
                        .setNumPartitions(-1)
                        .setReplicationFactor((short) -1);
        placed.assignments()
                .add(
                        new CreateTopicsRequestData.CreatableReplicaAssignment()
                                .setPartitionIndex(0)
                                .setBrokerIds(List.of(BROKER, 2)));
        CreatableTopic one = two.duplicate();
        one.setName("public.one");
        one.setReplicationFactor((short) 1);
        CreateTopicsRequestData data = new CreateTopicsRequestData().setTimeoutMs(5000);
        data.topics().add(two);
        data.topics().add(placed);
        data.topics().add(one);
        CreateTopicsResponse response = ask(new CreateTopicsRequest.Builder(data));
        for (String name : List.of("public.two", "public.placed")) {
            CreatableTopicResult refused = response.data().topics().find(name);
            assertThat(Errors.forCode(refused.errorCode()))
                    .isEqualTo(Errors.INVALID_REPLICATION_FACTOR);
            assertThat(refused.errorMessage())
                    .contains("replication factor 2", "does not replicate");
        }
        assertThat(response.data().topics().find("public.one").errorCode()).isZero();
    }

    @Test
    void onlyTheLeadersOwnCopyCountsAsInSync() { // R6, R8
        var listed =
                new PartitionState(
                        0, BROKER, 3, 4, List.of(BROKER, 2), List.of(BROKER, 2), List.of());
        assertThat(SingleCopy.inSync(listed)).isEqualTo(1);
        var unled = new PartitionState(0, -1, 3, 4, List.of(BROKER), List.of(BROKER), List.of());
        assertThat(SingleCopy.inSync(unled)).isZero();
    }

    @Test
    void anAnswerToAChangeSaysFromWhichImageOnItShows() { // DESIGN 13
        for (int i = 0; i < 20; i++) {
            String name = "public.shown-" + i;
            CreateTopicsRequestData data = new CreateTopicsRequestData().setTimeoutMs(5000);
            data.topics()
                    .add(
                            new CreatableTopic()
                                    .setName(name)
                                    .setNumPartitions(1)
                                    .setReplicationFactor((short) 1));
            CreateTopicsResponse made = ask(new CreateTopicsRequest.Builder(data));
            long offset = ChangeOffset.take(made);
            assertThat(offset).isPositive();
            follower.shows(offset).join();
            assertThat(follower.image().topic(name)).isPresent();
            IncrementalAlterConfigsResponse altered = alter(name, "retention.ms", "12345");
            follower.shows(ChangeOffset.take(altered)).join();
            assertThat(follower.image().topicConfig(name)).containsEntry("retention.ms", "12345");
        }
    }

    // I12: the image replayed from the log, and from a snapshot and the log, is the live one.
    @Test
    void whatIsReplayedFromTheLogEqualsTheLiveImage() throws Exception {
        RandomGenerator random = new Random(20_261_130);
        for (int i = 0; i < 60; i++) {
            String name = "public.t" + random.nextInt(12);
            if (follower.image().topic(name).isEmpty()) {
                create(name, 1 + random.nextInt(4), Map.of("retention.ms", "" + (1000 + i)));
            } else if (random.nextInt(3) == 0) {
                ask(
                        new DeleteTopicsRequest.Builder(
                                new DeleteTopicsRequestData()
                                        .setTimeoutMs(5000)
                                        .setTopics(List.of(new DeleteTopicState().setName(name)))));
            } else {
                alter(name, "segment.ms", String.valueOf(60_000 + i));
            }
            follower.awaitCaughtUp(SOON);
            if (i == 30) {
                snapshot();
            }
        }
        broker.controlledShutdown().get(10, TimeUnit.SECONDS);
        // Nothing is written any more when the broker is fenced; then follow to the log's end.
        follower.await(image -> image.broker(BROKER).orElseThrow().fenced(), SOON);
        follower.await(
                image ->
                        image.offset() == controller.raft().client().highWatermark().orElse(-1) - 1,
                SOON);
        MetadataImage live = follower.image().kafka();
        assertThat(live.topics().topicsById()).isNotEmpty();
        crash();
        assertSame(ImageInspector.read(dir.resolve("follower")).image().kafka(), live);
        assertSame(ImageInspector.read(dir.resolve("controller")).image().kafka(), live);
        assertThat(snapshots()).isNotEmpty();
        start(-1); // the next image begins with what these logs say
        follower.await(image -> image.topics().size() == live.topics().topicsById().size(), SOON);
        assertThat(follower.image().kafka().configs()).isEqualTo(live.configs());
        assertThat(follower.image().kafka().features()).isEqualTo(live.features());
    }

    private static void assertSame(MetadataImage replayed, MetadataImage live) {
        assertThat(replayed.offset()).isEqualTo(live.offset());
        assertThat(replayed.topics()).isEqualTo(live.topics());
        assertThat(replayed.configs()).isEqualTo(live.configs());
        assertThat(replayed.cluster()).isEqualTo(live.cluster());
        assertThat(replayed.features()).isEqualTo(live.features());
        assertThat(replayed.producerIds()).isEqualTo(live.producerIds());
    }

    /// As if so much of the log had been read that a snapshot is due.
    private void snapshot() throws Exception {
        Snapshots.replayed(follower, 1 << 30);
        long deadline = System.nanoTime() + SOON.toNanos();
        while (snapshots().isEmpty() && System.nanoTime() < deadline) {
            Thread.sleep(10);
        }
    }

    private List<Path> snapshots() throws IOException {
        try (Stream<Path> files = Files.walk(dir.resolve("follower"))) {
            return files.filter(f -> f.toString().endsWith(".checkpoint")).toList();
        }
    }

    @Test
    void producerIdsComeInBlocks() {
        AllocateProducerIdsResponse first = producerIds();
        AllocateProducerIdsResponse second = producerIds();
        assertThat(first.data().producerIdLen()).isPositive();
        assertThat(second.data().producerIdStart())
                .isEqualTo(first.data().producerIdStart() + first.data().producerIdLen());
    }

    @Test
    void theImageOfAFolderIsReadWithoutAController() {
        create("public.orders", 2, Map.of("firn.table.layout", "raw"));
        follower.await(image -> led(image, "public.orders"), SOON);
        String text = ImageInspector.read(dir.resolve("controller")).text();
        assertThat(text).contains("public.orders", "firn.table.layout=raw", "broker 1");
        assertThat(ImageInspector.read(dir.resolve("follower")).json())
                .contains("\"name\":\"public.orders\"");
    }

    private void start(long previousEpoch) {
        long begun = System.nanoTime();
        controller =
                ControllerNode.start(
                        ControllerConfig.single(100, dir.resolve("controller"), KEY), SESSION);
        Map<Integer, InetSocketAddress> voters = controller.voters();
        follower =
                ClusterFollower.start(
                        new FollowerConfig(
                                BROKER, "", dir.resolve("follower"), voters, KEY, false));
        client = new ControllerClient(follower);
        follower.awaitCaughtUp(SOON);
        long caughtUp = System.nanoTime();
        broker = BrokerSession.start(session(previousEpoch), client, follower);
        broker.awaitUnfenced(SOON);
        System.out.printf(
                "caught up after %d ms, unfenced after %d ms%n",
                (caughtUp - begun) / 1_000_000, (System.nanoTime() - begun) / 1_000_000);
    }

    private SessionConfig session(long previousEpoch) {
        return SessionConfig.of(
                BROKER, controller.clusterId(), "127.0.0.1", 19092, directory, previousEpoch);
    }

    /// Without a word to the controller.
    private void crash() {
        broker.close();
        client.close();
        follower.close();
        controller.close();
    }

    private void assertOrders(ClusterImage image) {
        TopicState topic = image.topic("public.orders").orElseThrow();
        assertThat(topic.partitions()).hasSize(3);
        assertThat(image.topic(topic.id())).contains(topic);
        assertThat(image.topicConfig("public.orders"))
                .containsExactlyEntriesOf(Map.of("firn.table.freshness.ms", "60000"));
        assertThat(image.tableSettings("public.orders").freshness())
                .isEqualTo(Duration.ofMinutes(1));
        assertThat(image.logConfig("public.orders").remoteStorageEnable()).isTrue();
        assertThat(image.logConfig("public.orders").localRetentionMs()).isEqualTo(3_600_000);
        assertThat(image.logConfig("public.orders").maxIndexSize).isEqualTo(1 << 20);
        assertThat(image.broker(BROKER).orElseThrow().port()).isEqualTo(19092);
    }

    private static boolean led(ClusterImage image, String topic) {
        return image.topic(topic)
                .filter(t -> t.partitions().stream().allMatch(p -> p.leader() == BROKER))
                .isPresent();
    }

    private CreatableTopicResult create(String name, int partitions, Map<String, String> configs) {
        CreatableTopic topic =
                new CreatableTopic()
                        .setName(name)
                        .setNumPartitions(partitions)
                        .setReplicationFactor((short) 1);
        configs.forEach(
                (k, v) -> topic.configs().add(new CreatableTopicConfig().setName(k).setValue(v)));
        CreateTopicsRequestData data = new CreateTopicsRequestData().setTimeoutMs(5000);
        data.topics().add(topic);
        CreateTopicsResponse response = ask(new CreateTopicsRequest.Builder(data));
        return response.data().topics().find(name);
    }

    private IncrementalAlterConfigsResponse alter(String topic, String name, String value) {
        AlterConfigsResource resource =
                new AlterConfigsResource()
                        .setResourceType(ConfigResource.Type.TOPIC.id())
                        .setResourceName(topic);
        resource.configs()
                .add(
                        new AlterableConfig()
                                .setName(name)
                                .setConfigOperation(OpType.SET.id())
                                .setValue(value));
        IncrementalAlterConfigsRequestData data = new IncrementalAlterConfigsRequestData();
        data.resources().add(resource);
        return ask(new IncrementalAlterConfigsRequest.Builder(data));
    }

    private AllocateProducerIdsResponse producerIds() {
        return ask(
                new AllocateProducerIdsRequest.Builder(
                        new org.apache.kafka.common.message.AllocateProducerIdsRequestData()
                                .setBrokerId(BROKER)
                                .setBrokerEpoch(broker.epoch())));
    }

    @SuppressWarnings("unchecked")
    private <R extends AbstractResponse> R ask(AbstractRequest.Builder<?> request) {
        try {
            return (R) client.send(request).get(20, TimeUnit.SECONDS);
        } catch (Exception e) {
            throw new AssertionError(request.toString(), e);
        }
    }
}
