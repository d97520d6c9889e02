package io.firn.chaos.load;

import io.firn.chaos.check.History;

import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.serialization.ByteArraySerializer;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantReadWriteLock;

/// Producers that live through every fault, and the history of what they sent.
///
/// One is idempotent and retries, so each of its sends ends acknowledged. One is plain and never
/// retries: it sends batches of seven records, and after a fault nobody knows of some of them.
public final class Load implements AutoCloseable {
    private static final int BATCH = 7;
    private static final int VALUE_BYTES = 400;

    /// A batch stays whole although its sender is not run for so long in the middle of it.
    private static final int MOST_STALL_MILLIS = 9_000;

    /// What waits while nobody answers: enough to see its order, and soon read again.
    private static final int BUFFER_BYTES = 1 << 20;

    /// Idempotent records and plain batches a second.
    public record Rate(int records, int batches) {
        public static final Rate USUAL = new Rate(1_500, 40);
    }

    public final Topic topic;
    public final History history;
    public final Latencies latencies = new Latencies();
    public final AtomicLong errors = new AtomicLong();
    private final ReentrantReadWriteLock pause = new ReentrantReadWriteLock(true);
    private final AtomicLong pending = new AtomicLong();
    private final KafkaProducer<byte[], byte[]> idempotent;
    private final KafkaProducer<byte[], byte[]> plain;
    private final Thread[] threads;
    private volatile boolean stop;
    private volatile String lastError = "";

    public Load(String bootstrap, Topic topic, Rate rate) {
        this.topic = topic;
        this.history = new History(topic.partitions());
        this.idempotent =
                producer(
                        bootstrap,
                        Map.of(
                                "enable.idempotence",
                                true,
                                "delivery.timeout.ms",
                                300_000,
                                "buffer.memory",
                                BUFFER_BYTES,
                                "linger.ms",
                                2));
        this.plain =
                producer(
                        bootstrap,
                        Map.of(
                                "enable.idempotence",
                                false,
                                "retries",
                                0,
                                "max.in.flight.requests.per.connection",
                                1,
                                "delivery.timeout.ms",
                                15_000,
                                "batch.size",
                                64 << 10,
                                "linger.ms",
                                MOST_STALL_MILLIS)); // flush() sends at once
        this.threads =
                new Thread[] {
                    Thread.ofPlatform()
                            .name("load-idempotent")
                            .start(() -> records(rate.records())),
                    Thread.ofPlatform().name("load-plain").start(() -> batches(rate.batches()))
                };
    }

    private static KafkaProducer<byte[], byte[]> producer(
            String bootstrap, Map<String, Object> more) {
        var config = new HashMap<String, Object>(more);
        config.put("bootstrap.servers", bootstrap);
        config.put("acks", "all");
        config.put("request.timeout.ms", 5_000);
        config.put("max.block.ms", 60_000);
        config.put("reconnect.backoff.ms", 20);
        config.put("reconnect.backoff.max.ms", 200);
        return new KafkaProducer<>(config, new ByteArraySerializer(), new ByteArraySerializer());
    }

    private void records(int perSecond) {
        long counter = 0;
        long next = System.nanoTime();
        while (!stop) {
            pause.readLock().lock();
            try {
                send(idempotent, 1, counter, (int) (counter % topic.partitions()), -1);
            } catch (KafkaException | IllegalStateException e) {
                lastError = e.toString();
            } finally {
                pause.readLock().unlock();
            }
            counter++;
            next = Math.max(next + 1_000_000_000L / perSecond, System.nanoTime() - 50_000_000L);
            LockSupport.parkNanos(next - System.nanoTime());
        }
    }

    private void batches(int perSecond) {
        long counter = 0;
        int batch = 0;
        var random = new Random(7);
        while (!stop) {
            pause.readLock().lock();
            try {
                int partition = random.nextInt(topic.partitions());
                for (int i = 0; i < BATCH && !stop; i++) {
                    send(plain, 2, counter++, partition, batch);
                }
                plain.flush();
            } catch (KafkaException | IllegalStateException e) {
                lastError = e.toString();
            } finally {
                pause.readLock().unlock();
            }
            batch++;
            LockSupport.parkNanos(1_000_000_000L / perSecond);
        }
    }

    private void send(
            KafkaProducer<byte[], byte[]> producer,
            int client,
            long counter,
            int partition,
            int batch) {
        long value = (long) client << History.COUNTER_BITS | counter;
        long timestamp = System.currentTimeMillis();
        byte[] key = Payload.key(value);
        byte[] body = Payload.value(value, VALUE_BYTES);
        byte[] header = counter % 5 == 0 ? new byte[] {(byte) counter} : null;
        var record = new ProducerRecord<>(topic.name(), partition, timestamp, key, body);
        if (header != null) {
            record.headers().add(Payload.HEADER, header);
        }
        int send =
                history.begin(partition, value, Payload.hash(key, body, timestamp, header), batch);
        long began = System.nanoTime();
        pending.incrementAndGet();
        try {
            producer.send(
                    record,
                    (metadata, error) -> {
                        if (error == null) {
                            history.acked(partition, send, metadata.offset());
                            latencies.add(System.nanoTime() - began);
                        } else {
                            lastError = error.toString();
                            errors.incrementAndGet();
                            if (error instanceof RecordTooLargeException) {
                                history.failed(partition, send);
                            }
                        }
                        pending.decrementAndGet();
                    });
        } catch (RuntimeException e) {
            history.failed(partition, send); // never left the client
            pending.decrementAndGet();
            throw e;
        }
    }

    public String lastError() {
        return lastError;
    }

    public long acked() {
        return history.ackedCount();
    }

    /// Holds the producers until everything that was sent has its answer; [#resume] ends it.
    ///
    /// @return false when answers are still missing after the time
    public boolean quiet(long seconds) throws InterruptedException {
        pause.writeLock().lock();
        long deadline = System.nanoTime() + seconds * 1_000_000_000L;
        while (pending.get() > 0 && System.nanoTime() < deadline) {
            Thread.sleep(10);
        }
        return pending.get() == 0;
    }

    public void resume() {
        pause.writeLock().unlock();
    }

    @Override
    public void close() throws InterruptedException {
        stop = true;
        idempotent.close(Duration.ZERO); // wakes who waits in it
        plain.close(Duration.ZERO);
        for (Thread thread : threads) {
            thread.join();
        }
    }
}
