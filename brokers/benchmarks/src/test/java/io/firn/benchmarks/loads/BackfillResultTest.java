package io.firn.benchmarks.loads;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.firn.benchmarks.loads.BackfillResult.Phase;
import io.firn.benchmarks.servers.Subject;

import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.util.List;

class BackfillResultTest {
    private static final long SECOND = 1_000_000_000L;
    private final SecondBySecond seconds = new SecondBySecond();

    @Test
    void phasesAreComparedWithoutTheirFirstSecondAndTheWarmUp() {
        for (int second = 0; second < 12; second++) {
            boolean reading = second / 3 % 2 == 1;
            boolean first = second % 3 == 0;
            long millis = second < 6 ? 500 : first ? 900 : reading ? 11 : 10;
            for (int request = 0; request < 100; request++) {
                seconds.answered(second * SECOND + request, millis * 1_000_000);
            }
        }
        var phases =
                List.of(
                        phase(0, false, 0),
                        phase(0, true, 3),
                        phase(1, false, 6),
                        phase(1, true, 9));
        var plan = new Backfill.Plan(Duration.ofSeconds(3), 1, 1, 100);
        BackfillResult result =
                BackfillResult.of(Subject.STANDALONE, 0, phases, seconds, Duration.ofSeconds(1));
        assertThat(result.alone().total()).isEqualTo(200);
        assertThat(result.beside().total()).isEqualTo(200);
        assertThat(result.ratio()).isCloseTo(1.1, within(0.05));
        assertThat(result.reading()).hasSize(2);
        var report = new BackfillReport(plan, List.of(result));
        assertThat(report.table())
                .contains("| Firn, standalone, alone | 10.", "| 0.50 | 0.010 |")
                .contains("(goal: at most 1.2): Firn, standalone **1.");
        assertThat(report.picture().lines()).hasSize(2);
    }

    private static Phase phase(int round, boolean reading, int from) {
        return new Phase(
                round,
                reading,
                from * SECOND,
                (from + 3) * SECOND,
                reading ? 1 << 20 : 0,
                1.5,
                0.03);
    }
}
