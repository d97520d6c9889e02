package io.firn.benchmarks.client;

import io.firn.benchmarks.BenchException;

import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;

/// Makes, primes and deletes the topics of a run, with Kafka's own admin client.
public final class Topics implements AutoCloseable {
    private static final Duration PRIMING = Duration.ofSeconds(120);
    private static final int PARTITIONS_A_REQUEST = 25;
    private static final BatchShape FIRST = new BatchShape(100, 1, Codec.NONE);

    private final String address;
    private final Admin admin;

    public Topics(String address) {
        this.address = address;
        this.admin =
                Admin.create(
                        Map.of("bootstrap.servers", address, "default.api.timeout.ms", 120_000));
    }

    public void create(String name, int partitions, Map<String, String> settings) {
        get(
                "create topic " + name,
                () ->
                        admin.createTopics(
                                        List.of(
                                                new NewTopic(name, partitions, (short) 1)
                                                        .configs(settings)))
                                .all()
                                .get());
    }

    /// Asks for it only; a server may take its time.
    public void delete(String name) {
        get("delete topic " + name, () -> admin.deleteTopics(List.of(name)).all().get());
    }

    /// Waits until every partition says that it has a leader.
    public void awaitLeaders(String name, int partitions) {
        long deadline = System.nanoTime() + PRIMING.toNanos();
        while (leaders(name) < partitions) {
            if (System.nanoTime() > deadline) {
                throw new BenchException(
                        "Partitions of %s at %s had no leader for two minutes"
                                .formatted(name, address));
            }
            pause(20);
        }
    }

    private long leaders(String name) {
        var count = new AtomicLong();
        get(
                "describe topic " + name,
                () -> {
                    var topic = admin.describeTopics(List.of(name)).allTopicNames().get().get(name);
                    count.set(
                            topic == null
                                    ? 0
                                    : topic.partitions().stream()
                                            .filter(p -> p.leader() != null && p.leader().id() >= 0)
                                            .count());
                    return null;
                });
        return count.get();
    }

    /// One record to each partition, so that leaders, logs and files are there before the clock
    /// starts.
    public void prime(String name, int partitions) {
        long deadline = System.nanoTime() + PRIMING.toNanos();
        for (int from = 0; from < partitions; from += PARTITIONS_A_REQUEST) {
            var some =
                    IntStream.range(from, Math.min(partitions, from + PARTITIONS_A_REQUEST))
                            .boxed()
                            .toList();
            ProduceFrame frame = ProduceFrame.of(name, some, FIRST, new Payload(from));
            while (!accepted(frame)) {
                if (System.nanoTime() > deadline) {
                    throw new BenchException(
                            "Partitions of %s at %s took no record for two minutes"
                                    .formatted(name, address));
                }
                pause(20);
            }
        }
    }

    /// Whether the server takes this request now; no is an answer with an error code.
    private boolean accepted(ProduceFrame frame) {
        try (var connection = new RawConnection(address, 1 << 16)) {
            connection.send(frame, 0);
            connection.acknowledged();
            return true;
        } catch (RawConnection.RefusedException e) {
            return false;
        } catch (IOException e) {
            throw new BenchException("Cannot produce to %s: %s".formatted(address, e), e);
        }
    }

    /// Offsets of every partition, in their order.
    public List<Long> offsets(String name, int partitions, OffsetSpec what) {
        var asked = new HashMap<TopicPartition, OffsetSpec>();
        IntStream.range(0, partitions).forEach(p -> asked.put(new TopicPartition(name, p), what));
        var out = new ArrayList<Long>();
        get(
                "list offsets of " + name,
                () -> {
                    var answer = admin.listOffsets(asked);
                    for (int p = 0; p < partitions; p++) {
                        out.add(answer.partitionResult(new TopicPartition(name, p)).get().offset());
                    }
                    return null;
                });
        return out;
    }

    @Override
    public void close() {
        admin.close();
    }

    private interface Call {
        @org.jspecify.annotations.Nullable
        Object run() throws ExecutionException, InterruptedException;
    }

    private void get(String action, Call call) {
        try {
            call.run();
        } catch (ExecutionException e) {
            if (!(e.getCause() instanceof UnknownTopicOrPartitionException)) {
                throw new BenchException(
                        "Cannot %s at %s: %s".formatted(action, address, e.getCause()), e);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new BenchException("Interrupted", e);
        }
    }

    private static void pause(long millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new BenchException("Interrupted", e);
        }
    }
}
