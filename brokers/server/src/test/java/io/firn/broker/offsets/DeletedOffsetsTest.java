package io.firn.broker.offsets;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.firn.broker.Eventually;
import io.firn.broker.MemoryCatalog;
import io.firn.broker.TestCluster;
import io.firn.broker.cold.TableTier;
import io.firn.broker.cold.Tables;
import io.firn.controller.image.TopicState;
import io.firn.log.PartitionLog;
import io.firn.objectstore.InMemoryObjectStore;

import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicIdPartition;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InvalidTimestampException;
import org.apache.kafka.common.errors.OffsetOutOfRangeException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;

/// What a client hears right after DeleteRecords, before the catalog does (C9, R7).
class DeletedOffsetsTest {
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

    private static TopicState create(String topic, String... more) throws Exception {
        Map<String, String> configs =
                new HashMap<>(
                        Map.of(
                                "firn.table.freshness.ms", "1000",
                                "local.retention.ms", "0",
                                "file.delete.delay.ms", "0"));
        for (int i = 0; i < more.length; i += 2) {
            configs.put(more[i], more[i + 1]);
        }
        admin.createTopics(List.of(new NewTopic(topic, 1, (short) 1).configs(configs))).all().get();
        cluster.follower.await(
                image -> image.topic("public." + topic).isPresent(), Duration.ofSeconds(10));
        return cluster.follower.image().topic("public." + topic).orElseThrow();
    }

    private static void produce(String topic, long... timestamps) throws Exception {
        try (KafkaProducer<byte[], byte[]> producer = cluster.producer(Map.of())) {
            for (long timestamp : timestamps) {
                producer.send(
                                new ProducerRecord<>(
                                        topic, 0, timestamp, null, ("v" + timestamp).getBytes()))
                        .get();
            }
        }
    }

    private static long offset(String topic, OffsetSpec spec) throws Exception {
        TopicPartition partition = new TopicPartition(topic, 0);
        return admin.listOffsets(Map.of(partition, spec)).partitionResult(partition).get().offset();
    }

    private static void delete(String topic, long before) throws Exception {
        admin.deleteRecords(
                        Map.of(new TopicPartition(topic, 0), RecordsToDelete.beforeOffset(before)))
                .all()
                .get();
    }

    @Test
    void aTimeFindsLiveRecordsAlthoughTheCatalogStillHasTheDeletedOnes() throws Exception { // C9
        TopicState topic = create("times");
        produce("times", 900, 100, 800, 300, 700); // all of it becomes cold
        PartitionLog log =
                cluster.broker
                        .hotLog()
                        .opened(
                                new TopicIdPartition(
                                        topic.id(), new TopicPartition(topic.name(), 0)))
                        .orElseThrow();
        Eventually.await(
                Duration.ofSeconds(20),
                () -> CATALOG.coldState(TableTier.uuid(topic.id()), 0).coldEnd() == 5);
        Eventually.await(
                Duration.ofSeconds(20),
                () -> {
                    log.applyRetention(System.currentTimeMillis() + 60_000);
                    return log.localLogStartOffset() == 5;
                });
        produce("times", 50, 60);
        CATALOG.away = true;
        try {
            delete("times", 1);
            assertThat(offset("times", OffsetSpec.forTimestamp(150))).isEqualTo(2);
            assertThat(offset("times", OffsetSpec.maxTimestamp())).isEqualTo(2);
            delete("times", 3);
            assertThat(offset("times", OffsetSpec.forTimestamp(150))).isEqualTo(3);
            assertThat(offset("times", OffsetSpec.maxTimestamp())).isEqualTo(4);
            delete("times", 5);
            assertThat(offset("times", OffsetSpec.forTimestamp(150))).isEqualTo(-1);
            assertThat(offset("times", OffsetSpec.maxTimestamp())).isEqualTo(6);
        } finally {
            CATALOG.away = false;
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {-2, -17, 4, Long.MAX_VALUE})
    void anOffsetThatNoRecordCanHaveIsOutOfRange(long offset) throws Exception {
        String topic = "range" + Math.abs(offset);
        create(topic);
        produce(topic, 1, 2, 3);
        assertThat(catchThrowable(() -> delete(topic, offset)))
                .isInstanceOf(ExecutionException.class)
                .hasCauseInstanceOf(OffsetOutOfRangeException.class);
        assertThat(offset(topic, OffsetSpec.earliest())).isZero();
        delete(topic, -1);
        assertThat(offset(topic, OffsetSpec.earliest())).isEqualTo(3);
    }

    @Test
    void aProducerHearsThatItsTimestampIsOutOfBounds() throws Exception {
        create("bounds", "message.timestamp.before.max.ms", "3600000");
        assertThat(catchThrowable(() -> produce("bounds", 1_000)))
                .hasCauseInstanceOf(InvalidTimestampException.class)
                .hasMessageContaining("imestamp");
        produce("bounds", System.currentTimeMillis());
    }
}
