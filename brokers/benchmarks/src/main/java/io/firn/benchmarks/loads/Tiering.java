package io.firn.benchmarks.loads;

import io.firn.benchmarks.BenchException;
import io.firn.benchmarks.client.BatchShape;
import io.firn.benchmarks.client.Bound;
import io.firn.benchmarks.client.RawFetchers;
import io.firn.benchmarks.client.Topics;
import io.firn.benchmarks.client.Volume;
import io.firn.benchmarks.servers.CpuTime;
import io.firn.benchmarks.servers.Subject;
import io.firn.benchmarks.servers.Target;

import org.apache.kafka.clients.admin.OffsetSpec;

import java.io.IOException;
import java.time.Duration;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;

/// A topic's way to its Iceberg table and back: how fast segments become Parquet files, and how
/// fast a consumer gets them back once their local copies are gone. Everything of it runs in the
/// one process of `firn standalone`, its embedded object store included, and all of that counts.
///
/// Values have no schema here (layout `raw`).
record Tiering(String name, String title, List<Subject> subjects, BatchShape shape)
        implements Load {
    static final int PARTITIONS = 4;
    private static final int SEGMENT_BYTES = 32 << 20;
    private static final Duration AT_MOST = Duration.ofMinutes(5);

    @Override
    public List<Figure> shown() {
        return List.of(
                Figure.OFFLOAD_MB_PER_CORE,
                Figure.OFFLOAD_MB_PER_SECOND,
                Figure.COLD_MB_PER_CORE,
                Figure.COLD_MB_PER_SECOND);
    }

    @Override
    public boolean fillsPageCache() {
        return false;
    }

    @Override
    public Map<Figure, Double> run(Session session, Subject subject, int round) {
        Target target = session.target(subject);
        Topics topics = session.topics(target);
        String topic = "%s-%s-%d".formatted(name, subject.key(), round);
        topics.create(topic, PARTITIONS, settings(subject));
        topics.prime(topic, PARTITIONS);
        var figures = new EnumMap<Figure, Double>(Figure.class);
        try {
            Fetch.fill(target, topic, PARTITIONS, shape, session.sizes().data());
            offload(session, target, topic, figures);
            awaitCold(topics, topic);
            readBack(session, target, topic, figures);
        } finally {
            session.dropTopic(target, topic);
        }
        return figures;
    }

    static Map<String, String> settings(Subject subject) {
        var settings = new HashMap<>(subject.topicSettings());
        settings.put("firn.table.enabled", "true");
        settings.put("firn.table.freshness.ms", "2000");
        settings.put("segment.bytes", String.valueOf(SEGMENT_BYTES));
        settings.put("local.retention.ms", "1000");
        return settings;
    }

    /// From the end of producing until the table has everything; only what is tiered in this time
    /// counts.
    private void offload(
            Session session, Target target, String topic, Map<Figure, Double> figures) {
        Topics topics = session.topics(target);
        long wanted = sum(topics.offsets(topic, PARTITIONS, OffsetSpec.latest()));
        long before = tiered(topics, topic);
        CpuTime cpu = session.processes().cpu(target.pids());
        long start = System.nanoTime();
        await("tier " + topic, () -> tiered(topics, topic) >= wanted);
        double seconds = (System.nanoTime() - start) / 1e9;
        CpuTime spent = session.processes().cpu(target.pids()).since(cpu);
        double megabytes = (wanted - before) * (double) shape.recordBytes() / 1e6;
        figures.put(Figure.OFFLOAD_MB_PER_SECOND, megabytes / seconds);
        figures.put(Figure.OFFLOAD_MB_PER_CORE, megabytes / spent.seconds());
    }

    static void awaitCold(Topics topics, String topic) {
        var latest = topics.offsets(topic, PARTITIONS, OffsetSpec.latest());
        await(
                "drop the local copies of " + topic,
                () -> topics.offsets(topic, PARTITIONS, OffsetSpec.earliestLocal()).equals(latest));
    }

    private void readBack(
            Session session, Target target, String topic, Map<Figure, Double> figures) {
        try (var fetchers =
                new RawFetchers(
                        target.address(), topic, PARTITIONS, PARTITIONS, shape.recordBytes())) {
            CpuTime cpu = session.processes().cpu(target.pids());
            Volume volume = fetchers.runOnce(new Bound(Long.MAX_VALUE, AT_MOST));
            CpuTime spent = session.processes().cpu(target.pids()).since(cpu);
            figures.put(Figure.COLD_MB_PER_SECOND, volume.megabytesPerSecond());
            figures.put(Figure.COLD_MB_PER_CORE, volume.payloadBytes() / 1e6 / spent.seconds());
        } catch (IOException e) {
            throw new BenchException("Cannot read %s back: %s".formatted(topic, e), e);
        }
    }

    /// Records in the table: the offset after the last one of each partition; −1 while there is
    /// none.
    private static long tiered(Topics topics, String topic) {
        var sum = new AtomicLong();
        for (long offset : topics.offsets(topic, PARTITIONS, OffsetSpec.latestTiered())) {
            sum.addAndGet(offset + 1);
        }
        return sum.get();
    }

    private static long sum(List<Long> offsets) {
        return offsets.stream().mapToLong(Long::longValue).sum();
    }

    private interface Condition {
        boolean holds();
    }

    private static void await(String action, Condition condition) {
        long deadline = System.nanoTime() + AT_MOST.toNanos();
        while (!condition.holds()) {
            if (System.nanoTime() > deadline) {
                throw new BenchException(
                        "Firn did not %s within %d s".formatted(action, AT_MOST.toSeconds()));
            }
            try {
                Thread.sleep(50);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new BenchException("Interrupted", e);
            }
        }
    }
}
