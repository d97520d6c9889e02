package io.firn.benchmarks.loads;

import io.firn.benchmarks.client.PacedProducers;
import io.firn.benchmarks.client.Topics;
import io.firn.benchmarks.client.Volume;
import io.firn.benchmarks.servers.CpuTime;
import io.firn.benchmarks.servers.ProcessFigures;
import io.firn.benchmarks.servers.Subject;
import io.firn.benchmarks.servers.Target;
import io.firn.benchmarks.servers.Testbed;

import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Supplier;

/// What all loads of one run share. Used by one thread.
public final class Session implements AutoCloseable {
    private final Testbed testbed;
    private final Sizes sizes;
    private final ProcessFigures processes = new ProcessFigures();
    private final Map<String, Topics> topics = new HashMap<>();

    public Session(Testbed testbed, Sizes sizes) {
        this.testbed = testbed;
        this.sizes = sizes;
    }

    public Testbed testbed() {
        return testbed;
    }

    public Sizes sizes() {
        return sizes;
    }

    public ProcessFigures processes() {
        return processes;
    }

    public Target target(Subject subject) {
        return testbed.target(subject);
    }

    Topics topics(Target target) {
        return topics.computeIfAbsent(target.address(), Topics::new);
    }

    /// A topic of the subject's own, with the settings that all subjects share, primed.
    void makeTopic(Target target, String name, int partitions) {
        if (target.subject().hasTopics()) {
            topics(target).create(name, partitions, target.subject().topicSettings());
            topics(target).prime(name, partitions);
        }
    }

    void dropTopic(Target target, String name) {
        if (target.subject().hasTopics()) {
            topics(target).delete(name);
        }
    }

    /// Runs the load and reads the servers' CPU before and after it.
    Map<Figure, Double> measure(Target target, Supplier<Volume> load) {
        CpuTime before = processes.cpu(target.pids());
        Volume volume = load.get();
        CpuTime spent = processes.cpu(target.pids()).since(before);
        var figures = new EnumMap<Figure, Double>(Figure.class);
        figures.put(Figure.MB_PER_SECOND, volume.megabytesPerSecond());
        figures.put(Figure.CPU_PER_GIB, spent.seconds() / volume.gibibytes());
        figures.put(Figure.KERNEL_PER_GIB, spent.kernelSeconds() / volume.gibibytes());
        figures.put(Figure.CPU_MICROS_PER_RECORD, spent.seconds() * 1e6 / volume.records());
        figures.put(Figure.RECORDS_PER_SECOND, volume.records() / volume.seconds());
        figures.put(
                Figure.RESIDENT_MIB, processes.residentBytes(target.pids()) / (double) (1 << 20));
        return figures;
    }

    /// As [#measure], with latencies.
    Map<Figure, Double> measurePaced(Target target, Supplier<PacedProducers.Outcome> load) {
        var outcome = new PacedProducers.Outcome[1];
        Map<Figure, Double> figures =
                measure(
                        target,
                        () -> {
                            outcome[0] = load.get();
                            return outcome[0].volume();
                        });
        figures.put(Figure.P50_MILLIS, outcome[0].latencies().millis(50));
        figures.put(Figure.P99_MILLIS, outcome[0].latencies().millis(99));
        figures.put(Figure.P999_MILLIS, outcome[0].latencies().millis(99.9));
        return figures;
    }

    @Override
    public void close() {
        topics.values().forEach(Topics::close);
    }
}
