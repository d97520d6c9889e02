package io.firn.benchmarks.report;

import java.util.List;

/// Smallest, median and largest of some figures; the median of an even number is the mean of the
/// middle two.
public record Spread(double min, double median, double max) {
    static Spread of(List<Double> values) {
        double[] sorted = values.stream().mapToDouble(Double::doubleValue).sorted().toArray();
        int middle = sorted.length / 2;
        double median =
                sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
        return new Spread(sorted[0], median, sorted[sorted.length - 1]);
    }

    /// The best of them.
    double best(boolean higherIsBetter) {
        return higherIsBetter ? max : min;
    }
}
