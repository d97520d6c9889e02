package io.firn.benchmarks.loads;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.firn.benchmarks.report.Lines.Point;

import org.junit.jupiter.api.Test;

import java.util.List;
import java.util.stream.IntStream;

class TrendTest {
    @Test
    void whatGrowsSteadilyIsSeenThroughNoise() {
        List<Point> points =
                IntStream.range(0, 20)
                        .mapToObj(i -> new Point(i, 100 + 2 * i + (i % 2 == 0 ? 5 : -5)))
                        .toList();
        Trend trend = Trend.of(points);
        assertThat(trend.slope()).isCloseTo(2, within(0.1));
        assertThat(trend.growth()).isCloseTo(38, within(2.0));
    }

    @Test
    void whatSwingsAroundAMeanDoesNotGrow() {
        List<Point> points =
                IntStream.range(0, 40)
                        .mapToObj(i -> new Point(i, 50 + (i % 4 < 2 ? 10 : -10)))
                        .toList();
        Trend trend = Trend.of(points);
        assertThat(trend.mean()).isCloseTo(50, within(1e-9));
        assertThat(trend.growth()).isCloseTo(0, within(3.0));
    }

    @Test
    void oneLookAloneIsNoTrend() {
        assertThat(Trend.of(List.of(new Point(1, 7)))).isEqualTo(new Trend(0, 7, 0));
    }
}
