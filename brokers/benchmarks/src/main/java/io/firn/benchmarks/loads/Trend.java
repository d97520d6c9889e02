package io.firn.benchmarks.loads;

import io.firn.benchmarks.report.Lines.Point;

import java.util.List;

/// A straight line through points, by least squares.
///
/// @param slope y for one x
/// @param mean of all y
/// @param span from the first x to the last
record Trend(double slope, double mean, double span) {
    /// @param points at least one
    static Trend of(List<Point> points) {
        double meanX = points.stream().mapToDouble(Point::x).average().orElseThrow();
        double meanY = points.stream().mapToDouble(Point::y).average().orElseThrow();
        double both = 0;
        double squares = 0;
        for (Point point : points) {
            both += (point.x() - meanX) * (point.y() - meanY);
            squares += (point.x() - meanX) * (point.x() - meanX);
        }
        return new Trend(
                squares == 0 ? 0 : both / squares,
                meanY,
                points.getLast().x() - points.getFirst().x());
    }

    /// What the line gained over all points.
    double growth() {
        return slope * span;
    }
}
