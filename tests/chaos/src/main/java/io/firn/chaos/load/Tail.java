package io.firn.chaos.load;

import io.firn.chaos.check.Reading;

import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// A consumer at the end of the log: how long a record takes to it.
public final class Tail implements AutoCloseable {
    public final Latencies latencies = new Latencies();
    private final Thread thread;
    private volatile boolean stop;
    private volatile String lastError = "";

    public Tail(String bootstrap, Topic topic) {
        thread = Thread.ofPlatform().name("load-tail").start(() -> run(bootstrap, topic));
    }

    private void run(String bootstrap, Topic topic) {
        try (var consumer =
                new KafkaConsumer<>(
                        Map.<String, Object>of("bootstrap.servers", bootstrap),
                        new ByteArrayDeserializer(),
                        new ByteArrayDeserializer())) {
            List<TopicPartition> all = new ArrayList<>();
            for (int p = 0; p < topic.partitions(); p++) {
                all.add(new TopicPartition(topic.name(), p));
            }
            consumer.assign(all);
            consumer.seekToEnd(all);
            while (!stop) {
                consumer.poll(Duration.ofMillis(200))
                        .forEach(
                                record -> {
                                    if (Payload.number(record.value()) == Reading.NOT_OURS) {
                                        lastError =
                                                "a damaged record at %d".formatted(record.offset());
                                    }
                                    long millis = System.currentTimeMillis() - record.timestamp();
                                    latencies.add(millis * 1_000_000);
                                });
            }
        } catch (KafkaException e) {
            lastError = e.toString();
        }
    }

    public String lastError() {
        return lastError;
    }

    @Override
    public void close() throws InterruptedException {
        stop = true;
        thread.join();
    }
}
