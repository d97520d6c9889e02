package io.firn.benchmarks.loads;

import io.firn.benchmarks.client.Latencies;
import io.firn.benchmarks.report.Lines;
import io.firn.benchmarks.servers.Subject;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.function.ToDoubleFunction;

/// What a backfill did to the producers of one server.
///
/// @param alone latencies of all counted phases without the backfill
/// @param beside latencies of all counted phases with it
/// @param ratios p99 of each pair of phases, with the backfill divided by without
/// @param p50 of each second, with seconds since the begin as x
/// @param p99 likewise
/// @param reading when the backfill ran, in the same seconds
public record BackfillResult(
        Subject subject,
        List<Phase> phases,
        Latencies alone,
        Latencies beside,
        List<Double> ratios,
        List<Lines.Point> p50,
        List<Lines.Point> p99,
        List<Lines.Period> reading) {
    /// @param round 0 warms up and does not count
    /// @param from begin, as `System.nanoTime` counts
    /// @param readBytes record values that the backfill got
    /// @param cpuSeconds of the server
    /// @param stolenSeconds that all processors together waited for the machine's host
    public record Phase(
            int round,
            boolean reading,
            long from,
            long to,
            long readBytes,
            double cpuSeconds,
            double stolenSeconds) {
        double seconds() {
            return (to - from) / 1e9;
        }
    }

    static BackfillResult of(
            Subject subject,
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
        var p50 = new ArrayList<Lines.Point>();
        var p99 = new ArrayList<Lines.Point>();
        seconds.forEach(
                (from, latencies) -> {
                    double at = (from - started) / 1e9;
                    p50.add(new Lines.Point(at, latencies.millis(50)));
                    p99.add(new Lines.Point(at, latencies.millis(99)));
                });
        var reading =
                phases.stream()
                        .filter(Phase::reading)
                        .map(
                                p ->
                                        new Lines.Period(
                                                (p.from() - started) / 1e9,
                                                (p.to() - started) / 1e9))
                        .toList();
        return new BackfillResult(
                subject, List.copyOf(phases), alone, beside, ratios, p50, p99, reading);
    }

    /// Producer p99 beside a backfill, divided by that without.
    public double ratio() {
        return beside.millis(99) / alone.millis(99);
    }

    /// CPU seconds of the server a second, over the counted phases of one kind.
    double cores(boolean reading) {
        return sum(reading, Phase::cpuSeconds) / sum(reading, Phase::seconds);
    }

    /// Seconds a second that the machine's host gave to others, likewise.
    double stolen(boolean reading) {
        return sum(reading, Phase::stolenSeconds) / sum(reading, Phase::seconds);
    }

    /// What the backfill got, over its counted phases.
    double readMegabytesPerSecond() {
        return sum(true, Phase::readBytes) / 1e6 / sum(true, Phase::seconds);
    }

    private double sum(boolean reading, ToDoubleFunction<Phase> figure) {
        Predicate<Phase> counts = p -> p.round() > 0 && p.reading() == reading;
        return phases.stream().filter(counts).mapToDouble(figure).sum();
    }
}
