package io.firn.benchmarks.report;

import io.firn.benchmarks.loads.Figure;
import io.firn.benchmarks.servers.Subject;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// A goal of the design (DESIGN §10) that these loads can answer.
///
/// @param text what is asked
/// @param subject whose figure
/// @param base what it is divided by; null when the figure stands for itself
/// @param limit the largest ratio (or figure) that is good; the smallest where higher is better
record Goal(
        String text,
        String load,
        Subject subject,
        Figure figure,
        @org.jspecify.annotations.Nullable Subject base,
        double limit) {
    static final List<Goal> ALL =
            List.of(
                    cpu("produce 1 KiB, direct, synced", "produce-1k", Subject.DIRECT, 0.4),
                    cpu("produce 100 B, direct, synced", "produce-100b", Subject.DIRECT, 0.4),
                    cpu("produce lz4, check=records", "produce-1k-lz4", Subject.DIRECT, 0.6),
                    cpu("produce lz4, check=batch", "produce-1k-lz4", Subject.DIRECT_BATCH, 0.35),
                    cpu("produce zstd, check=records", "produce-1k-zstd", Subject.DIRECT, 0.7),
                    cpu("produce zstd, check=batch", "produce-1k-zstd", Subject.DIRECT_BATCH, 0.25),
                    ratio(
                            "throughput of produce 1 KiB",
                            "produce-1k",
                            Subject.DIRECT,
                            Figure.MB_PER_SECOND,
                            1.5),
                    ratio(
                            "throughput of produce 100 B",
                            "produce-100b",
                            Subject.DIRECT,
                            Figure.MB_PER_SECOND,
                            1.5),
                    ratio(
                            "1,000 partitions: CPU a record",
                            "trickle-1000",
                            Subject.DIRECT,
                            Figure.CPU_MICROS_PER_RECORD,
                            0.5),
                    new Goal(
                            "1,000 partitions: first record of one",
                            "trickle-1000",
                            Subject.DIRECT,
                            Figure.FIRST_RECORD_CPU_MILLIS,
                            null,
                            1.0),
                    cpu(
                            "produce through a separate gateway (gateway + broker)",
                            "produce-1k",
                            Subject.GATEWAY,
                            0.7),
                    cpu("fetch hot, direct", "fetch-1k", Subject.DIRECT, 1.0),
                    ratio(
                            "consume direct, stock client",
                            "fetch-stock",
                            Subject.DIRECT,
                            Figure.MB_PER_SECOND,
                            0.9),
                    ratio(
                            "consume through the gateway, stock client",
                            "fetch-stock",
                            Subject.GATEWAY,
                            Figure.MB_PER_SECOND,
                            0.9),
                    ratio(
                            "small requests: CPU a record",
                            "small",
                            Subject.DIRECT,
                            Figure.CPU_MICROS_PER_RECORD,
                            0.6),
                    ratio(
                            "p99 at a fixed rate, strict",
                            "latency-stock",
                            Subject.DIRECT,
                            Figure.P99_MILLIS,
                            1.0),
                    ratio(
                            "p99.9 at a fixed rate, strict",
                            "latency-stock",
                            Subject.DIRECT,
                            Figure.P999_MILLIS,
                            1.0),
                    new Goal(
                            "second start to first acknowledged record",
                            "start-up",
                            Subject.STANDALONE,
                            Figure.START_SECONDS,
                            null,
                            5),
                    new Goal(
                            "the same after kill -9",
                            "start-up",
                            Subject.STANDALONE,
                            Figure.START_AFTER_KILL_SECONDS,
                            null,
                            8));

    private static Goal cpu(String text, String load, Subject subject, double limit) {
        return ratio(text, load, subject, Figure.CPU_PER_GIB, limit);
    }

    private static Goal ratio(
            String text, String load, Subject subject, Figure figure, double limit) {
        return new Goal(text, load, subject, figure, Subject.KAFKA, limit);
    }

    /// The goals as a table; those that were not measured say so.
    static String table(Results results) {
        var lines = new ArrayList<String>();
        lines.add("| Work | Figure | Goal | Medians | Best | Reached |");
        lines.add("|---|---|---|---|---|---|");
        for (Goal goal : ALL) {
            lines.add(goal.line(results));
        }
        fetchThroughGateway(results).ifPresent(lines::add);
        return String.join("\n", lines) + "\n";
    }

    private String line(Results results) {
        String sign = figure.higherIsBetter() ? "≥" : "≤";
        String asked =
                base == null
                        ? "%s %s".formatted(sign, figure.text(limit))
                        : "%s %.2f × Kafka".formatted(sign, limit);
        Optional<Reached> reached = reached(results);
        return "| %s | %s | %s | %s |"
                .formatted(
                        text,
                        figure.title(),
                        asked,
                        reached.map(
                                        r ->
                                                "%s | %s | %s"
                                                        .formatted(
                                                                r.text(r.median),
                                                                r.text(r.best),
                                                                r.verdict(this)))
                                .orElse("not measured | | "));
    }

    /// Ratio or figure, of medians and of the best.
    private record Reached(double median, double best) {
        String text(double value) {
            return String.format(java.util.Locale.ROOT, "%.2f", value);
        }

        String verdict(Goal goal) {
            if (goal.holds(median)) {
                return "yes";
            }
            return goal.holds(best) ? "best only" : "no";
        }
    }

    private boolean holds(double value) {
        return figure.higherIsBetter() ? value >= limit : value <= limit;
    }

    private Optional<Reached> reached(Results results) {
        boolean higher = figure.higherIsBetter();
        Optional<Spread> own = spread(results, load, subject, figure);
        if (base == null) {
            return own.map(s -> new Reached(s.median(), s.best(higher)));
        }
        Optional<Spread> other = spread(results, load, base, figure);
        if (own.isEmpty() || other.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(
                new Reached(
                        own.get().median() / other.get().median(),
                        own.get().best(higher) / other.get().best(higher)));
    }

    private static Optional<Spread> spread(
            Results results, String load, Subject subject, Figure figure) {
        return results.load(load).flatMap(l -> l.row(subject)).flatMap(r -> r.spread(figure));
    }

    /// "Kafka direct + at most 1.2 × the best forwarder" has a sum on its right side.
    private static Optional<String> fetchThroughGateway(Results results) {
        Optional<Spread> kafka = spread(results, "fetch-1k", Subject.KAFKA, Figure.CPU_PER_GIB);
        Optional<Spread> forwarder =
                java.util.stream.Stream.of(Subject.FORWARDER, Subject.SPLICE_FORWARDER)
                        .flatMap(s -> spread(results, "fetch-1k", s, Figure.CPU_PER_GIB).stream())
                        .min(java.util.Comparator.comparingDouble(Spread::median));
        Optional<Spread> gateway = spread(results, "fetch-1k", Subject.GATEWAY, Figure.CPU_PER_GIB);
        if (kafka.isEmpty() || forwarder.isEmpty() || gateway.isEmpty()) {
            return Optional.empty();
        }
        double medians = (gateway.get().median() - kafka.get().median()) / forwarder.get().median();
        double best = (gateway.get().min() - kafka.get().min()) / forwarder.get().min();
        return Optional.of(
                "| fetch hot, through the gateway (gateway + broker) | %s | Kafka direct + ≤ 1.20 × the best forwarder | + %.2f | + %.2f | %s |"
                        .formatted(
                                Figure.CPU_PER_GIB.title(),
                                medians,
                                best,
                                medians <= 1.2 ? "yes" : best <= 1.2 ? "best only" : "no"));
    }
}
