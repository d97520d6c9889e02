package io.firn.benchmarks.loads;

import io.firn.benchmarks.BenchException;
import io.firn.benchmarks.client.BatchShape;
import io.firn.benchmarks.client.Codec;
import io.firn.benchmarks.client.Latencies;
import io.firn.benchmarks.client.PacedProducers;
import io.firn.benchmarks.client.Topics;
import io.firn.benchmarks.servers.Subject;
import io.firn.benchmarks.servers.Target;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;

/// How long a new topic of many partitions takes until each has its first record, and what that
/// costs who produces to another topic meanwhile.
///
/// @param partitions of the new topic
record FirstUse(String name, String title, List<Subject> subjects, int partitions) implements Load {
    private static final int OTHERS_PARTITIONS = 4;
    private static final int OTHERS_CONNECTIONS = 4;
    private static final double OTHERS_REQUESTS_PER_SECOND = 2000;
    private static final Duration ALONE = Duration.ofSeconds(4);

    /// The others go on in pieces of this, until the new topic is in use.
    private static final Duration PIECE = Duration.ofSeconds(1);

    private static final BatchShape SHAPE = new BatchShape(1 << 10, 1, Codec.NONE);

    @Override
    public List<Figure> shown() {
        return List.of(
                Figure.FIRST_USE_SECONDS,
                Figure.FIRST_RECORD_CPU_MILLIS,
                Figure.P99_ALONE_MILLIS,
                Figure.P99_BESIDE_MILLIS);
    }

    @Override
    public boolean fillsPageCache() {
        return false;
    }

    @Override
    public Map<Figure, Double> run(Session session, Subject subject, int round) {
        Target target = session.target(subject);
        String others = "%s-others-%s-%d".formatted(name, subject.key(), round);
        String fresh = "%s-%s-%d".formatted(name, subject.key(), round);
        session.makeTopic(target, others, OTHERS_PARTITIONS);
        var frames =
                Frames.spread(
                        others, OTHERS_PARTITIONS, OTHERS_CONNECTIONS, OTHERS_PARTITIONS, 1, SHAPE);
        try (var producers =
                new PacedProducers(target.address(), frames, OTHERS_REQUESTS_PER_SECOND)) {
            Latencies alone = producers.run(ALONE).latencies();
            var window = new Window();
            var running = CompletableFuture.runAsync(() -> produceUntilClosed(producers, window));
            window.open();
            var before = session.processes().cpu(target.pids());
            Topics topics = session.topics(target);
            topics.create(fresh, partitions, target.subject().topicSettings());
            topics.prime(fresh, partitions);
            double seconds = window.close();
            var spent = session.processes().cpu(target.pids()).since(before);
            running.join();
            return Map.of(
                    Figure.FIRST_USE_SECONDS,
                    seconds,
                    Figure.FIRST_RECORD_CPU_MILLIS,
                    spent.seconds() * 1000 / partitions,
                    Figure.P99_ALONE_MILLIS,
                    alone.millis(99),
                    Figure.P99_BESIDE_MILLIS,
                    window.latencies().millis(99));
        } catch (IOException e) {
            throw new BenchException(
                    "Cannot connect to %s: %s".formatted(subject.title(), e.getMessage()), e);
        } finally {
            session.dropTopic(target, fresh);
            session.dropTopic(target, others);
        }
    }

    private static void produceUntilClosed(PacedProducers producers, Window window) {
        while (!window.isClosed()) {
            producers.run(PIECE, window::answered);
        }
    }

    /// The others' answers to requests that were due while the new topic came up.
    private static final class Window {
        private final Latencies latencies = new Latencies();
        private final AtomicLong from = new AtomicLong(Long.MAX_VALUE);
        private final AtomicLong to = new AtomicLong(Long.MAX_VALUE);

        void open() {
            from.set(System.nanoTime());
        }

        /// @return seconds since it was opened
        double close() {
            to.set(System.nanoTime());
            return (to.get() - from.get()) / 1e9;
        }

        boolean isClosed() {
            return to.get() < Long.MAX_VALUE;
        }

        synchronized void answered(long due, long latency) {
            if (due >= from.get() && due < to.get()) {
                latencies.record(latency);
            }
        }

        synchronized Latencies latencies() {
            return latencies;
        }
    }
}
