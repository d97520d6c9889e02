package io.firn.benchmarks.report;

import io.firn.benchmarks.loads.Figure;
import io.firn.benchmarks.servers.Subject;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// The pictures of `docs/benchmarks.md`: one a figure, a group of bars a load.
final class Pictures {
    private static final Map<String, Figure> FILES =
            Map.of(
                    "cpu.svg", Figure.CPU_PER_GIB,
                    "throughput.svg", Figure.MB_PER_SECOND,
                    "latency.svg", Figure.P99_MILLIS,
                    "cpu-record.svg", Figure.CPU_MICROS_PER_RECORD);

    private Pictures() {}

    static void write(Path folder, Results results) throws IOException {
        Files.createDirectories(folder);
        for (Map.Entry<String, Figure> file : FILES.entrySet()) {
            Files.writeString(folder.resolve(file.getKey()), svg(results, file.getValue()));
        }
    }

    static String svg(Results results, Figure figure) {
        var groups = new ArrayList<Bars.Group>();
        for (LoadResult load : results.loads()) {
            if (shows(load, figure)) {
                groups.add(new Bars.Group(load.name() + ": " + load.title(), bars(load, figure)));
            }
        }
        return Bars.svg(
                title(figure), "bar: median; line: smallest to largest of all rounds", groups);
    }

    /// CPU a record says something of its own only where requests are small.
    private static boolean shows(LoadResult load, Figure figure) {
        boolean paced = load.shown().contains(Figure.P99_MILLIS);
        return load.shown().contains(figure)
                && (figure != Figure.CPU_MICROS_PER_RECORD || paced)
                && load.rows().stream().anyMatch(row -> row.spread(figure).isPresent());
    }

    private static String title(Figure figure) {
        String good = figure.higherIsBetter() ? "more is better" : "less is better";
        return switch (figure) {
            case CPU_PER_GIB -> "Server CPU seconds per GiB of payload (%s)".formatted(good);
            case MB_PER_SECOND -> "Throughput, MB/s (%s)".formatted(good);
            case P99_MILLIS ->
                    "99th percentile of latency from when a record was due, ms (%s)"
                            .formatted(good);
            case CPU_MICROS_PER_RECORD ->
                    "Server CPU per record, µs, small requests (%s)".formatted(good);
            default -> "%s (%s)".formatted(figure.title(), good);
        };
    }

    private static List<Bars.Bar> bars(LoadResult load, Figure figure) {
        var bars = new ArrayList<Bars.Bar>();
        for (Row row : load.rows()) {
            row.spread(figure)
                    .ifPresent(
                            spread ->
                                    bars.add(
                                            new Bars.Bar(
                                                    row.subject().title(),
                                                    spread,
                                                    Tables.cell(row, figure),
                                                    colour(row.subject()))));
        }
        return bars;
    }

    private static String colour(Subject subject) {
        return switch (subject) {
            case KAFKA, KAFKA_AGAIN -> "#8c959f";
            case DIRECT, DIRECT_BATCH, DIRECT_REPLICATED -> "#2f81f7";
            case STANDALONE, STANDALONE_BATCH, STANDALONE_REPLICATED, STANDALONE_TABLES ->
                    "#54aeff";
            case GATEWAY, GATEWAY_REPLICATED -> "#80ccff";
            case FORWARDER, SPLICE_FORWARDER, MINIMAL, RING -> "#d4a72c";
        };
    }
}
