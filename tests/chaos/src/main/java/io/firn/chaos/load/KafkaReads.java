package io.firn.chaos.load;

import io.firn.chaos.check.Reading;
import io.firn.chaos.process.ChaosException;

import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;

/// Reads a topic as a client does.
public final class KafkaReads implements AutoCloseable {
    private static final long CALL_SECONDS = 60;

    private final Admin admin;
    private final Map<String, Object> client;
    private final String topic;

    public KafkaReads(String bootstrap, String topic) {
        this.client =
                Map.of(
                        "bootstrap.servers",
                        bootstrap,
                        "auto.offset.reset",
                        "none",
                        "enable.auto.commit",
                        false,
                        "reconnect.backoff.max.ms",
                        200);
        this.admin = Admin.create(Map.of("bootstrap.servers", bootstrap));
        this.topic = topic;
    }

    public Admin admin() {
        return admin;
    }

    public long logStart(int partition) {
        return offset(partition, OffsetSpec.earliest());
    }

    public long localStart(int partition) {
        return offset(partition, OffsetSpec.earliestLocal());
    }

    public long end(int partition) {
        return offset(partition, OffsetSpec.latest());
    }

    /// One past the last offset that the broker knows to be in the table; 0 when none is.
    public long tieredEnd(int partition) {
        return offset(partition, OffsetSpec.latestTiered()) + 1;
    }

    private long offset(int partition, OffsetSpec spec) {
        var tp = new TopicPartition(topic, partition);
        try {
            return admin.listOffsets(Map.of(tp, spec))
                    .partitionResult(tp)
                    .get(CALL_SECONDS, TimeUnit.SECONDS)
                    .offset();
        } catch (ExecutionException | java.util.concurrent.TimeoutException e) {
            throw new ChaosException("Cannot ask for %s of %s".formatted(spec, tp), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ChaosException("Interrupted", e);
        }
    }

    /// Feeds the records of `[from, to)` to `reading`, which is not ended here.
    public void read(int partition, long from, long to, Reading reading) {
        if (from >= to) {
            return;
        }
        var tp = new TopicPartition(topic, partition);
        try (var consumer =
                new KafkaConsumer<>(
                        client, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            consumer.assign(List.of(tp));
            consumer.seek(tp, from);
            long deadline = System.nanoTime() + Duration.ofSeconds(CALL_SECONDS).toNanos();
            while (consumer.position(tp) < to) {
                if (System.nanoTime() > deadline) {
                    throw new ChaosException(
                            "Cannot read %s from %d to %d: still at %d after %d s"
                                    .formatted(tp, from, to, consumer.position(tp), CALL_SECONDS));
                }
                for (ConsumerRecord<byte[], byte[]> record :
                        consumer.poll(Duration.ofMillis(300))) {
                    if (record.offset() < to) {
                        feed(record, reading);
                    }
                    deadline = System.nanoTime() + Duration.ofSeconds(CALL_SECONDS).toNanos();
                }
            }
        }
    }

    private static void feed(ConsumerRecord<byte[], byte[]> record, Reading reading) {
        int hash =
                Payload.hash(
                        record.key(),
                        record.value(),
                        record.timestamp(),
                        Payload.header(record.headers()));
        reading.record(record.offset(), Payload.number(record.value()), hash);
    }

    @Override
    public void close() {
        admin.close(Duration.ofSeconds(5));
    }
}
