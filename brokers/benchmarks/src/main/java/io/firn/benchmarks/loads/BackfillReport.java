package io.firn.benchmarks.loads;

import io.firn.benchmarks.client.Latencies;
import io.firn.benchmarks.report.Lines;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/// What a backfill did to the producers of each server, as a table and as a picture.
///
/// @param results at least one; the first one's phases are shaded in the picture, and those of the
///     others are as long
public record BackfillReport(Backfill.Plan plan, List<BackfillResult> results) {
    /// DESIGN §10.
    public static final double GOAL = 1.2;

    public String table() {
        return """
        | Producers, %s requests/s of 4 KiB | p50 ms | p99 ms | p99.9 ms | server's CPU, cores | taken by the host, cores | backfill MB/s |
        |---|---|---|---|---|---|---|
        %s

        p99 beside the backfill, divided by that without (goal: at most %s): %s.
        """
                .formatted(
                        number("%.0f", plan.requestsPerSecond()),
                        results.stream()
                                .map(BackfillReport::rows)
                                .collect(Collectors.joining("\n")),
                        number("%.1f", GOAL),
                        results.stream()
                                .map(BackfillReport::ratio)
                                .collect(Collectors.joining("; ")));
    }

    public Lines.Picture picture() {
        var lines = new ArrayList<Lines.Line>();
        for (BackfillResult result : results) {
            String title = result.subject().title();
            lines.add(new Lines.Line("p99, " + title, result.p99()));
            lines.add(new Lines.Line("p50, " + title, result.p50()));
        }
        return new Lines.Picture(
                "Producers while a consumer reads the cold history (less is better)",
                "latency of each second's requests, from when each was due; shaded: the backfill runs",
                "seconds",
                "ms",
                results.getFirst().reading(),
                lines);
    }

    private static String rows(BackfillResult result) {
        return row(result, "alone", false, result.alone())
                + "\n"
                + row(result, "while the history is read", true, result.beside());
    }

    private static String row(
            BackfillResult result, String when, boolean reading, Latencies latencies) {
        return "| %s, %s | %s | %s | %s | %s | %s | %s |"
                .formatted(
                        result.subject().title(),
                        when,
                        number("%.2f", latencies.millis(50)),
                        number("%.2f", latencies.millis(99)),
                        number("%.2f", latencies.millis(99.9)),
                        number("%.2f", result.cores(reading)),
                        number("%.3f", result.stolen(reading)),
                        reading ? number("%.0f", result.readMegabytesPerSecond()) : "");
    }

    private static String ratio(BackfillResult result) {
        return "%s **%s** (single pairs of phases: %s)"
                .formatted(
                        result.subject().title(),
                        number("%.2f", result.ratio()),
                        result.ratios().stream()
                                .map(r -> number("%.2f", r))
                                .collect(Collectors.joining(", ")));
    }

    private static String number(String format, double value) {
        return String.format(Locale.ROOT, format, value);
    }
}
