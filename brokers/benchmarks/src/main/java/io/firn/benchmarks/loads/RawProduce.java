package io.firn.benchmarks.loads;

import io.firn.benchmarks.BenchException;
import io.firn.benchmarks.client.BatchShape;
import io.firn.benchmarks.client.ProduceFrame;
import io.firn.benchmarks.client.RawProducers;
import io.firn.benchmarks.client.Volume;
import io.firn.benchmarks.servers.Subject;
import io.firn.benchmarks.servers.Target;

import java.io.IOException;
import java.util.List;
import java.util.Map;

/// Produce at full speed from prebuilt requests, each run to a fresh topic.
///
/// @param partitions of the topic; a connection sends to all of them in turn
/// @param connections how many clients
/// @param inFlight requests that each has on the way
/// @param batches partitions that one request holds a batch for
record RawProduce(
        String name,
        String title,
        List<Subject> subjects,
        BatchShape shape,
        int partitions,
        int connections,
        int inFlight,
        int batches)
        implements Load {
    @Override
    public List<Figure> shown() {
        return List.of(
                Figure.CPU_PER_GIB,
                Figure.KERNEL_PER_GIB,
                Figure.CPU_MICROS_PER_RECORD,
                Figure.MB_PER_SECOND,
                Figure.RESIDENT_MIB);
    }

    @Override
    public Map<Figure, Double> run(Session session, Subject subject, int round) {
        Target target = session.target(subject);
        String topic = "%s-%s-%d".formatted(name, subject.key(), round);
        session.makeTopic(target, topic, partitions);
        try (var producers = new RawProducers(target.address(), frames(topic), inFlight)) {
            return session.measure(target, () -> produce(session, producers));
        } catch (IOException e) {
            throw new BenchException(
                    "Cannot connect to %s: %s".formatted(subject.title(), e.getMessage()), e);
        } finally {
            session.dropTopic(target, topic);
        }
    }

    private static Volume produce(Session session, RawProducers producers) {
        return producers.run(session.sizes().volume());
    }

    private List<List<ProduceFrame>> frames(String topic) {
        int each = Math.max(1, Math.min(4, partitions / batches));
        return Frames.spread(topic, partitions, connections, each, batches, shape);
    }
}
