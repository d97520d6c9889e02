package io.firn.benchmarks;

import io.firn.benchmarks.loads.Figure;
import io.firn.benchmarks.loads.Load;
import io.firn.benchmarks.loads.Session;
import io.firn.benchmarks.report.LoadResult;
import io.firn.benchmarks.report.Row;
import io.firn.benchmarks.servers.PageCache;
import io.firn.benchmarks.servers.Subject;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Predicate;

/// Runs loads: every subject in turn, round after round (A B C, A B C), so that what else happens
/// on the machine hits all of them alike. The first rounds of a load warm up and do not count.
final class Runner {
    private final Session session;
    private final PageCache pageCache;
    private final Predicate<Subject> wanted;
    private final int rounds;
    private final boolean fill;
    private int warmUps;

    /// @param firstWarmUps uncounted rounds of the first load, when every JIT is cold; later loads
    ///     have one
    /// @param fill whether the page cache is filled before each run
    Runner(
            Session session,
            PageCache pageCache,
            Predicate<Subject> wanted,
            int rounds,
            int firstWarmUps,
            boolean fill) {
        this.session = session;
        this.pageCache = pageCache;
        this.wanted = wanted;
        this.rounds = rounds;
        this.warmUps = firstWarmUps;
        this.fill = fill;
    }

    LoadResult run(Load load, LoadResult.Origin origin) {
        List<Subject> subjects = load.subjects().stream().filter(wanted).toList();
        Map<Subject, Map<Figure, List<Double>>> samples = new LinkedHashMap<>();
        subjects.forEach(subject -> samples.put(subject, new EnumMap<>(Figure.class)));
        System.err.printf("%s: %s%n", load.name(), load.title());
        subjects.forEach(subject -> load.prepare(session, subject));
        for (int round = 1 - warmUps; round <= rounds; round++) {
            for (Subject subject : subjects) {
                if (load.fillsPageCache() && fill && !pageCache.fill()) {
                    System.err.println("  (the page cache could not be filled)");
                }
                Map<Figure, Double> figures = load.run(session, subject, round + warmUps);
                progress(load, subject, round, figures);
                if (round > 0) {
                    record(
                            samples.computeIfAbsent(subject, s -> new EnumMap<>(Figure.class)),
                            figures);
                }
            }
        }
        warmUps = 1;
        subjects.forEach(subject -> load.finish(session, subject));
        var rows = new ArrayList<Row>();
        samples.forEach((subject, figures) -> rows.add(new Row(subject, figures)));
        return new LoadResult(load.name(), load.title(), load.shown(), origin, rounds, rows);
    }

    private static void record(Map<Figure, List<Double>> row, Map<Figure, Double> figures) {
        figures.forEach(
                (figure, value) -> row.computeIfAbsent(figure, f -> new ArrayList<>()).add(value));
    }

    static void progress(Load load, Subject subject, int round, Map<Figure, Double> figures) {
        var line = new StringBuilder();
        for (Figure figure : load.shown()) {
            Double value = figures.get(figure);
            if (value != null) {
                line.append("  ").append(figure.title()).append(' ').append(figure.text(value));
            }
        }
        System.err.printf(
                Locale.ROOT,
                "  %-8s %-36s%s%n",
                round > 0 ? "run " + round : "warm-up",
                subject.title(),
                line);
    }
}
