package io.firn.benchmarks.loads;

import io.firn.benchmarks.BenchException;
import io.firn.benchmarks.client.BatchShape;
import io.firn.benchmarks.client.Bound;
import io.firn.benchmarks.client.RawFetchers;
import io.firn.benchmarks.client.RawProducers;
import io.firn.benchmarks.client.StockClients;
import io.firn.benchmarks.client.Volume;
import io.firn.benchmarks.servers.Subject;
import io.firn.benchmarks.servers.Target;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/// Fetch at full speed from a topic that is filled once, over and over.
///
/// @param connections of raw fetch requests; 0 is Kafka's own consumer
/// @param responseBytes what an answer to one of them may hold
record Fetch(
        String name,
        String title,
        List<Subject> subjects,
        BatchShape shape,
        int partitions,
        int connections,
        int responseBytes)
        implements Load {
    @Override
    public List<Figure> shown() {
        return List.of(
                Figure.CPU_PER_GIB,
                Figure.KERNEL_PER_GIB,
                Figure.MB_PER_SECOND,
                Figure.RESIDENT_MIB);
    }

    /// What is read has to be in the page cache, where it was just written; filling that with
    /// something else would measure the disk.
    @Override
    public boolean fillsPageCache() {
        return false;
    }

    @Override
    public void prepare(Session session, Subject subject) {
        Target target = session.target(subject);
        String topic = topic(subject);
        session.makeTopic(target, topic, partitions);
        fill(target, topic, partitions, shape, session.sizes().data());
    }

    static void fill(Target target, String topic, int partitions, BatchShape shape, long bytes) {
        var frames = Frames.spread(topic, partitions, 2, partitions, 1, shape);
        try (var producers = new RawProducers(target.address(), frames, 8)) {
            producers.run(new Bound(bytes, Duration.ofMinutes(2)));
        } catch (IOException e) {
            throw new BenchException("Cannot fill topic %s: %s".formatted(topic, e), e);
        }
    }

    @Override
    public Map<Figure, Double> run(Session session, Subject subject, int round) {
        Target target = session.target(subject);
        Bound bound = session.sizes().volume();
        if (connections == 0) {
            return session.measure(
                    target,
                    () ->
                            StockClients.consume(
                                    target.address(),
                                    topic(subject),
                                    partitions,
                                    shape.recordBytes(),
                                    bound));
        }
        try (var fetchers =
                new RawFetchers(
                        target.address(),
                        topic(subject),
                        partitions,
                        connections,
                        shape.recordBytes(),
                        responseBytes)) {
            return session.measure(target, () -> read(fetchers, bound));
        } catch (IOException e) {
            throw new BenchException(
                    "Cannot connect to %s: %s".formatted(subject.title(), e.getMessage()), e);
        }
    }

    @Override
    public void finish(Session session, Subject subject) {
        session.dropTopic(session.target(subject), topic(subject));
    }

    private static Volume read(RawFetchers fetchers, Bound bound) {
        return fetchers.run(bound);
    }

    private String topic(Subject subject) {
        return name + "-" + subject.key();
    }
}
