package io.firn.benchmarks.client;

import io.firn.benchmarks.BenchException;

import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;

/// Kafka's own producer and consumer, as its users run them: idempotent, acks=all.
public final class StockClients {
    private static final int VALUES = 512;

    private StockClients() {}

    /// One producer at full speed: batches of 64 KiB, linger 5 ms.
    public static Volume produce(
            String address, String topic, BatchShape shape, int partitions, Bound bound) {
        byte[][] values = values(shape.recordBytes());
        var failure = new AtomicReference<Exception>();
        long start = System.nanoTime();
        long deadline = start + bound.time().toNanos();
        long records = bound.payloadBytes() / shape.recordBytes();
        long sent = 0;
        try (var producer =
                producer(address, Map.of("linger.ms", 5, "batch.size", 65536), shape.codec())) {
            while (sent < records && (sent % 64 != 0 || System.nanoTime() < deadline)) {
                producer.send(
                        new ProducerRecord<>(
                                topic,
                                (int) (sent / 64 % partitions),
                                null,
                                values[(int) (sent % VALUES)]),
                        (metadata, error) -> {
                            if (error != null) {
                                failure.set(error);
                            }
                        });
                sent++;
            }
            producer.flush();
        }
        rethrow(failure.get());
        return new Volume(sent * shape.recordBytes(), sent, 0, (System.nanoTime() - start) / 1e9);
    }

    /// One producer without linger at a fixed rate; latency counts from when a record was due.
    public static PacedProducers.Outcome produceAtRate(
            String address,
            String topic,
            BatchShape shape,
            int partitions,
            double recordsPerSecond,
            Duration time) {
        byte[][] values = values(shape.recordBytes());
        var failure = new AtomicReference<Exception>();
        var latencies = new Latencies();
        long records = Math.max(1, (long) (recordsPerSecond * time.toNanos() / 1e9));
        long start = System.nanoTime();
        try (var producer = producer(address, Map.of("linger.ms", 0), shape.codec())) {
            producer.partitionsFor(topic);
            start = System.nanoTime();
            var pace = new PacedProducers.Pace(start, (long) (1e9 / recordsPerSecond));
            for (long i = 0; i < records; i++) {
                pace.await(i);
                long due = pace.due(i);
                // Completions run on the producer's one I/O thread.
                producer.send(
                        new ProducerRecord<>(
                                topic, (int) (i % partitions), null, values[(int) (i % VALUES)]),
                        (metadata, error) -> {
                            latencies.record(System.nanoTime() - due);
                            if (error != null) {
                                failure.set(error);
                            }
                        });
            }
            producer.flush();
        }
        rethrow(failure.get());
        var volume =
                new Volume(
                        records * shape.recordBytes(),
                        records,
                        0,
                        (System.nanoTime() - start) / 1e9);
        return new PacedProducers.Outcome(volume, latencies);
    }

    /// One consumer that reads from the beginning, over and over, until the bound.
    public static Volume consume(
            String address, String topic, int partitions, int recordBytes, Bound bound) {
        var all =
                IntStream.range(0, partitions).mapToObj(p -> new TopicPartition(topic, p)).toList();
        var settings = new HashMap<String, Object>();
        settings.put("bootstrap.servers", address);
        settings.put("fetch.max.bytes", 52_428_800);
        try (var consumer =
                new KafkaConsumer<>(
                        settings, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            consumer.assign(all);
            long perPass = consumer.endOffsets(all).values().stream().mapToLong(n -> n).sum();
            consumer.seekToBeginning(all);
            long start = System.nanoTime();
            long deadline = start + bound.time().toNanos();
            long wanted = bound.payloadBytes() / recordBytes;
            long records = 0;
            long pass = 0;
            while (records < wanted && System.nanoTime() < deadline) {
                int got = consumer.poll(Duration.ofMillis(200)).count();
                records += got;
                pass += got;
                if (pass >= perPass) {
                    consumer.seekToBeginning(all);
                    pass = 0;
                }
            }
            return new Volume(records * recordBytes, records, 0, (System.nanoTime() - start) / 1e9);
        }
    }

    /// A group whose members join, read what comes, commit and leave again.
    ///
    /// @return records that they read
    public static long consumeInGroup(
            String address, String topic, String group, int members, Duration time) {
        var work = new ArrayList<Callable<Long>>();
        for (int i = 0; i < members; i++) {
            work.add(() -> consumeAsMember(address, topic, group, time));
        }
        return Workers.run(work).stream().mapToLong(Long::longValue).sum();
    }

    private static long consumeAsMember(String address, String topic, String group, Duration time) {
        var settings = new HashMap<String, Object>();
        settings.put("bootstrap.servers", address);
        settings.put("group.id", group);
        settings.put("auto.offset.reset", "latest");
        settings.put("enable.auto.commit", false);
        try (var consumer =
                new KafkaConsumer<>(
                        settings, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            consumer.subscribe(List.of(topic));
            long records = 0;
            long deadline = System.nanoTime() + time.toNanos();
            while (System.nanoTime() < deadline) {
                int got = consumer.poll(Duration.ofMillis(200)).count();
                records += got;
                if (got > 0) {
                    consumer.commitAsync();
                }
            }
            return records;
        }
    }

    private static KafkaProducer<byte[], byte[]> producer(
            String address, Map<String, Object> more, Codec codec) {
        var settings = new HashMap<String, Object>(more);
        settings.put("bootstrap.servers", address);
        settings.put("acks", "all");
        settings.put("compression.type", codec.key());
        return new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer());
    }

    private static byte[][] values(int bytes) {
        var payload = new Payload(1);
        return IntStream.range(0, VALUES).mapToObj(i -> payload.next(bytes)).toArray(byte[][]::new);
    }

    private static void rethrow(@org.jspecify.annotations.Nullable Exception error) {
        if (error != null) {
            throw new BenchException("The producer failed: " + error, error);
        }
    }
}
