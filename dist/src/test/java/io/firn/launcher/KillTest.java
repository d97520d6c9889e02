package io.firn.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import io.firn.launcher.process.Ports;

import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;

/// `kill -9` of the whole process under load, again and again: what idempotent producers were
/// acknowledged is there once, at its offset, in order, hot or cold (L7, C2, I13); groups go on
/// from their commits.
class KillTest {
    private static final int KILLS = Integer.getInteger("firn.kills", 10);
    private static final int PARTITIONS = 3;
    private static final String TOPIC = "killed";

    @TempDir Path temp;
    private final long seed = Long.getLong("firn.seed", System.nanoTime());

    /// Acknowledged: value by (partition, offset).
    private final Map<TopicPartition, Map<Long, Long>> acknowledged = new ConcurrentHashMap<>();

    @Test
    void nothingAcknowledgedIsLostOrDoubled() throws Exception {
        System.out.println("KillTest seed " + seed + " (repeat with -Dfirn.seed)");
        var random = new Random(seed);
        int port = Ports.chosen("127.0.0.1", 0);
        Path data = temp.resolve("data");
        FirnProcess firn = FirnProcess.standalone(data, port);
        try {
            create(port);
            var stop = new AtomicBoolean();
            Thread load = Thread.ofPlatform().name("load").start(() -> produce(port, stop));
            for (int kill = 1; kill <= KILLS; kill++) {
                Thread.sleep(1_000 + random.nextInt(4_000));
                long committed = commit(port, kill);
                firn.kill();
                firn = FirnProcess.standalone(data, port);
                assertThat(committed(port)).as("commit before kill %d", kill).isEqualTo(committed);
            }
            Thread.sleep(2_000);
            stop.set(true);
            load.join();
            check(port);
        } catch (AssertionError | Exception e) {
            System.out.println(
                    firn.log().lines().skip(Math.max(0, firn.log().lines().count() - 80)).toList());
            throw e;
        } finally {
            firn.close();
        }
    }

    private static Map<String, Object> client(int port) {
        return Map.of("bootstrap.servers", "127.0.0.1:" + port);
    }

    private static void create(int port) throws Exception {
        try (Admin admin = Admin.create(client(port))) {
            admin.createTopics(
                            List.of(
                                    new NewTopic(TOPIC, PARTITIONS, (short) 1)
                                            .configs(
                                                    Map.of(
                                                            "segment.bytes", "1048576",
                                                            "firn.table.freshness.ms", "2000",
                                                            "local.retention.ms", "2000"))))
                    .all()
                    .get();
        }
    }

    /// One idempotent producer that lives through every kill; values are unique and increasing for
    /// each partition.
    private void produce(int port, AtomicBoolean stop) {
        var config = new HashMap<>(client(port));
        config.putAll(
                Map.of(
                        "enable.idempotence", true,
                        "acks", "all",
                        "delivery.timeout.ms", 600_000,
                        "request.timeout.ms", 5_000,
                        "max.block.ms", 120_000,
                        "linger.ms", 2,
                        "compression.type", "lz4"));
        try (var producer =
                new KafkaProducer<>(config, new ByteArraySerializer(), new ByteArraySerializer())) {
            for (long value = 0; !stop.get(); value++) {
                long sent = value;
                int partition = (int) (value % PARTITIONS);
                producer.send(
                        new ProducerRecord<>(TOPIC, partition, null, bytes(value)),
                        (metadata, error) -> {
                            if (error == null) {
                                acknowledged
                                        .computeIfAbsent(
                                                new TopicPartition(TOPIC, partition),
                                                tp -> new ConcurrentHashMap<>())
                                        .merge(
                                                metadata.offset(),
                                                sent,
                                                (a, b) -> {
                                                    throw new AssertionError("offset given twice");
                                                });
                            }
                        });
                if (value % 20 == 0) {
                    Thread.sleep(5);
                }
            }
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static KafkaConsumer<byte[], byte[]> consumer(int port) {
        var config = new HashMap<>(client(port));
        config.put("group.id", "killed-group");
        config.put("enable.auto.commit", false);
        return new KafkaConsumer<>(
                config, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    }

    private static long commit(int port, int number) {
        try (var consumer = consumer(port)) {
            consumer.commitSync(
                    Map.of(new TopicPartition(TOPIC, 0), new OffsetAndMetadata(number)),
                    Duration.ofSeconds(60));
        }
        return number;
    }

    private static long committed(int port) {
        try (var consumer = consumer(port)) {
            var tp = new TopicPartition(TOPIC, 0);
            return consumer.committed(java.util.Set.of(tp), Duration.ofSeconds(60))
                    .get(tp)
                    .offset();
        }
    }

    /// Reads everything from the beginning and holds it against what was acknowledged.
    private void check(int port) {
        var read = new HashMap<TopicPartition, Map<Long, Long>>();
        try (var consumer = consumer(port)) {
            var all = new ArrayList<TopicPartition>();
            for (int p = 0; p < PARTITIONS; p++) {
                all.add(new TopicPartition(TOPIC, p));
            }
            consumer.assign(all);
            consumer.seekToBeginning(all);
            Map<TopicPartition, Long> ends = consumer.endOffsets(all);
            long deadline = System.nanoTime() + Duration.ofMinutes(2).toNanos();
            while (!all.stream().allMatch(tp -> consumer.position(tp) >= ends.get(tp))) {
                assertThat(System.nanoTime()).as("time to read all").isLessThan(deadline);
                consumer.poll(Duration.ofMillis(500))
                        .forEach(
                                record ->
                                        read.computeIfAbsent(
                                                        new TopicPartition(
                                                                TOPIC, record.partition()),
                                                        tp -> new HashMap<>())
                                                .put(record.offset(), number(record.value())));
            }
        }
        long count = 0;
        for (var entry : acknowledged.entrySet()) {
            Map<Long, Long> seen = read.getOrDefault(entry.getKey(), Map.of());
            entry.getValue()
                    .forEach(
                            (offset, value) ->
                                    assertThat(seen.get(offset))
                                            .as("%s offset %d", entry.getKey(), offset)
                                            .isEqualTo(value));
            assertThat(doubled(seen)).as("each value once in %s", entry.getKey()).isEmpty();
            long last = -1;
            for (long offset = 0; offset < seen.size(); offset++) {
                Long value = seen.get(offset);
                assertThat(value).as("%s has no gap at %d", entry.getKey(), offset).isNotNull();
                assertThat(value)
                        .as("order in %s at %d", entry.getKey(), offset)
                        .isGreaterThan(last);
                last = value;
            }
            count += entry.getValue().size();
        }
        assertThat(count).isGreaterThan(1_000);
        System.out.println(
                "KillTest: "
                        + count
                        + " acknowledged records, each there once after "
                        + KILLS
                        + " kills");
    }

    /// Values that lie at more than one offset, with their offsets.
    private static Map<Long, List<Long>> doubled(Map<Long, Long> seen) {
        var offsets = new TreeMap<Long, List<Long>>();
        seen.forEach(
                (offset, value) ->
                        offsets.computeIfAbsent(value, v -> new ArrayList<>()).add(offset));
        offsets.values().removeIf(places -> places.size() == 1);
        return offsets;
    }

    private static byte[] bytes(long value) {
        return ("value-%012d".formatted(value) + "x".repeat(180)).getBytes(StandardCharsets.UTF_8);
    }

    private static long number(byte[] value) {
        return Long.parseLong(new String(value, 6, 12, StandardCharsets.UTF_8));
    }
}
