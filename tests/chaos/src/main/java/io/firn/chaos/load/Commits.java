package io.firn.chaos.load;

import io.firn.chaos.process.ChaosException;

import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

import java.time.Duration;
import java.util.Map;
import java.util.Set;

/// A group that commits rising offsets through every fault: the last acknowledged one, or a later
/// one that was tried, must be there afterwards.
public final class Commits implements AutoCloseable {
    private static final long EVERY_MILLIS = 50;

    private final String bootstrap;
    private final TopicPartition partition;
    private final Thread thread;
    private volatile long tried = -1;
    private volatile long acked = -1;
    private volatile boolean stop;

    public Commits(String bootstrap, String topic) {
        this.bootstrap = bootstrap;
        this.partition = new TopicPartition(topic, 0);
        this.thread = Thread.ofPlatform().name("load-commits").start(this::run);
    }

    private KafkaConsumer<byte[], byte[]> consumer() {
        return new KafkaConsumer<>(
                Map.of(
                        "bootstrap.servers",
                        bootstrap,
                        "group.id",
                        "commits-" + partition.topic(),
                        "enable.auto.commit",
                        false,
                        "request.timeout.ms",
                        5_000,
                        "reconnect.backoff.max.ms",
                        200),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer());
    }

    private void run() {
        try (var consumer = consumer()) {
            for (long offset = 0; !stop; offset++) {
                tried = offset;
                try {
                    consumer.commitSync(
                            Map.of(partition, new OffsetAndMetadata(offset)),
                            Duration.ofSeconds(20));
                    acked = offset;
                } catch (KafkaException e) {
                    // unknown: it may be there
                }
                Thread.sleep(EVERY_MILLIS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /// Throws when a commit was lost. The bounds are looked at around the question, since commits
    /// go on.
    public void check() {
        long atLeast = acked;
        if (atLeast < 0) {
            return;
        }
        try (var consumer = consumer()) {
            OffsetAndMetadata found =
                    consumer.committed(Set.of(partition), Duration.ofSeconds(60)).get(partition);
            if (found == null || found.offset() < atLeast || found.offset() > tried) {
                throw new ChaosException(
                        "The group committed %d and tried %d, and %s is there"
                                .formatted(
                                        atLeast,
                                        tried,
                                        found == null ? "nothing" : found.offset()));
            }
        } catch (KafkaException e) {
            throw new ChaosException("The group's committed offset cannot be read", e);
        }
    }

    @Override
    public void close() throws InterruptedException {
        stop = true;
        thread.interrupt();
        thread.join();
    }
}
