package io.firn.benchmarks.loads;

import io.firn.benchmarks.client.BatchShape;
import io.firn.benchmarks.client.StockClients;
import io.firn.benchmarks.servers.Subject;
import io.firn.benchmarks.servers.Target;

import java.util.List;
import java.util.Map;

/// Latency at a fixed rate with Kafka's own producer without linger.
record StockLatency(
        String name,
        String title,
        List<Subject> subjects,
        BatchShape shape,
        int partitions,
        double recordsPerSecond)
        implements Load {
    @Override
    public List<Figure> shown() {
        return List.of(
                Figure.P50_MILLIS,
                Figure.P99_MILLIS,
                Figure.P999_MILLIS,
                Figure.CPU_MICROS_PER_RECORD);
    }

    @Override
    public Map<Figure, Double> run(Session session, Subject subject, int round) {
        Target target = session.target(subject);
        String topic = "%s-%s-%d".formatted(name, subject.key(), round);
        session.makeTopic(target, topic, partitions);
        try {
            return session.measurePaced(
                    target,
                    () ->
                            StockClients.produceAtRate(
                                    target.address(),
                                    topic,
                                    shape,
                                    partitions,
                                    recordsPerSecond,
                                    session.sizes().paced()));
        } finally {
            session.dropTopic(target, topic);
        }
    }
}
