package io.firn.benchmarks.loads;

import io.firn.benchmarks.report.Lines;
import io.firn.benchmarks.report.Lines.Point;
import io.firn.benchmarks.servers.MemorySample;
import io.firn.benchmarks.servers.ObservedFirn;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/// A mixed load for a long time against one `firn standalone`, and what it holds meanwhile. It
/// fails when the server holds more than its [MemoryBudget], when something grows steadily in the
/// second half, or when a client meets an error.
public final class Soak {
    private static final double MIB = 1 << 20;

    /// Caches, pools and the JIT take minutes to fill: a shorter second half shows no growth.
    private static final double SHORTEST_TREND_MINUTES = 4;

    /// What is watched.
    ///
    /// @param slack growth over the second half that is noise, beside a tenth of the mean
    private record Watched(
            String name, double slack, boolean counted, ToDoubleFunction<MemorySample> value) {}

    private static final List<Watched> ALL =
            List.of(
                    new Watched("live heap, MiB", 16, false, s -> s.heapBytes() / MIB),
                    new Watched("direct, MiB", 16, false, s -> s.directBytes() / MIB),
                    new Watched("RSS, MiB", 64, false, s -> s.residentBytes() / MIB),
                    new Watched("threads", 10, true, MemorySample::threads),
                    new Watched("open files", 100, true, MemorySample::files),
                    new Watched("open logs", 50, true, MemorySample::openLogs));

    private record Taken(double minutes, MemorySample memory) {}

    /// @param problems why it failed; empty when all held
    public record Outcome(String table, Lines.Picture picture, List<String> problems) {}

    private final ObservedFirn firn;
    private final Duration time;
    private final Duration every;
    private final List<Taken> samples = new ArrayList<>();
    private final List<String> problems = new ArrayList<>();

    /// @param time how long all of it runs
    /// @param every between two looks at the server
    public Soak(ObservedFirn firn, Duration time, Duration every) {
        this.firn = firn;
        this.time = time;
        this.every = every;
    }

    public Outcome run() {
        long start = System.nanoTime();
        String done;
        try (var traffic = SoakTraffic.start(firn.address())) {
            while (System.nanoTime() - start < time.toNanos() && traffic.failure() == null) {
                Pauses.pause(every);
                firn.server().process().requireAlive();
                take((System.nanoTime() - start) / 60e9);
            }
            Throwable failure = traffic.failure();
            if (failure != null) {
                problems.add("A client failed: " + failure);
            }
            done = traffic.done();
        }
        ALL.forEach(this::judgeGrowth);
        return new Outcome(table(done), picture(), List.copyOf(problems));
    }

    private void take(double minutes) {
        MemorySample now = firn.probe().sample();
        samples.add(new Taken(minutes, now));
        System.err.printf(
                Locale.ROOT,
                "  %5.1f min  heap %d MiB  direct %d MiB  RSS %d MiB  threads %d  files %d  logs %d%n",
                minutes,
                now.heapBytes() >> 20,
                now.directBytes() >> 20,
                now.residentBytes() >> 20,
                now.threads(),
                now.files(),
                now.openLogs());
        MemoryBudget budget = SoakTraffic.budget(now.openLogs());
        judge("live heap", minutes, now.heapBytes(), budget.heapBytes());
        judge("direct memory", minutes, now.directBytes(), budget.directBytes());
    }

    private void judge(String what, double minutes, long held, long budget) {
        if (held > budget) {
            problems.add(
                    String.format(
                            Locale.ROOT,
                            "After %.1f minutes %s was %d MiB; the budget is %d MiB",
                            minutes,
                            what,
                            held >> 20,
                            budget >> 20));
        }
    }

    /// The first half fills caches and pools.
    private void judgeGrowth(Watched watched) {
        List<Point> later = points(watched).subList(samples.size() / 2, samples.size());
        if (later.size() < 3) {
            return;
        }
        Trend trend = Trend.of(later);
        if (trend.span() >= SHORTEST_TREND_MINUTES
                && trend.growth() > trend.mean() / 10 + watched.slack()) {
            problems.add(
                    String.format(
                            Locale.ROOT,
                            "%s grew by %.1f over the last %.1f minutes, from a mean of %.1f",
                            watched.name(),
                            trend.growth(),
                            trend.span(),
                            trend.mean()));
        }
    }

    private List<Point> points(Watched watched) {
        return samples.stream()
                .map(s -> new Point(s.minutes(), watched.value().applyAsDouble(s.memory())))
                .toList();
    }

    private String table(String done) {
        var lines = new ArrayList<String>();
        lines.add("| | first | largest | last | growth over the second half |");
        lines.add("|---|---|---|---|---|");
        for (Watched watched : ALL) {
            List<Point> points = points(watched);
            List<Point> later = points.subList(points.size() / 2, points.size());
            lines.add(
                    String.format(
                            Locale.ROOT,
                            "| %s | %.0f | %.0f | %.0f | %.1f |",
                            watched.name(),
                            points.getFirst().y(),
                            points.stream().mapToDouble(Point::y).max().orElse(0),
                            points.getLast().y(),
                            Trend.of(later).growth()));
        }
        MemoryBudget budget = SoakTraffic.budget(samples.getLast().memory().openLogs());
        lines.add("");
        lines.add(
                "%d minutes, a sample every %d s. Budget at the end: %d MiB of heap, %d MiB direct. Meanwhile %s."
                        .formatted(
                                time.toMinutes(),
                                every.toSeconds(),
                                budget.heapBytes() >> 20,
                                budget.directBytes() >> 20,
                                done));
        lines.add("");
        lines.add(
                problems.isEmpty()
                        ? "Everything held."
                        : "**Failed**: " + String.join("; ", problems) + ".");
        return String.join("\n", lines) + "\n";
    }

    private Lines.Picture picture() {
        return new Lines.Picture(
                "What firn standalone holds under a mixed load",
                "live heap right after a collection; direct: buffers outside the heap; RSS as the system counts",
                "minutes",
                "MiB",
                List.of(),
                ALL.stream()
                        .filter(watched -> !watched.counted())
                        .map(
                                watched ->
                                        new Lines.Line(
                                                watched.name().replace(", MiB", ""),
                                                points(watched)))
                        .toList());
    }
}
