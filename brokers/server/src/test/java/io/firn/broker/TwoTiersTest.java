package io.firn.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.firn.broker.cold.TableTier;
import io.firn.broker.cold.Tables;
import io.firn.controller.image.TopicState;
import io.firn.log.PartitionLog;
import io.firn.objectstore.InMemoryObjectStore;

import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicIdPartition;
import org.apache.kafka.common.TopicPartition;
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

/// A broker whose topics have tables: the store and the catalog are in memory, the rest is real.
class TwoTiersTest {
    private static final MemoryCatalog CATALOG = new MemoryCatalog();
    private static TestCluster cluster;
    private static Admin admin;

    @BeforeAll
    static void start(@TempDir Path dir) {
        cluster =
                new TestCluster(
                        dir,
                        Optional.of(
                                new Tables(
                                        CATALOG, new InMemoryObjectStore(), dir.resolve("spool"))));
        admin = cluster.admin();
    }

    @AfterAll
    static void stop() {
        admin.close();
        cluster.close();
    }

    private static TopicState create(String topic) throws Exception {
        admin.createTopics(
                        List.of(
                                new NewTopic(topic, 1, (short) 1)
                                        .configs(
                                                Map.of(
                                                        "firn.table.freshness.ms", "1000",
                                                        "local.retention.ms", "0",
                                                        "file.delete.delay.ms", "0"))))
                .all()
                .get();
        cluster.follower.await(
                image -> image.topic("public." + topic).isPresent(), Duration.ofSeconds(10));
        return cluster.follower.image().topic("public." + topic).orElseThrow();
    }

    private static PartitionLog log(TopicState topic) {
        return cluster.broker
                .hotLog()
                .opened(new TopicIdPartition(topic.id(), new TopicPartition(topic.name(), 0)))
                .orElseThrow();
    }

    private static void produce(String topic, int from, int count) throws Exception {
        try (KafkaProducer<byte[], byte[]> producer = cluster.producer(Map.of())) {
            for (int i = from; i < from + count; i++) {
                producer.send(
                        new ProducerRecord<>(
                                topic, 0, 1_700_000_000_000L + i, null, ("v" + i).getBytes()));
            }
        }
    }

    private static List<ConsumerRecord<byte[], byte[]>> consume(String topic, int count) {
        TopicPartition partition = new TopicPartition(topic, 0);
        List<ConsumerRecord<byte[], byte[]>> got = new ArrayList<>();
        try (KafkaConsumer<byte[], byte[]> consumer = cluster.consumer(Map.of())) {
            consumer.assign(List.of(partition));
            consumer.seek(partition, 0);
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

    /// Produces, and waits until all of it is only in the table.
    private static TopicState cold(String name, int count) throws Exception {
        TopicState topic = create(name);
        produce(name, 0, count);
        Eventually.await(
                Duration.ofSeconds(20),
                () -> CATALOG.coldState(TableTier.uuid(topic.id()), 0).coldEnd() == count);
        Eventually.await(
                Duration.ofSeconds(20),
                () -> {
                    log(topic).applyRetention(System.currentTimeMillis() + 60_000);
                    return log(topic).localLogStartOffset() == count;
                });
        return topic;
    }

    @Test
    void aConsumerWalksFromTheTableIntoTheLocalLog() throws Exception {
        cold("walk", 500);
        produce("walk", 500, 100);
        List<ConsumerRecord<byte[], byte[]>> got = consume("walk", 600);
        assertThat(got).hasSize(600);
        for (int i = 0; i < 600; i++) {
            assertThat(got.get(i).offset()).isEqualTo(i);
            assertThat(new String(got.get(i).value())).isEqualTo("v" + i);
            assertThat(got.get(i).timestamp()).isEqualTo(1_700_000_000_000L + i);
        }
    }

    @Test
    void offsetsAreFoundInBothTiers() throws Exception { // C9
        cold("find", 500);
        produce("find", 500, 100);
        assertThat(offset("find", OffsetSpec.earliest())).isZero();
        assertThat(offset("find", OffsetSpec.earliestLocal())).isEqualTo(500);
        assertThat(offset("find", OffsetSpec.latestTiered())).isGreaterThanOrEqualTo(499);
        assertThat(offset("find", OffsetSpec.latest())).isEqualTo(600);
        assertThat(offset("find", OffsetSpec.forTimestamp(1_700_000_000_123L))).isEqualTo(123);
        assertThat(offset("find", OffsetSpec.forTimestamp(1_700_000_000_550L))).isEqualTo(550);
        assertThat(offset("find", OffsetSpec.maxTimestamp())).isEqualTo(599);
    }

    @Test
    void recordsAreDeletedOverBothTiersAndTheCatalogHearsOfIt() throws Exception {
        TopicState topic = cold("cut", 300);
        TopicPartition partition = new TopicPartition("cut", 0);
        admin.deleteRecords(Map.of(partition, RecordsToDelete.beforeOffset(120))).all().get();
        assertThat(offset("cut", OffsetSpec.earliest())).isEqualTo(120);
        assertThat(consume("cut", 180).getFirst().offset()).isEqualTo(120);
        Eventually.await(
                Duration.ofSeconds(40),
                () -> CATALOG.coldState(TableTier.uuid(topic.id()), 0).logStart() == 120);
    }

    @Test
    void producersAreServedWhileTheCatalogIsAway() throws Exception { // C11
        TopicState topic = create("alone");
        CATALOG.away = true;
        try {
            produce("alone", 0, 100);
            assertThat(consume("alone", 100)).hasSize(100);
        } finally {
            CATALOG.away = false;
        }
        Eventually.await(
                Duration.ofSeconds(30),
                () -> CATALOG.coldState(TableTier.uuid(topic.id()), 0).coldEnd() == 100);
    }

    @Test
    void aDeletedTopicsTableIsDropped() throws Exception { // C14
        TopicState topic = create("dropped");
        admin.deleteTopics(List.of("dropped")).all().get();
        Eventually.await(
                Duration.ofSeconds(10), () -> CATALOG.dropped.contains(TableTier.uuid(topic.id())));
    }
}
