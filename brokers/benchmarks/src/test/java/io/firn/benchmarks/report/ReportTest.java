package io.firn.benchmarks.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.firn.benchmarks.BenchException;
import io.firn.benchmarks.loads.Figure;
import io.firn.benchmarks.servers.Subject;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;

class ReportTest {
    private static final LoadResult.Origin ORIGIN =
            new LoadResult.Origin("2026-01-02", "abc", "./firn bench");

    @TempDir private Path folder;

    private static Row row(Subject subject, double... cpu) {
        return new Row(
                subject,
                Map.of(
                        Figure.CPU_PER_GIB,
                        java.util.Arrays.stream(cpu).boxed().toList(),
                        Figure.MB_PER_SECOND,
                        List.of(100.0, 300.0)));
    }

    private static LoadResult load(String name, Row... rows) {
        return new LoadResult(
                name,
                "a load",
                List.of(Figure.CPU_PER_GIB, Figure.MB_PER_SECOND, Figure.P99_MILLIS),
                ORIGIN,
                2,
                List.of(rows));
    }

    private static Results results(LoadResult... loads) {
        return new Results(
                new Machine("cpu", 2, 1024, "Linux", "ext4", "25"), "4.3.1", "1g", List.of(loads));
    }

    @Test
    void aTableHasMediansRangesAndRatiosOfMediansAndOfTheBest() {
        String table =
                Tables.of(
                        load(
                                "produce-1k",
                                row(Subject.KAFKA, 2, 4, 3),
                                row(Subject.DIRECT, 1.5, 1)));
        assertThat(table)
                .contains("| Apache Kafka | 3.00 (2.00–4.00) | 200 (100–300) |  |")
                .contains("| Firn, direct | 1.25 (1.00–1.50) | 200 (100–300) | 0.42; 0.50 |")
                .doesNotContain("p99");
    }

    @Test
    void theMedianOfAnEvenNumberLiesBetweenTheMiddleTwo() {
        assertThat(Spread.of(List.of(4.0, 1.0, 2.0, 9.0))).isEqualTo(new Spread(1, 3, 9));
    }

    @Test
    void aGoalIsReachedByMediansOrByTheBestOnlyOrNot() {
        Row kafka = row(Subject.KAFKA, 2, 3, 4);
        assertThat(goals(kafka, row(Subject.DIRECT, 1, 1, 1))).contains("| 0.33 | 0.50 | yes |");
        assertThat(goals(kafka, row(Subject.DIRECT, 0.7, 2, 2)))
                .contains("| 0.67 | 0.35 | best only |");
        assertThat(goals(kafka, row(Subject.DIRECT, 2, 2, 2))).contains("| 0.67 | 1.00 | no |");
        assertThat(goals(kafka)).contains("not measured");
    }

    private static String goals(Row... rows) {
        return Goal.table(results(load("produce-1k", rows)))
                .lines()
                .filter(line -> line.contains("| produce 1 KiB, direct"))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void onlyWhatLiesBetweenTheMarkersIsReplaced() {
        String page = "before\n<!-- bench:a -->\nold\n<!-- /bench:a -->\nafter\n";
        String once = DocsPage.replace(page, "a", "new\n");
        assertThat(once).isEqualTo("before\n<!-- bench:a -->\n\nnew\n\n<!-- /bench:a -->\nafter\n");
        assertThat(DocsPage.replace(once, "a", "new\n")).isEqualTo(once);
        assertThatThrownBy(() -> DocsPage.replace(page, "b", "x"))
                .isInstanceOf(BenchException.class)
                .hasMessageContaining("bench:b");
    }

    @Test
    void resultsSurviveTheirFileAndNewerLoadsTakeTheOldOnesPlace() {
        Results old =
                results(
                        load("one", row(Subject.KAFKA, 1)),
                        load("two", row(Subject.KAFKA, 2)),
                        load("gone", row(Subject.KAFKA, 3)));
        Path file = folder.resolve("results/results.json");
        old.write(file);
        assertThat(Results.read(file)).isEqualTo(old);

        LoadResult newer = load("two", row(Subject.KAFKA, 5), row(Subject.GATEWAY, 6));
        Results merged = Results.read(file).merged(results(newer), List.of("two", "one"));
        assertThat(merged.loads()).containsExactly(newer, old.loads().getFirst());
    }

    @Test
    void aPictureHasABarForEveryRow() {
        Results all = results(load("produce-1k", row(Subject.KAFKA, 2, 4), row(Subject.DIRECT, 1)));
        String svg = Pictures.svg(all, Figure.CPU_PER_GIB);
        assertThat(svg).startsWith("<svg").contains("3.00 (2.00–4.00)").contains("Firn, direct");
        assertThat(svg.split("rx=\"2\"")).hasSize(3);
    }
}
