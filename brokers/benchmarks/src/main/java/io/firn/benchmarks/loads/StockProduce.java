package io.firn.benchmarks.loads;

import io.firn.benchmarks.client.BatchShape;
import io.firn.benchmarks.client.StockClients;
import io.firn.benchmarks.servers.Subject;
import io.firn.benchmarks.servers.Target;

import java.util.List;
import java.util.Map;

/// Produce at full speed with Kafka's own producer; on a small machine the client is the limit.
record StockProduce(
        String name, String title, List<Subject> subjects, BatchShape shape, int partitions)
        implements Load {
    @Override
    public List<Figure> shown() {
        return List.of(Figure.CPU_PER_GIB, Figure.MB_PER_SECOND);
    }

    @Override
    public Map<Figure, Double> run(Session session, Subject subject, int round) {
        Target target = session.target(subject);
        String topic = "%s-%s-%d".formatted(name, subject.key(), round);
        session.makeTopic(target, topic, partitions);
        try {
            return session.measure(
                    target,
                    () ->
                            StockClients.produce(
                                    target.address(),
                                    topic,
                                    shape,
                                    partitions,
                                    session.sizes().volume()));
        } finally {
            session.dropTopic(target, topic);
        }
    }
}
