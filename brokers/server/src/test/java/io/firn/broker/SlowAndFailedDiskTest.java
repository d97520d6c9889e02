package io.firn.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicIdPartition;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.KafkaStorageException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/// A broker whose disk is slow, or fails (L10, R20).
@Timeout(120)
class SlowAndFailedDiskTest {
    private static final int PRODUCERS = 16;
    private static final int RECORDS = 6; // together more than may wait for the disk

    @TempDir Path dir;
    private TestCluster cluster;
    private Admin admin;

    @BeforeEach
    void start() throws Exception {
        cluster = new TestCluster(dir);
        admin = cluster.admin();
        admin.createTopics(List.of(new NewTopic("orders", 1, (short) 1))).all().get();
        cluster.follower.await(
                image -> image.topic("public.orders").isPresent(), Duration.ofSeconds(10));
    }

    @AfterEach
    void stop() {
        admin.close();
        cluster.close();
    }

    /// Who reads is served while connections that produce are not read; nobody gets an error,
    /// although producers do not try again.
    @Test
    void producersWaitForASlowDiskAndConsumersDoNot() throws Exception {
        Map<String, Object> never =
                Map.of(
                        "retries", 0,
                        "enable.idempotence", false,
                        "linger.ms", 0,
                        "batch.size", 300_000,
                        "delivery.timeout.ms", 120_000,
                        "request.timeout.ms", 60_000);
        List<KafkaProducer<byte[], byte[]>> producers = new ArrayList<>();
        List<Future<RecordMetadata>> sent = new ArrayList<>();
        try (KafkaConsumer<byte[], byte[]> consumer = cluster.consumer(Map.of())) {
            try (KafkaProducer<byte[], byte[]> first = cluster.producer(Map.of())) {
                first.send(record(100)).get();
            }
            var partition = new TopicPartition("orders", 0);
            consumer.assign(List.of(partition));
            slowDown(100);
            for (int i = 0; i < PRODUCERS; i++) {
                KafkaProducer<byte[], byte[]> producer = cluster.producer(never);
                producers.add(producer);
                for (int r = 0; r < RECORDS; r++) {
                    sent.add(producer.send(record(900_000)));
                }
            }
            int paused = 0;
            int read = 0;
            while (sent.stream().anyMatch(f -> !f.isDone())) {
                int now = cluster.broker.pausedConnections();
                if (now > 0 && paused == 0) {
                    consumer.seekToBeginning(List.of(partition));
                    read += consumer.poll(Duration.ofSeconds(10)).count();
                }
                paused = Math.max(paused, now);
                LockSupport.parkNanos(1_000_000);
            }
            for (Future<RecordMetadata> each : sent) {
                each.get(10, TimeUnit.SECONDS); // no error, though nobody tries again
            }
            assertThat(paused).isPositive();
            assertThat(read).isPositive();
            assertThat(cluster.broker.pausedConnections()).isZero();
        } finally {
            producers.forEach(KafkaProducer::close);
        }
    }

    @Test
    void aLogThatIsFoundDamagedWhenItIsUsedIsTold() throws Exception { // L14
        try (KafkaProducer<byte[], byte[]> producer = cluster.producer(Map.of())) {
            producer.send(record(100)).get();
        }
        assertThat(cluster.broker.logTrouble()).isEmpty();
        TopicIdPartition damaged = theLog();
        cluster.stopBroker();
        Path segment =
                dir.resolve("log")
                        .resolve(damaged.topic() + "-0")
                        .resolve("00000000000000000000.log");
        Files.write(segment, new byte[10]);
        cluster.startBroker();
        assertThat(cluster.broker.logTrouble()).as("nobody looked at it").isEmpty();
        var log =
                cluster.broker
                        .hotLog()
                        .open(damaged, cluster.follower.image().logConfig(damaged.topic()));
        assertThatThrownBy(log::roll).isInstanceOf(KafkaStorageException.class);
        assertThat(cluster.broker.logTrouble())
                .hasValueSatisfying(why -> assertThat(why).contains("1 suspect"));
        assertThat(cluster.broker.trouble()).isEmpty();
    }

    private TopicIdPartition theLog() {
        return cluster.broker.hotLog().known().stream()
                .filter(partition -> partition.topic().endsWith("orders"))
                .findFirst()
                .orElseThrow();
    }

    private static void deleteTree(Path folder) throws IOException {
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }

    /// Each write group takes so much longer.
    private void slowDown(long millis) {
        cluster.broker
                .hotLog()
                .opened(theLog())
                .orElseThrow()
                .onHighWatermark(end -> LockSupport.parkNanos(millis * 1_000_000));
    }

    private static ProducerRecord<byte[], byte[]> record(int bytes) {
        return new ProducerRecord<>("orders", 0, null, new byte[bytes]);
    }

    @Test
    void aBrokerWhoseDiskFailsLeadsNothingAndSaysWhy() throws Exception {
        try (KafkaProducer<byte[], byte[]> producer = cluster.producer(Map.of())) {
            producer.send(record(100)).get();
        }
        assertThat(cluster.broker.trouble()).isEmpty();
        var log = cluster.broker.hotLog().opened(theLog()).orElseThrow();
        deleteTree(dir.resolve("log").resolve(log.partition().topic() + "-0"));
        assertThatThrownBy(log::roll).isInstanceOf(KafkaStorageException.class);
        cluster.follower.await(
                image ->
                        image.topic("public.orders")
                                        .orElseThrow()
                                        .partition(0)
                                        .orElseThrow()
                                        .leader()
                                < 0,
                Duration.ofSeconds(20));
        assertThat(cluster.broker.trouble())
                .hasValueSatisfying(why -> assertThat(why).contains("offline"));
        assertThat(cluster.broker.logTrouble())
                .hasValueSatisfying(
                        why ->
                                assertThat(why)
                                        .contains(
                                                "1 of this broker that nobody leads, the first [public.orders-0]"));
    }
}
