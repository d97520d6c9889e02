package io.firn.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.firn.broker.cold.TableTier;
import io.firn.broker.cold.Tables;
import io.firn.controller.image.TopicState;
import io.firn.objectstore.InMemoryObjectStore;

import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;

/// A broker whose disk lost what the table still has.
@Timeout(120)
class LostLogTest {
    private final MemoryCatalog catalog = new MemoryCatalog();
    @TempDir Path dir;
    private TestCluster cluster;

    @BeforeEach
    void start() throws Exception {
        cluster =
                new TestCluster(
                        dir,
                        Optional.of(
                                new Tables(
                                        catalog, new InMemoryObjectStore(), dir.resolve("spool"))));
        try (Admin admin = cluster.admin()) {
            admin.createTopics(
                            List.of(
                                    new NewTopic("old", 1, (short) 1)
                                            .configs(Map.of("firn.table.freshness.ms", "1000")),
                                    new NewTopic("unused", 1, (short) 1)))
                    .all()
                    .get();
        }
        produce("old", 0, 100);
        TopicState topic = cluster.follower.image().topic("public.old").orElseThrow();
        Eventually.await(
                Duration.ofSeconds(30),
                () -> catalog.coldState(TableTier.uuid(topic.id()), 0).coldEnd() == 100);
    }

    @AfterEach
    void stop() {
        cluster.close();
    }

    private void produce(String topic, int from, int to) throws Exception {
        try (KafkaProducer<byte[], byte[]> producer = cluster.producer(Map.of())) {
            for (int i = from; i < to; i++) {
                long offset =
                        producer.send(new ProducerRecord<>(topic, 0, null, ("v" + i).getBytes()))
                                .get()
                                .offset();
                assertThat(offset).isEqualTo(i);
            }
        }
    }

    private List<String> consume(String topic, int count) {
        List<String> got = new ArrayList<>();
        try (KafkaConsumer<byte[], byte[]> consumer = cluster.consumer(Map.of())) {
            consumer.assign(List.of(new TopicPartition(topic, 0)));
            consumer.seekToBeginning(consumer.assignment());
            long deadline = System.nanoTime() + 30_000_000_000L;
            while (got.size() < count && System.nanoTime() < deadline) {
                consumer.poll(Duration.ofMillis(200))
                        .forEach(
                                r -> {
                                    assertThat(r.offset()).isEqualTo(got.size());
                                    got.add(new String(r.value()));
                                });
            }
        }
        return got;
    }

    private static void deleteTree(Path folder) throws IOException {
        Files.walkFileTree(
                folder,
                new SimpleFileVisitor<>() {
                    @Override
                    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
                            throws IOException {
                        Files.delete(file);
                        return FileVisitResult.CONTINUE;
                    }

                    @Override
                    public FileVisitResult postVisitDirectory(Path path, IOException failure)
                            throws IOException {
                        Files.delete(path);
                        return FileVisitResult.CONTINUE;
                    }
                });
    }

    @Test
    void aPartitionFolderThatIsGoneGoesOnBehindTheTable() throws Exception { // C2
        cluster.stopBroker();
        deleteTree(dir.resolve("log/public.old-0"));
        cluster.startBroker();
        produce("old", 100, 120);
        produce("unused", 0, 1);
        List<String> got = consume("old", 120);
        assertThat(got).hasSize(120);
        assertThat(got.getFirst()).isEqualTo("v0");
        assertThat(got.getLast()).isEqualTo("v119");
        TopicState topic = cluster.follower.image().topic("public.old").orElseThrow();
        Eventually.await(
                Duration.ofSeconds(30),
                () -> catalog.coldState(TableTier.uuid(topic.id()), 0).coldEnd() == 120);
    }

    @Test
    void anOlderCopyOfTheLogGivesNoOffsetAgainThatIsInTheTable() throws Exception { // C2, L14
        cluster.stopBroker();
        copyTree(dir.resolve("log"), dir.resolve("older"));
        cluster.startBroker();
        assertThat(cluster.broker.logTrouble()).as("an ordinary start").isEmpty();
        produce("old", 100, 200);
        TopicState topic = cluster.follower.image().topic("public.old").orElseThrow();
        UUID table = TableTier.uuid(topic.id());
        Eventually.await(
                Duration.ofSeconds(30), () -> catalog.coldState(table, 0).coldEnd() == 200);
        cluster.stopBroker();
        deleteTree(dir.resolve("log"));
        Files.move(dir.resolve("older"), dir.resolve("log"));

        catalog.away = true; // whoever produces meanwhile waits
        cluster.startBroker();
        assertThat(cluster.broker.logTrouble().orElse("")).contains("not usable before");
        catalog.away = false;
        produce("old", 200, 220);
        assertThat(consume("old", 220)).hasSize(220).startsWith("v0").endsWith("v219");
        assertThat(cluster.broker.logTrouble().orElse("")).contains("1 begun anew");
        Eventually.await(
                Duration.ofSeconds(30), () -> catalog.coldState(table, 0).coldEnd() == 220);
    }

    @Test
    void aTopicThatIsYoungerThanTheCopyGoesOnBehindItsTable() throws Exception { // C2, L14
        cluster.stopBroker();
        copyTree(dir.resolve("log"), dir.resolve("older"));
        cluster.startBroker();
        try (Admin admin = cluster.admin()) {
            admin.createTopics(
                            List.of(
                                    new NewTopic("young", 1, (short) 1)
                                            .configs(Map.of("firn.table.freshness.ms", "1000"))))
                    .all()
                    .get();
        }
        produce("young", 0, 100);
        TopicState topic = cluster.follower.image().topic("public.young").orElseThrow();
        UUID table = TableTier.uuid(topic.id());
        Eventually.await(
                Duration.ofSeconds(30), () -> catalog.coldState(table, 0).coldEnd() == 100);
        cluster.stopBroker();
        deleteTree(dir.resolve("log"));
        Files.move(dir.resolve("older"), dir.resolve("log"));

        cluster.startBroker();
        produce("young", 100, 110);
        assertThat(consume("young", 110)).hasSize(110).startsWith("v0").endsWith("v109");
        Eventually.await(
                Duration.ofSeconds(30), () -> catalog.coldState(table, 0).coldEnd() == 110);
    }

    @Test
    void aLogFolderThatIsGoneAltogetherGoesOnBehindTheTable() throws Exception { // C2, L12
        cluster.stopBroker();
        deleteTree(dir.resolve("log"));
        cluster.startBroker();
        produce("old", 100, 120);
        produce("unused", 0, 1);
        assertThat(consume("old", 120)).hasSize(120).startsWith("v0").endsWith("v119");
    }

    private static void copyTree(Path from, Path to) throws IOException {
        try (Stream<Path> all = Files.walk(from)) {
            for (Path one : all.toList()) {
                Files.copy(one, to.resolve(from.relativize(one)));
            }
        }
    }
}
