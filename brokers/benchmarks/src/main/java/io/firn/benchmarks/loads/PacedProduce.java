package io.firn.benchmarks.loads;

import io.firn.benchmarks.BenchException;
import io.firn.benchmarks.client.BatchShape;
import io.firn.benchmarks.client.PacedProducers;
import io.firn.benchmarks.client.Topics;
import io.firn.benchmarks.servers.CpuTime;
import io.firn.benchmarks.servers.Subject;
import io.firn.benchmarks.servers.Target;

import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Produce at a fixed rate from prebuilt requests: what a record costs and how long it takes when
/// a server is not at its limit.
///
/// @param batches partitions that one request holds a batch for
/// @param requestsPerSecond over all connections
record PacedProduce(
        String name,
        String title,
        List<Subject> subjects,
        BatchShape shape,
        int partitions,
        int connections,
        int batches,
        double requestsPerSecond)
        implements Load {
    private static final int MANY = 100;

    @Override
    public List<Figure> shown() {
        var shown =
                new java.util.ArrayList<>(
                        List.of(
                                Figure.CPU_MICROS_PER_RECORD,
                                Figure.P50_MILLIS,
                                Figure.P99_MILLIS,
                                Figure.P999_MILLIS));
        if (partitions >= MANY) {
            shown.add(1, Figure.FIRST_RECORD_CPU_MILLIS);
        }
        return shown;
    }

    @Override
    public Map<Figure, Double> run(Session session, Subject subject, int round) {
        Target target = session.target(subject);
        String topic = "%s-%s-%d".formatted(name, subject.key(), round);
        var figures = new HashMap<Figure, Double>();
        figures.put(Figure.FIRST_RECORD_CPU_MILLIS, makeTopic(session, target, topic));
        int each = Math.max(1, partitions / batches);
        var frames = Frames.spread(topic, partitions, connections, each, batches, shape);
        try (var producers = new PacedProducers(target.address(), frames, requestsPerSecond)) {
            figures.putAll(
                    session.measurePaced(target, () -> producers.run(session.sizes().paced())));
            return figures;
        } catch (IOException e) {
            throw new BenchException(
                    "Cannot connect to %s: %s".formatted(subject.title(), e.getMessage()), e);
        } finally {
            session.dropTopic(target, topic);
        }
    }

    /// @return milliseconds of CPU that the first record of each partition cost; the topic itself
    ///     is made, and its leaders are there, before
    private double makeTopic(Session session, Target target, String topic) {
        Topics topics = session.topics(target);
        topics.create(topic, partitions, target.subject().topicSettings());
        topics.awaitLeaders(topic, partitions);
        CpuTime before = session.processes().cpu(target.pids());
        topics.prime(topic, partitions);
        CpuTime spent = session.processes().cpu(target.pids()).since(before);
        return spent.seconds() * 1000 / partitions;
    }
}
