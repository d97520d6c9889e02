package io.firn.benchmarks.report;

import io.firn.benchmarks.BenchException;
import io.firn.benchmarks.loads.Figure;
import io.firn.benchmarks.servers.Subject;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// `docs/benchmarks.md`: text written by hand, and between markers (`<!-- bench:NAME -->` and
/// `<!-- /bench:NAME -->`, each on a line of its own) what is generated.
public final class DocsPage {
    private DocsPage() {}

    /// Writes every generated part of the page anew, and the pictures beside it.
    public static void update(Path page, Results results) {
        try {
            String text = Files.readString(page);
            for (Map.Entry<String, String> part : parts(results).entrySet()) {
                text = replace(text, part.getKey(), part.getValue());
            }
            Files.writeString(page, text);
            Pictures.write(page.resolveSibling("benchmarks"), results);
        } catch (IOException e) {
            throw new BenchException("Cannot update %s: %s".formatted(page, e), e);
        }
    }

    /// Writes one part of the page anew.
    public static void put(Path page, String name, String content) {
        try {
            Files.writeString(page, replace(Files.readString(page), name, content));
        } catch (IOException e) {
            throw new BenchException("Cannot update %s: %s".formatted(page, e), e);
        }
    }

    /// Writes one part of the page, and a picture that it shows, anew.
    ///
    /// @param picture file name of an SVG beside the page, in `benchmarks/`
    public static void put(Path page, String name, String content, String picture, String svg) {
        put(page, name, content);
        try {
            Path folder = Files.createDirectories(page.resolveSibling("benchmarks"));
            Files.writeString(folder.resolve(picture), svg);
        } catch (IOException e) {
            throw new BenchException("Cannot write %s: %s".formatted(picture, e), e);
        }
    }

    /// @throws BenchException if the page has no such part
    static String replace(String text, String name, String content) {
        String begin = "<!-- bench:" + name + " -->\n";
        String end = "<!-- /bench:" + name + " -->";
        int from = text.indexOf(begin);
        int to = text.indexOf(end, Math.max(0, from));
        if (from < 0 || to < 0) {
            throw new BenchException(
                    "The page has no part %s: it needs the lines %s and %s"
                            .formatted(name, begin.strip(), end));
        }
        return text.substring(0, from + begin.length())
                + "\n"
                + content.strip()
                + "\n\n"
                + text.substring(to);
    }

    private static Map<String, String> parts(Results results) {
        var parts = new LinkedHashMap<String, String>();
        parts.put("machine", machine(results));
        parts.put("noise", noise(results));
        parts.put("goals", Goal.table(results));
        parts.put("produce", tables(results, "produce-"));
        parts.put("latency", tables(results, "small", "trickle-", "first-use-", "latency-"));
        parts.put("fetch", tables(results, "fetch-"));
        parts.put("rest", tables(results, "tiering", "idle", "start-up"));
        return parts;
    }

    private static String tables(Results results, String... prefixes) {
        var all = new ArrayList<String>();
        for (LoadResult load : results.loads()) {
            if (List.of(prefixes).stream().anyMatch(load.name()::startsWith)) {
                all.add(Tables.of(load));
            }
        }
        return all.isEmpty() ? "Not measured yet." : String.join("\n", all);
    }

    private static String machine(Results results) {
        Machine m = results.machine();
        var lines = new ArrayList<String>();
        lines.add(
                "%s, %d cores, %d MiB memory, %s, data on %s. JDK %s for everything; heap %s for each server. Apache Kafka %s from Maven Central."
                        .formatted(
                                m.processor(),
                                m.cores(),
                                m.memoryMiB(),
                                m.kernel(),
                                m.disk(),
                                m.java().strip(),
                                results.heap(),
                                results.kafka()));
        lines.add("");
        lines.add("| Measured | Firn's commit | Rounds | Loads | Command |");
        lines.add("|---|---|---|---|---|");
        var runs = new LinkedHashMap<String, List<String>>();
        for (LoadResult load : results.loads()) {
            var o = load.origin();
            runs.computeIfAbsent(
                            "| %s | %s | %d | %%s | `%s` |"
                                    .formatted(o.date(), o.commit(), load.rounds(), o.command()),
                            k -> new ArrayList<>())
                    .add(load.name());
        }
        runs.forEach((line, loads) -> lines.add(line.replace("%s", String.join(", ", loads))));
        return String.join("\n", lines);
    }

    /// Kafka against itself: how far apart the same server's figures lie in one interleaved run.
    private static String noise(Results results) {
        var lines = new ArrayList<String>();
        lines.add("| Load | Figure | Kafka | once more | ratio of medians; of the best |");
        lines.add("|---|---|---|---|---|");
        for (LoadResult load : results.loads()) {
            var one = load.row(Subject.KAFKA);
            var other = load.row(Subject.KAFKA_AGAIN);
            if (one.isEmpty() || other.isEmpty()) {
                continue;
            }
            for (Figure figure : load.shown()) {
                var a = one.get().spread(figure);
                var b = other.get().spread(figure);
                if (a.isPresent() && b.isPresent()) {
                    boolean higher = figure.higherIsBetter();
                    lines.add(
                            "| `%s` | %s | %s | %s | %s; %s |"
                                    .formatted(
                                            load.name(),
                                            figure.title(),
                                            Tables.cell(one.get(), figure),
                                            Tables.cell(other.get(), figure),
                                            Tables.ratio(b.get().median(), a.get().median()),
                                            Tables.ratio(
                                                    b.get().best(higher), a.get().best(higher))));
                }
            }
        }
        return String.join("\n", lines);
    }
}
