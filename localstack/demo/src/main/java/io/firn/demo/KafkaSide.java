package io.firn.demo;

import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;

/// What the demo does with a stock Kafka client.
final class KafkaSide implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofMinutes(3);

    private final Map<String, Object> config;
    private final int partitions;
    private final Screen screen;
    private final Admin admin;

    KafkaSide(String bootstrap, int partitions, Screen screen) {
        this.config = Map.of("bootstrap.servers", bootstrap);
        this.partitions = partitions;
        this.screen = screen;
        this.admin = Admin.create(config);
    }

    /// Small segments and short times, so that a minute shows what otherwise takes hours.
    void create(List<DemoTopic> topics) throws Exception {
        Map<String, String> settings =
                Map.of(
                        "segment.bytes", "4194304",
                        "firn.table.freshness.ms", "4000",
                        "local.retention.ms", "3000");
        admin.createTopics(
                        topics.stream()
                                .map(
                                        t ->
                                                new NewTopic(t.name(), partitions, (short) 1)
                                                        .configs(settings))
                                .toList())
                .all()
                .get();
    }

    void produce(DemoTopic topic, List<Flight> flights) {
        var settings = new HashMap<>(config);
        settings.putAll(
                Map.of(
                        "compression.type",
                        "lz4",
                        "linger.ms",
                        10,
                        "batch.size",
                        65_536,
                        "acks",
                        "all"));
        var failure = new AtomicReference<Exception>();
        long start = System.nanoTime();
        try (var producer =
                new KafkaProducer<>(
                        settings, new ByteArraySerializer(), new ByteArraySerializer())) {
            int sent = 0;
            for (Flight flight : flights) {
                producer.send(
                        new ProducerRecord<>(
                                topic.name(),
                                flight.number() % partitions,
                                flight.key(),
                                topic.value().apply(flight)),
                        (metadata, error) -> {
                            if (error != null) {
                                failure.compareAndSet(null, error);
                            }
                        });
                screen.progress(topic.name(), ++sent, flights.size() + 1L, seconds(start));
            }
            producer.flush();
        }
        if (failure.get() != null) {
            throw new DemoException(
                    "Producing to %s failed: %s".formatted(topic.name(), failure.get()));
        }
        screen.progress(topic.name(), flights.size(), flights.size(), seconds(start));
    }

    /// Shows the boundary between table and local log until nothing of what was produced is local.
    void watchTiering(List<DemoTopic> topics) throws Exception {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        var shown = new HashMap<String, String>();
        while (true) {
            boolean allGone = true;
            for (DemoTopic topic : topics) {
                long end = sum(topic, OffsetSpec.latest());
                long tiered = sum(topic, OffsetSpec.latestTiered()) + partitions;
                long local = sum(topic, OffsetSpec.earliestLocal());
                String line =
                        "%-14s %,9d records, %,9d in the table, %,9d still local"
                                .formatted(topic.name(), end, Math.max(0, tiered), end - local);
                if (!line.equals(shown.put(topic.name(), line))) {
                    screen.line("%s", line);
                }
                allGone &= tiered == end && local == end;
            }
            if (allGone) {
                return;
            }
            if (System.nanoTime() > deadline) {
                throw new DemoException(
                        "After %s not every segment has left the local disk; see firn-demo.log beside the data folder."
                                .formatted(PATIENCE));
            }
            Thread.sleep(2_000);
        }
    }

    /// Waits until every produced record is in the table.
    void awaitTable(List<DemoTopic> topics, long records) throws Exception {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        for (DemoTopic topic : topics) {
            while (sum(topic, OffsetSpec.latestTiered()) + partitions < records) {
                if (System.nanoTime() > deadline) {
                    throw new DemoException(
                            "The table of %s lacks records after %s."
                                    .formatted(topic.name(), PATIENCE));
                }
                Thread.sleep(500);
            }
        }
    }

    void replay(DemoTopic topic, List<Flight> flights) {
        var settings = new HashMap<>(config);
        settings.putAll(Map.of("max.poll.records", 5_000, "fetch.max.bytes", 8 << 20));
        long start = System.nanoTime();
        long[] next = new long[partitions];
        int read = 0;
        long cold = 0;
        try (var consumer =
                new KafkaConsumer<>(
                        settings, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            List<TopicPartition> all = partitionsOf(topic);
            consumer.assign(all);
            consumer.seekToBeginning(all);
            long deadline = System.nanoTime() + PATIENCE.toNanos();
            while (read < flights.size()) {
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofSeconds(1))) {
                    compare(topic, flights, record, next);
                    read++;
                }
                screen.progress(topic.name(), read, flights.size(), seconds(start));
                if (System.nanoTime() > deadline) {
                    throw new DemoException(
                            "Read %d of %d records of %s in %s."
                                    .formatted(read, flights.size(), topic.name(), PATIENCE));
                }
            }
            cold = sum(topic, OffsetSpec.earliestLocal());
        } catch (InterruptedException | java.util.concurrent.ExecutionException e) {
            throw new DemoException("Reading " + topic.name() + " failed: " + e, e);
        }
        screen.line(
                "%-14s all %,d equal to the source: %,d from the table, %,d from the live log",
                topic.name(), read, cold, read - cold);
    }

    private void compare(
            DemoTopic topic,
            List<Flight> flights,
            ConsumerRecord<byte[], byte[]> record,
            long[] next) {
        int partition = record.partition();
        if (record.offset() != next[partition]) {
            throw new DemoException(
                    "%s-%d: expected offset %d and got %d"
                            .formatted(topic.name(), partition, next[partition], record.offset()));
        }
        next[partition]++;
        Flight flight = flights.get((int) (record.offset() * partitions + partition));
        if (!Arrays.equals(flight.key(), record.key())
                || !Arrays.equals(topic.value().apply(flight), record.value())) {
            throw new DemoException(
                    "%s-%d offset %d differs from flight %d of the source"
                            .formatted(topic.name(), partition, record.offset(), flight.number()));
        }
    }

    private long sum(DemoTopic topic, OffsetSpec spec)
            throws InterruptedException, java.util.concurrent.ExecutionException {
        var asked = new HashMap<TopicPartition, OffsetSpec>();
        partitionsOf(topic).forEach(tp -> asked.put(tp, spec));
        return admin.listOffsets(asked).all().get().values().stream()
                .mapToLong(info -> info.offset())
                .sum();
    }

    private List<TopicPartition> partitionsOf(DemoTopic topic) {
        return new ArrayList<>(
                IntStream.range(0, partitions)
                        .mapToObj(p -> new TopicPartition(topic.name(), p))
                        .toList());
    }

    private static double seconds(long startNanos) {
        return (System.nanoTime() - startNanos) / 1e9;
    }

    @Override
    public void close() {
        admin.close(Optional.of(Duration.ofSeconds(5)).get());
    }
}
