package io.firn.benchmarks.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

import java.util.Arrays;
import java.util.SplittableRandom;

class LatenciesTest {
    @Test
    void percentilesAreAtMostABucketAboveTheTruth() {
        var random = new SplittableRandom(5);
        long[] values = new long[10_000];
        var latencies = new Latencies();
        for (int i = 0; i < values.length; i++) {
            values[i] = (long) Math.exp(random.nextDouble(0, 25));
            latencies.record(values[i]);
        }
        Arrays.sort(values);
        for (double percent : new double[] {0.01, 1, 50, 90, 99, 99.9, 99.99, 100}) {
            long truth = values[(int) Math.ceil(values.length * percent / 100 - 1e-9) - 1];
            assertThat(latencies.percentile(percent))
                    .as("p%s", percent)
                    .isBetween(truth, truth + truth / 64 + 1);
        }
    }

    @Test
    void everyValueLiesInItsBucket() {
        for (int bit = 0; bit < 62; bit++) {
            for (long value : new long[] {(1L << bit) - 1, 1L << bit, (1L << bit) + 1}) {
                int bucket = Latencies.bucket(value);
                assertThat(value).isLessThanOrEqualTo(Latencies.upperEnd(bucket));
                if (bucket > 0) {
                    assertThat(value).isGreaterThan(Latencies.upperEnd(bucket - 1));
                }
            }
        }
    }

    @Test
    void theLastPercentileOfAHundredValuesIsTheLargest() {
        var latencies = new Latencies();
        for (int i = 1; i <= 100; i++) {
            latencies.record(i * 1_000_000L);
        }
        assertThat(latencies.millis(100)).isCloseTo(100, within(2.0));
        assertThat(latencies.millis(99)).isCloseTo(99, within(2.0));
        assertThat(latencies.millis(50)).isCloseTo(50, within(1.0));
    }

    @Test
    void joinedHistogramsCountAllValues() {
        var one = new Latencies();
        var other = new Latencies();
        one.record(10);
        other.record(1000);
        one.add(other);
        assertThat(one.total()).isEqualTo(2);
        assertThat(one.percentile(50)).isEqualTo(10);
        assertThat(one.percentile(100)).isBetween(1000L, 1016L);
    }

    @Test
    void withoutValuesThereIsNoLatency() {
        assertThat(new Latencies().percentile(99)).isZero();
    }
}
