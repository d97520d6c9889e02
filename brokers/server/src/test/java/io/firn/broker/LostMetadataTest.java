package io.firn.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.firn.broker.cold.TableTier;
import io.firn.broker.cold.Tables;
import io.firn.controller.image.TopicState;
import io.firn.log.PartitionLog;
import io.firn.objectstore.InMemoryObjectStore;

import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicIdPartition;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/// The controller's metadata is lost, the cluster starts without it, goes on, and gets it back
/// (L14, C14).
class LostMetadataTest {
    private static final int RECORDS = 300;

    private final MemoryCatalog catalog = new MemoryCatalog();
    private final InMemoryObjectStore store = new InMemoryObjectStore();
    @TempDir private Path dir;
    private String clusterId = "";
    private TestCluster cluster;

    @BeforeEach
    void begin() {
        start(UnaryOperator.identity());
        clusterId = cluster.controller.clusterId();
    }

    @AfterEach
    void end() {
        cluster.close();
    }

    private void start(UnaryOperator<BrokerConfig> how) {
        cluster =
                new TestCluster(
                        dir,
                        clusterId,
                        Optional.of(new Tables(catalog, store, dir.resolve("spool"))),
                        how);
    }

    private void loseMetadata() throws IOException {
        Files.move(dir.resolve("raft"), dir.resolve("raft-kept"));
        Files.move(dir.resolve("image"), dir.resolve("image-kept"));
    }

    private void restoreMetadata() throws IOException {
        Files.move(dir.resolve("raft"), dir.resolve("raft-of-between"));
        Files.move(dir.resolve("image"), dir.resolve("image-of-between"));
        Files.move(dir.resolve("raft-kept"), dir.resolve("raft"));
        Files.move(dir.resolve("image-kept"), dir.resolve("image"));
    }

    private TopicState create(String topic, Map<String, String> configs) throws Exception {
        try (Admin admin = cluster.admin()) {
            admin.createTopics(List.of(new NewTopic(topic, 1, (short) 1).configs(configs)))
                    .all()
                    .get();
        }
        return cluster.follower.image().topic("public." + topic).orElseThrow();
    }

    private void produce(String topic, String what, int count) {
        try (KafkaProducer<byte[], byte[]> producer = cluster.producer(Map.of())) {
            for (int i = 0; i < count; i++) {
                producer.send(new ProducerRecord<>(topic, 0, null, (what + i).getBytes()));
            }
        }
    }

    private List<String> consume(String topic, int count) {
        TopicPartition partition = new TopicPartition(topic, 0);
        List<String> got = new ArrayList<>();
        try (KafkaConsumer<byte[], byte[]> consumer = cluster.consumer(Map.of())) {
            consumer.assign(List.of(partition));
            consumer.seek(partition, 0);
            long deadline = System.nanoTime() + 30_000_000_000L;
            while (got.size() < count && System.nanoTime() < deadline) {
                for (ConsumerRecord<byte[], byte[]> one : consumer.poll(Duration.ofMillis(200))) {
                    got.add(new String(one.value()));
                }
            }
        }
        return got;
    }

    private static List<String> values(String what, int count) {
        return Stream.iterate(0, i -> i + 1).limit(count).map(i -> what + i).toList();
    }

    private PartitionLog log(TopicState topic) {
        return cluster.broker
                .hotLog()
                .opened(new TopicIdPartition(topic.id(), new TopicPartition(topic.name(), 0)))
                .orElseThrow();
    }

    /// A topic of which everything is only in the table.
    private TopicState cold(String name) throws Exception {
        TopicState topic =
                create(
                        name,
                        Map.of(
                                "firn.table.freshness.ms", "1000",
                                "local.retention.ms", "0",
                                "file.delete.delay.ms", "0"));
        produce(name, "old-", RECORDS);
        UUID id = TableTier.uuid(topic.id());
        Eventually.await(
                Duration.ofSeconds(30), () -> catalog.coldState(id, 0).coldEnd() == RECORDS);
        Eventually.await(
                Duration.ofSeconds(30),
                () -> {
                    log(topic).applyRetention(System.currentTimeMillis() + 60_000);
                    return log(topic).localLogStartOffset() == RECORDS;
                });
        return topic;
    }

    private List<Path> strays() throws IOException {
        try (Stream<Path> all = Files.list(dir.resolve("log"))) {
            return all.filter(path -> path.toString().endsWith("-stray")).toList();
        }
    }

    @Test
    void whatWasAcknowledgedIsThereWhenLostMetadataIsPutBack() throws Exception { // L14, C14
        TopicState hot = create("hot", Map.of("firn.table.enabled", "false"));
        TopicState other = create("other", Map.of());
        TopicState tab = cold("tab");
        produce("hot", "old-", RECORDS);
        produce("other", "old-", RECORDS);
        cluster.close();
        loseMetadata();

        for (int starts = 0; starts < 2; starts++) { // the second one knows topics
            start(UnaryOperator.identity());
            if (starts == 0) {
                assertThat(strays()).as("nobody knows anything").isEmpty();
                create("hot", Map.of());
                create("tab", Map.of("firn.table.freshness.ms", "1000"));
            }
            produce("hot", "between-", 10);
            produce("tab", "between-", 10);
            assertThat(consume("tab", 10)).startsWith("between-0");
            cluster.close();
        }
        assertThat(strays()).hasSize(3);
        assertThat(catalog.dropped).isEmpty();
        restoreMetadata();

        start(UnaryOperator.identity());
        for (String topic : List.of("hot", "other", "tab")) {
            assertThat(consume(topic, RECORDS)).isEqualTo(values("old-", RECORDS));
            produce(topic, "new-", 5);
            assertThat(consume(topic, RECORDS + 5)).hasSize(RECORDS + 5).endsWith("new-4");
        }
        UUID table = TableTier.uuid(tab.id());
        Eventually.await(
                Duration.ofSeconds(30), () -> catalog.coldState(table, 0).coldEnd() == RECORDS + 5);
        assertThat(catalog.dropped)
                .doesNotContain(table, TableTier.uuid(hot.id()), TableTier.uuid(other.id()));
        assertThat(strays()).as("of the topics between").hasSize(2);
        cluster.close();

        start(UnaryOperator.identity());
        for (String topic : List.of("hot", "other", "tab")) {
            assertThat(consume(topic, RECORDS + 5)).hasSize(RECORDS + 5).startsWith("old-0");
        }
    }

    /// Only the manifest knows where its log begins: nothing of it is in its folder.
    @Test
    void aTableIsWholeWhenItsTopicIsBackOnTheDiskOfABrokerThatDied() throws Exception { // L14, C2
        TopicState tab = cold("tab");
        UUID table = TableTier.uuid(tab.id());
        cluster.close();
        start(UnaryOperator.identity());
        assertThat(consume("tab", RECORDS)).hasSize(RECORDS);
        log(tab).epochs(); // its files are open when the broker dies
        Path killed = dir.resolve("log-of-a-kill");
        copy(dir.resolve("log"), killed);
        cluster.close();
        Files.move(dir.resolve("log"), dir.resolve("log-closed"));
        Files.move(killed, dir.resolve("log"));
        loseMetadata();

        for (int starts = 0; starts < 2; starts++) { // the second one knows topics
            start(UnaryOperator.identity());
            if (starts == 0) {
                create("another", Map.of("firn.table.enabled", "false"));
            } else {
                Eventually.await(Duration.ofSeconds(20), () -> !strays().isEmpty());
            }
            cluster.close();
        }
        restoreMetadata();

        start(UnaryOperator.identity());
        produce("tab", "new-", 5);
        Eventually.await(
                Duration.ofSeconds(30), () -> catalog.coldState(table, 0).coldEnd() == RECORDS + 5);
        assertThat(catalog.coldState(table, 0).logStart()).isZero();
        assertThat(consume("tab", RECORDS + 5)).hasSize(RECORDS + 5).startsWith("old-0");
    }

    @Test
    void aStraysTableIsDroppedWhenItsTimeIsOver() throws Exception { // C14, L14
        TopicState gone = create("gone", Map.of("firn.table.freshness.ms", "1000"));
        produce("gone", "old-", 10);
        cluster.close();
        loseMetadata();
        start(UnaryOperator.identity());
        create("another", Map.of());
        produce("another", "new-", 1);
        cluster.close();

        start(UnaryOperator.identity());
        Eventually.await(Duration.ofSeconds(10), () -> !strays().isEmpty());
        cluster.close();
        UUID table = TableTier.uuid(gone.id());
        assertThat(catalog.dropped).doesNotContain(table);

        catalog.away = true;
        start(config -> config.withKeepStrays(Duration.ZERO));
        cluster.broker.hotLog().sweepStrays();
        assertThat(strays()).as("until the catalog has heard").hasSize(1);
        catalog.away = false;
        Eventually.await(Duration.ofSeconds(40), () -> strays().isEmpty());
        assertThat(catalog.dropped).contains(table);
    }

    @Test
    void aClusterWithoutAnyTopicTakesNoLogAway() throws Exception { // L14
        create("only", Map.of());
        produce("only", "old-", 10);
        cluster.close();
        loseMetadata();
        start(config -> config.withKeepStrays(Duration.ZERO));
        cluster.close();
        assertThat(strays()).isEmpty();
        assertThat(catalog.dropped).isEmpty();
        restoreMetadata();
        start(UnaryOperator.identity());
        assertThat(consume("only", 10)).isEqualTo(values("old-", 10));
    }

    private void delete(TopicState topic) throws Exception {
        try (Admin admin = cluster.admin()) {
            admin.deleteTopics(List.of(topic.name().substring("public.".length()))).all().get();
        }
        Eventually.await(
                Duration.ofSeconds(20),
                () ->
                        !cluster.broker
                                .hotLog()
                                .knows(
                                        new TopicIdPartition(
                                                topic.id(), new TopicPartition(topic.name(), 0))));
    }

    @Test
    void aDeletionThatTheCatalogHadNotHeardOfIsToldAfterTheNextStart() throws Exception { // C14
        create("stays", Map.of());
        TopicState gone = cold("gone");
        UUID table = TableTier.uuid(gone.id());
        catalog.away = true;
        delete(gone);
        cluster.close();
        assertThat(catalog.dropped).isEmpty();
        catalog.away = false;

        start(UnaryOperator.identity());
        Eventually.await(Duration.ofSeconds(20), () -> catalog.dropped.contains(table));
        cluster.close();

        catalog.dropped.clear(); // its database is put back from an older copy
        start(UnaryOperator.identity());
        Eventually.await(Duration.ofSeconds(20), () -> catalog.dropped.contains(table));
    }

    @Test
    void aTopicThatIsBackWithOlderMetadataKeepsItsTable() throws Exception { // L14, C14
        TopicState back = cold("back");
        cluster.close();
        for (String folder : List.of("raft", "image")) {
            copy(dir.resolve(folder), dir.resolve(folder + "-kept"));
        }
        start(UnaryOperator.identity());
        catalog.away = true;
        TopicState gone = create("gone", Map.of());
        produce("gone", "x", 1);
        delete(back); // first, so it would be told first
        delete(gone);
        cluster.close();
        restoreMetadata();
        catalog.away = false;

        start(UnaryOperator.identity());
        UUID other = TableTier.uuid(gone.id());
        Eventually.await(Duration.ofSeconds(20), () -> catalog.dropped.contains(other));
        assertThat(catalog.dropped).containsExactly(other);
        assertThat(consume("back", RECORDS)).isEqualTo(values("old-", RECORDS));
    }

    private static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> all = Files.walk(from)) {
            for (Path path : all.toList()) {
                Path copy = to.resolve(from.relativize(path).toString());
                if (Files.isDirectory(path)) {
                    Files.createDirectories(copy);
                } else {
                    Files.copy(path, copy);
                }
            }
        }
    }
}
