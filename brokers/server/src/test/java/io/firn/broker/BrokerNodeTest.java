package io.firn.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.InvalidConfigurationException;
import org.apache.kafka.common.errors.InvalidTopicException;
import org.apache.kafka.common.errors.NotEnoughReplicasException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.FetchMetadata;
import org.apache.kafka.common.requests.FetchRequest;
import org.apache.kafka.common.requests.FetchResponse;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;

/// A broker with a real controller, driven by Kafka's own clients.
class BrokerNodeTest {
    private static TestCluster cluster;
    private static Admin admin;

    @BeforeAll
    static void start(@TempDir Path dir) {
        cluster = new TestCluster(dir);
        admin = cluster.admin();
    }

    @AfterAll
    static void stop() {
        admin.close();
        cluster.close();
    }

    private static void create(String topic, int partitions, Map<String, String> configs)
            throws Exception {
        admin.createTopics(List.of(new NewTopic(topic, partitions, (short) 1).configs(configs)))
                .all()
                .get();
    }

    private static List<RecordMetadata> produce(String topic, int count, Map<String, Object> how)
            throws Exception {
        List<RecordMetadata> sent = new ArrayList<>();
        try (KafkaProducer<byte[], byte[]> producer = cluster.producer(how)) {
            List<Future<RecordMetadata>> futures = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                futures.add(
                        producer.send(
                                new ProducerRecord<>(
                                        topic, 0, 1_000L + i, null, ("value-" + i).getBytes())));
            }
            producer.flush();
            for (Future<RecordMetadata> future : futures) {
                sent.add(future.get());
            }
        }
        return sent;
    }

    private static List<ConsumerRecord<byte[], byte[]>> consume(
            String topic, long from, int count, Map<String, Object> how) {
        TopicPartition partition = new TopicPartition(topic, 0);
        List<ConsumerRecord<byte[], byte[]>> got = new ArrayList<>();
        try (KafkaConsumer<byte[], byte[]> consumer = cluster.consumer(how)) {
            consumer.assign(List.of(partition));
            consumer.seek(partition, from);
            long deadline = System.nanoTime() + 20_000_000_000L;
            while (got.size() < count && System.nanoTime() < deadline) {
                consumer.poll(Duration.ofMillis(200)).forEach(got::add);
            }
        }
        return got;
    }

    private static long offset(String topic, OffsetSpec spec) throws Exception {
        TopicPartition partition = new TopicPartition(topic, 0);
        return admin.listOffsets(Map.of(partition, spec)).partitionResult(partition).get().offset();
    }

    @Test
    void whatAnIdempotentProducerSendsAConsumerReads() throws Exception {
        create("orders", 1, Map.of());
        List<RecordMetadata> sent =
                produce("orders", 1_000, Map.of("acks", "all", "compression.type", "lz4"));
        assertThat(sent.getLast().offset()).isEqualTo(999);

        List<ConsumerRecord<byte[], byte[]>> got = consume("orders", 0, 1_000, Map.of());
        assertThat(got).hasSize(1_000);
        for (int i = 0; i < 1_000; i++) {
            assertThat(got.get(i).offset()).isEqualTo(i);
            assertThat(new String(got.get(i).value())).isEqualTo("value-" + i);
        }
    }

    @Test
    void offsetsAreFoundByNameAndByTime() throws Exception {
        create("times", 1, Map.of());
        produce("times", 100, Map.of());
        assertThat(offset("times", OffsetSpec.earliest())).isZero();
        assertThat(offset("times", OffsetSpec.latest())).isEqualTo(100);
        assertThat(offset("times", OffsetSpec.forTimestamp(1_050))).isEqualTo(50);
        assertThat(offset("times", OffsetSpec.maxTimestamp())).isEqualTo(99);
        assertThat(offset("times", OffsetSpec.earliestLocal())).isZero();
        assertThat(offset("times", OffsetSpec.latestTiered())).isEqualTo(-1);
        assertThat(offset("times", OffsetSpec.forTimestamp(5_000))).isEqualTo(-1);
    }

    @Test
    void aFetchThatWaitsIsWokenByAProduce() throws Exception {
        create("waits", 1, Map.of());
        produce("waits", 1, Map.of());
        TopicPartition partition = new TopicPartition("waits", 0);
        try (KafkaConsumer<byte[], byte[]> consumer =
                cluster.consumer(Map.of("fetch.max.wait.ms", 4_000))) {
            consumer.assign(List.of(partition));
            consumer.seek(partition, 1);
            assertThat(consumer.poll(Duration.ofMillis(300)).count()).isZero();
            produce("waits", 1, Map.of());
            assertThat(consumer.poll(Duration.ofSeconds(2)).count()).isEqualTo(1);
        }
    }

    @Test
    void acksZeroAndOneArriveToo() throws Exception {
        create("acks", 1, Map.of());
        // acks=1 first: without an answer a client cannot know that the leader was not there yet.
        produce("acks", 10, Map.of("acks", "1", "enable.idempotence", false));
        produce("acks", 10, Map.of("acks", "0", "enable.idempotence", false));
        assertThat(consume("acks", 0, 20, Map.of("isolation.level", "read_committed"))).hasSize(20);
    }

    @Test
    void aLargeBatchGoesOutAlthoughItIsLargerThanTheFetchAllows() throws Exception {
        create("large", 1, Map.of());
        try (KafkaProducer<byte[], byte[]> producer = cluster.producer(Map.of())) {
            producer.send(new ProducerRecord<>("large", 0, null, new byte[500_000])).get();
        }
        assertThat(
                        consume(
                                "large",
                                0,
                                1,
                                Map.of("fetch.max.bytes", 1_000, "max.partition.fetch.bytes", 100)))
                .hasSize(1);
    }

    @Test
    void aRecordAboveTheTopicsLimitIsRefused() throws Exception {
        create("small", 1, Map.of("max.message.bytes", "1000"));
        try (KafkaProducer<byte[], byte[]> producer = cluster.producer(Map.of())) {
            assertThatThrownBy(
                            () ->
                                    producer.send(
                                                    new ProducerRecord<>(
                                                            "small", 0, null, new byte[5_000]))
                                            .get())
                    .hasCauseInstanceOf(RecordTooLargeException.class);
        }
    }

    @Test
    void deletedRecordsAreBelowTheLogStart() throws Exception {
        create("cut", 1, Map.of());
        produce("cut", 50, Map.of());
        TopicPartition partition = new TopicPartition("cut", 0);
        long low =
                admin.deleteRecords(Map.of(partition, RecordsToDelete.beforeOffset(20)))
                        .lowWatermarks()
                        .get(partition)
                        .get()
                        .lowWatermark();
        assertThat(low).isEqualTo(20);
        assertThat(offset("cut", OffsetSpec.earliest())).isEqualTo(20);
        assertThat(consume("cut", 0, 30, Map.of()).getFirst().offset()).isEqualTo(20);
    }

    @Test
    void errorsSpeakInTheTenantsOwnNames() throws Exception {
        create("once", 1, Map.of());
        assertThatThrownBy(() -> create("once", 1, Map.of()))
                .isInstanceOf(ExecutionException.class)
                .hasCauseInstanceOf(TopicExistsException.class)
                .hasMessageContaining("once")
                .hasMessageNotContaining("public.");
        assertThatThrownBy(() -> create("x".repeat(243), 1, Map.of()))
                .hasCauseInstanceOf(InvalidTopicException.class)
                .hasMessageContaining("at most 242");
        assertThatThrownBy(
                        () ->
                                admin.describeConfigs(
                                                List.of(
                                                        new ConfigResource(
                                                                ConfigResource.Type.TOPIC,
                                                                "nowhere")))
                                        .all()
                                        .get())
                .hasCauseInstanceOf(UnknownTopicOrPartitionException.class);
    }

    @Test
    void settingsAreDescribedAlteredAndTakenAway() throws Exception {
        create("tuned", 1, Map.of("retention.ms", "86400000"));
        ConfigResource topic = new ConfigResource(ConfigResource.Type.TOPIC, "tuned");
        Config before = admin.describeConfigs(List.of(topic)).all().get().get(topic);
        assertThat(before.get("retention.ms").value()).isEqualTo("86400000");
        assertThat(before.get("retention.ms").source())
                .isEqualTo(ConfigEntry.ConfigSource.DYNAMIC_TOPIC_CONFIG);
        assertThat(before.get("firn.table.enabled").value()).isEqualTo("true");
        assertThat(before.get("local.retention.ms").value()).isEqualTo("3600000");

        admin.incrementalAlterConfigs(
                        Map.of(
                                topic,
                                List.of(
                                        new AlterConfigOp(
                                                new ConfigEntry("firn.table.freshness.ms", "5000"),
                                                AlterConfigOp.OpType.SET))))
                .all()
                .get();
        cluster.follower.await(
                image -> image.topicConfig("public.tuned").size() == 2, Duration.ofSeconds(10));
        Config after = admin.describeConfigs(List.of(topic)).all().get().get(topic);
        assertThat(after.get("firn.table.freshness.ms").value()).isEqualTo("5000");
        ConfigResource broker = new ConfigResource(ConfigResource.Type.BROKER, "1");
        assertThat(admin.describeConfigs(List.of(broker)).all().get().get(broker).entries())
                .isNotEmpty();
    }

    @Test
    void aTopicThatSaysNoNumbersGetsTheBrokersOwn() throws Exception { // D7: num.partitions
        admin.createTopics(List.of(new NewTopic("defaulted", Optional.empty(), Optional.empty())))
                .all()
                .get();
        TopicDescription described =
                admin.describeTopics(List.of("defaulted")).allTopicNames().get().get("defaulted");
        assertThat(described.partitions()).hasSize(TestCluster.DEFAULT_PARTITIONS);
        assertThat(described.partitions().getFirst().replicas()).hasSize(1);
    }

    @Test
    void aSettingWithoutEffectIsRefusedInWords() throws Exception { // D7
        assertThatThrownBy(() -> create("preallocated", 1, Map.of("preallocate", "true")))
                .hasCauseInstanceOf(InvalidConfigurationException.class)
                .hasMessageContaining("preallocate=true has no effect in Firn");
        create("altered", 1, Map.of());
        ConfigResource topic = new ConfigResource(ConfigResource.Type.TOPIC, "altered");
        assertThatThrownBy(
                        () ->
                                admin.incrementalAlterConfigs(
                                                Map.of(
                                                        topic,
                                                        List.of(
                                                                new AlterConfigOp(
                                                                        new ConfigEntry(
                                                                                "flush.ms", "1000"),
                                                                        AlterConfigOp.OpType.SET))))
                                        .all()
                                        .get())
                .hasCauseInstanceOf(InvalidConfigurationException.class)
                .hasMessageContaining("flush.ms=1000");
    }

    @Test
    void partitionsAreAddedAndLed() throws Exception {
        create("grows", 1, Map.of());
        admin.createPartitions(Map.of("grows", NewPartitions.increaseTo(3))).all().get();
        cluster.follower.await(
                image ->
                        image.topic("public.grows")
                                .filter(t -> t.partitions().size() == 3)
                                .isPresent(),
                Duration.ofSeconds(10));
        try (KafkaProducer<byte[], byte[]> producer = cluster.producer(Map.of())) {
            assertThat(
                            producer.send(new ProducerRecord<>("grows", 2, null, new byte[3]))
                                    .get()
                                    .offset())
                    .isZero();
        }
    }

    @Test
    void aDeletedTopicsLogsGoAndItsNameIsFree() throws Exception { // R18
        create("gone", 1, Map.of());
        produce("gone", 10, Map.of());
        admin.deleteTopics(List.of("gone")).all().get();
        cluster.follower.await(
                image -> image.topic("public.gone").isEmpty(), Duration.ofSeconds(10));
        create("gone", 1, Map.of());
        produce("gone", 3, Map.of());
        assertThat(offset("gone", OffsetSpec.latest())).isEqualTo(3);
        assertThat(
                        cluster.broker.hotLog().known().stream()
                                .filter(id -> id.topic().equals("public.gone")))
                .hasSize(1);
    }

    @Test
    void producersAndLogDirsAreDescribed() throws Exception {
        create("seen", 1, Map.of());
        produce("seen", 10, Map.of());
        TopicPartition partition = new TopicPartition("seen", 0);
        assertThat(
                        admin.describeProducers(List.of(partition))
                                .partitionResult(partition)
                                .get()
                                .activeProducers())
                .hasSize(1);
        var dirs = admin.describeLogDirs(List.of(1)).allDescriptions().get().get(1);
        assertThat(dirs.values().iterator().next().replicaInfos().get(partition).size())
                .isPositive();
        assertThat(dirs.values().iterator().next().replicaInfos().keySet())
                .noneMatch(tp -> tp.topic().startsWith("__") || tp.topic().startsWith("public."));
    }

    @Test
    void belowTheLeastInSyncReplicasAProduceIsRefusedBeforeItIsAppended() throws Exception { // R13
        create("two-wanted", 1, Map.of("min.insync.replicas", "2"));
        assertThatThrownBy(
                        () ->
                                produce(
                                        "two-wanted",
                                        1,
                                        Map.of(
                                                "acks",
                                                "all",
                                                "retries",
                                                0,
                                                "enable.idempotence",
                                                false)))
                .hasCauseInstanceOf(NotEnoughReplicasException.class);
        assertThat(offset("two-wanted", OffsetSpec.latest())).isZero();
        assertThat(produce("two-wanted", 1, Map.of("acks", "1", "enable.idempotence", false)))
                .hasSize(1);
    }

    @Test
    void aFetchSessionIsUselessOnAnotherConnection() { // G5
        try (RawClient one = new RawClient(cluster.listener.port());
                RawClient other = new RawClient(cluster.listener.port())) {
            FetchResponse opened = one.call(sessionFetch(FetchMetadata.INITIAL));
            assertThat(opened.sessionId()).isNotZero();
            FetchRequest next = sessionFetch(new FetchMetadata(opened.sessionId(), 1));
            FetchResponse stranger = other.call(next);
            assertThat(stranger.error()).isEqualTo(Errors.FETCH_SESSION_ID_NOT_FOUND);
            FetchResponse owner = one.call(next);
            assertThat(owner.error()).isEqualTo(Errors.NONE);
        }
    }

    private static FetchRequest sessionFetch(FetchMetadata session) {
        return FetchRequest.Builder.forConsumer(ApiKeys.FETCH.latestVersion(), 0, 1, Map.of())
                .metadata(session)
                .build();
    }

    @Test
    void aTransactionalProducerIsRefusedAtOnce() {
        try (KafkaProducer<byte[], byte[]> producer =
                cluster.producer(Map.of("transactional.id", "t", "max.block.ms", 5_000))) {
            assertThatThrownBy(producer::initTransactions)
                    .hasMessageContaining("Unset transactional.id");
        }
    }

    @Test
    void aGroupGoesOnFromItsCommit() throws Exception {
        create("grouped", 1, Map.of());
        produce("grouped", 100, Map.of());
        Map<String, Object> member = Map.of("group.id", "readers", "max.poll.records", 40);
        int first = 0;
        try (KafkaConsumer<byte[], byte[]> consumer = cluster.consumer(member)) {
            consumer.subscribe(Set.of("grouped"));
            long deadline = System.nanoTime() + 20_000_000_000L;
            while (first < 40 && System.nanoTime() < deadline) {
                first += consumer.poll(Duration.ofMillis(200)).count();
            }
            consumer.commitSync();
        }
        try (KafkaConsumer<byte[], byte[]> consumer = cluster.consumer(member)) {
            consumer.subscribe(Set.of("grouped"));
            long deadline = System.nanoTime() + 20_000_000_000L;
            long next = -1;
            while (next < 0 && System.nanoTime() < deadline) {
                for (ConsumerRecord<byte[], byte[]> record :
                        consumer.poll(Duration.ofMillis(200))) {
                    next = next < 0 ? record.offset() : next;
                }
            }
            assertThat(next).isEqualTo(first);
        }
    }

    @Test
    void whatWasAcknowledgedIsThereAfterARestart() throws Exception {
        try (Admin own = cluster.admin()) {
            create("kept", 1, Map.of());
            produce("kept", 100, Map.of());
        }
        admin.close();
        cluster.stopBroker();
        cluster.startBroker();
        admin = cluster.admin();
        assertThat(consume("kept", 0, 100, Map.of())).hasSize(100);
        produce("kept", 1, Map.of());
        assertThat(offset("kept", OffsetSpec.latest())).isEqualTo(101);
    }
}
