package io.firn.benchmarks.report;

import io.firn.benchmarks.loads.Figure;
import io.firn.benchmarks.servers.Subject;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/// Results as Markdown.
public final class Tables {
    private Tables() {}

    /// One load: a row a subject, each figure as `median (min–max)`, and the ratios of its first
    /// figure to Apache Kafka's, medians and best against best.
    public static String of(LoadResult load) {
        List<Figure> figures =
                load.shown().stream()
                        .filter(f -> load.rows().stream().anyMatch(r -> r.spread(f).isPresent()))
                        .toList();
        var lines = new ArrayList<String>();
        lines.add("**`%s`**: %s.".formatted(load.name(), load.title()));
        lines.add("");
        if (figures.isEmpty()) {
            lines.add("(no figures)");
            return String.join("\n", lines) + "\n";
        }
        Figure first = figures.getFirst();
        lines.add(
                "| | %s | × Kafka, %s: medians; best |"
                        .formatted(
                                figures.stream()
                                        .map(Figure::title)
                                        .collect(Collectors.joining(" | ")),
                                first.title()));
        lines.add("|---|" + "---|".repeat(figures.size()) + "---|");
        for (Row row : load.rows()) {
            lines.add(
                    "| %s | %s | %s |"
                            .formatted(
                                    row.subject().title(),
                                    figures.stream()
                                            .map(f -> cell(row, f))
                                            .collect(Collectors.joining(" | ")),
                                    ratios(load, row, first)));
        }
        return String.join("\n", lines) + "\n";
    }

    static String cell(Row row, Figure figure) {
        return row.spread(figure)
                .map(
                        s ->
                                s.min() == s.max()
                                        ? figure.text(s.median())
                                        : "%s (%s–%s)"
                                                .formatted(
                                                        figure.text(s.median()),
                                                        figure.text(s.min()),
                                                        figure.text(s.max())))
                .orElse("");
    }

    private static String ratios(LoadResult load, Row row, Figure figure) {
        Optional<Spread> kafka = load.row(Subject.KAFKA).flatMap(r -> r.spread(figure));
        Optional<Spread> own = row.spread(figure);
        if (row.subject() == Subject.KAFKA || kafka.isEmpty() || own.isEmpty()) {
            return "";
        }
        boolean higher = figure.higherIsBetter();
        return "%s; %s"
                .formatted(
                        ratio(own.get().median(), kafka.get().median()),
                        ratio(own.get().best(higher), kafka.get().best(higher)));
    }

    static String ratio(double value, double base) {
        return base == 0 ? "–" : String.format(java.util.Locale.ROOT, "%.2f", value / base);
    }
}
