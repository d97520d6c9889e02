package io.firn.benchmarks.report;

import io.firn.benchmarks.loads.Figure;
import io.firn.benchmarks.servers.Subject;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/// One subject under one load: the figures of each round.
public record Row(Subject subject, Map<Figure, List<Double>> samples) {
    public Optional<Spread> spread(Figure figure) {
        List<Double> values = samples.get(figure);
        return values == null || values.isEmpty()
                ? Optional.empty()
                : Optional.of(Spread.of(values));
    }
}
