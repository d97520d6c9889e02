package io.firn.benchmarks.loads;

import io.firn.benchmarks.client.Latencies;
import io.firn.benchmarks.report.Lines;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;

/// What a backfill did to producers: figures of both kinds of phases, and the p99 of every second.
///
/// @param alone latencies of all counted phases without the backfill
/// @param beside latencies of all counted phases with it
public record BackfillResult(
        Backfill.Plan plan,
        List<Phase> phases,
        Latencies alone,
        Latencies beside,
        List<Double> ratios,
        Lines.Picture picture) {
    /// DESIGN §10.
    public static final double GOAL = 1.2;

    /// @param round 0 warms up and does not count
    /// @param from begin, as `System.nanoTime` counts
    /// @param readBytes record values that the backfill got
    /// @param cpuSeconds of the server
    public record Phase(
            int round, boolean reading, long from, long to, long readBytes, double cpuSeconds) {
        double seconds() {
            return (to - from) / 1e9;
        }
    }

    static BackfillResult of(
            Backfill.Plan plan,
            long started,
            List<Phase> phases,
            SecondBySecond seconds,
            Duration settle) {
        var alone = new Latencies();
        var beside = new Latencies();
        var ratios = new ArrayList<Double>();
        double before = 0;
        for (Phase phase : phases) {
            Latencies own = seconds.within(phase.from() + settle.toNanos(), phase.to());
            if (phase.round() == 0 || own.total() == 0) {
                continue;
            }
            (phase.reading() ? beside : alone).add(own);
            if (phase.reading()) {
                ratios.add(own.millis(99) / before);
            }
            before = own.millis(99);
        }
        return new BackfillResult(
                plan,
                List.copyOf(phases),
                alone,
                beside,
                ratios,
                picture(started, phases, seconds));
    }

    private static Lines.Picture picture(long started, List<Phase> phases, SecondBySecond seconds) {
        var p50 = new ArrayList<Lines.Point>();
        var p99 = new ArrayList<Lines.Point>();
        seconds.forEach(
                (from, latencies) -> {
                    double at = (from - started) / 1e9;
                    p50.add(new Lines.Point(at, latencies.millis(50)));
                    p99.add(new Lines.Point(at, latencies.millis(99)));
                });
        return new Lines.Picture(
                "Producers while a consumer reads the cold history (less is better)",
                "latency of each second's requests, from when each was due; shaded: the backfill runs",
                "seconds",
                "ms",
                phases.stream()
                        .filter(Phase::reading)
                        .map(
                                p ->
                                        new Lines.Period(
                                                (p.from() - started) / 1e9,
                                                (p.to() - started) / 1e9))
                        .toList(),
                List.of(new Lines.Line("p99", p99), new Lines.Line("p50", p50)));
    }

    /// Producer p99 beside a backfill, divided by that without.
    public double ratio() {
        return beside.millis(99) / alone.millis(99);
    }

    public String table() {
        return """
        | Producers, %s requests/s of 4 KiB | p50 ms | p99 ms | p99.9 ms | Firn's CPU, cores | backfill MB/s |
        |---|---|---|---|---|---|
        %s
        %s

        p99 beside the backfill is **%s** times that without (goal: at most %s); single pairs of phases: %s.
        """
                .formatted(
                        number("%.0f", plan.requestsPerSecond()),
                        row("alone", alone, p -> !p.reading()),
                        row("while the history is read", beside, Phase::reading),
                        number("%.2f", ratio()),
                        number("%.1f", GOAL),
                        String.join(", ", ratios.stream().map(r -> number("%.2f", r)).toList()));
    }

    private String row(String name, Latencies latencies, Predicate<Phase> which) {
        List<Phase> counted = phases.stream().filter(p -> p.round() > 0).filter(which).toList();
        double seconds = counted.stream().mapToDouble(Phase::seconds).sum();
        double cpu = counted.stream().mapToDouble(Phase::cpuSeconds).sum();
        double read = counted.stream().mapToDouble(Phase::readBytes).sum();
        return "| %s | %s | %s | %s | %s | %s |"
                .formatted(
                        name,
                        number("%.2f", latencies.millis(50)),
                        number("%.2f", latencies.millis(99)),
                        number("%.2f", latencies.millis(99.9)),
                        number("%.2f", cpu / seconds),
                        read == 0 ? "" : number("%.0f", read / 1e6 / seconds));
    }

    private static String number(String format, double value) {
        return String.format(Locale.ROOT, format, value);
    }
}
