package io.firn.benchmarks.loads;

import io.firn.benchmarks.client.Topics;
import io.firn.benchmarks.servers.CpuTime;
import io.firn.benchmarks.servers.MemorySample;
import io.firn.benchmarks.servers.ObservedFirn;
import io.firn.benchmarks.servers.ProcessFigures;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// Partitions that nobody uses: many topics are made in steps, and after each the server's memory
/// is looked at. In the end some partitions get a record, and the rest is left alone for a while.
public final class IdlePartitions {
    private static final int PARTITIONS = 1_000;
    private static final Duration SETTLE = Duration.ofSeconds(3);

    /// @param partitions of all topics
    /// @param seconds that making the last step's topics took
    public record Step(int partitions, double seconds, MemorySample memory) {}

    /// @param cpuPercent of one core that the server took while nobody asked it for anything
    public record Outcome(
            List<Step> steps,
            int used,
            double firstRecordMillis,
            MemorySample afterUse,
            double cpuPercent,
            String histogram) {}

    private final ObservedFirn firn;
    private final int partitions;
    private final int steps;
    private final Duration idle;

    /// @param partitions in all; rounded up to whole topics of 1,000
    /// @param steps in which they are made
    /// @param idle how long the server is watched in the end
    public IdlePartitions(ObservedFirn firn, int partitions, int steps, Duration idle) {
        this.firn = firn;
        this.partitions = partitions;
        this.steps = steps;
        this.idle = idle;
    }

    public Outcome run() {
        int topicCount = Math.ceilDiv(partitions, PARTITIONS);
        int each = Math.ceilDiv(topicCount, steps);
        var taken = new ArrayList<Step>();
        try (var topics = new Topics(firn.address())) {
            taken.add(new Step(0, 0, sample()));
            long start = System.nanoTime();
            for (int t = 0; t < topicCount; t++) {
                topics.create(name(t), PARTITIONS, Map.of());
                topics.awaitLeaders(name(t), PARTITIONS);
                if ((t + 1) % each == 0 || t + 1 == topicCount) {
                    double seconds = (System.nanoTime() - start) / 1e9;
                    var step = new Step((t + 1) * PARTITIONS, seconds, sample());
                    System.err.printf(
                            Locale.ROOT,
                            "  %,d partitions: %.1f s, heap %d MiB, RSS %d MiB%n",
                            step.partitions(),
                            seconds,
                            step.memory().heapBytes() >> 20,
                            step.memory().residentBytes() >> 20);
                    taken.add(step);
                    start = System.nanoTime();
                }
            }
            start = System.nanoTime();
            topics.prime(name(0), PARTITIONS);
            double first = (System.nanoTime() - start) / 1e6 / PARTITIONS;
            MemorySample used = sample();
            return new Outcome(
                    List.copyOf(taken),
                    PARTITIONS,
                    first,
                    used,
                    watch(),
                    firn.probe().histogram(30));
        }
    }

    private double watch() {
        var processes = new ProcessFigures();
        List<Long> pids = List.of(firn.server().process().pid());
        CpuTime before = processes.cpu(pids);
        long start = System.nanoTime();
        Pauses.pause(idle);
        return 100
                * processes.cpu(pids).since(before).seconds()
                / ((System.nanoTime() - start) / 1e9);
    }

    private static String name(int topic) {
        return "idle-%04d".formatted(topic);
    }

    private MemorySample sample() {
        Pauses.pause(SETTLE);
        return firn.probe().sample();
    }

    public static String table(Outcome outcome) {
        var lines = new ArrayList<String>();
        lines.add("| Partitions | made in s | live heap MiB | bytes each | RSS MiB | files |");
        lines.add("|---|---|---|---|---|---|");
        Step first = outcome.steps().getFirst();
        for (Step step : outcome.steps()) {
            lines.add(
                    line(
                            "%,d".formatted(step.partitions()),
                            "%.1f".formatted(step.seconds()),
                            step.partitions(),
                            step.memory(),
                            first.memory()));
        }
        Step last = outcome.steps().getLast();
        lines.add(
                line(
                        "%,d, a record in %,d of them".formatted(last.partitions(), outcome.used()),
                        "",
                        last.partitions(),
                        outcome.afterUse(),
                        first.memory()));
        lines.add("");
        lines.add(
                String.format(
                        Locale.ROOT,
                        "The first record of a partition took %.2f ms (25 a request); left alone the server took %.1f %% of a core.",
                        outcome.firstRecordMillis(),
                        outcome.cpuPercent()));
        return String.join("\n", lines) + "\n";
    }

    private static String line(
            String what, String made, int partitions, MemorySample now, MemorySample first) {
        return String.format(
                Locale.ROOT,
                "| %s | %s | %d | %s | %d | %d |",
                what,
                made,
                now.heapBytes() >> 20,
                partitions == 0
                        ? ""
                        : "%,d".formatted((now.heapBytes() - first.heapBytes()) / partitions),
                now.residentBytes() >> 20,
                now.files());
    }
}
