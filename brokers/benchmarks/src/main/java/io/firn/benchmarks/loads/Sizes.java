package io.firn.benchmarks.loads;

import io.firn.benchmarks.client.Bound;

import java.time.Duration;

/// How much of everything: the default run is for figures that are published, the quick one shows
/// that all works and which way it points.
///
/// @param volume of one run at full speed
/// @param data what fetch loads read, over and over
/// @param paced how long a run at a fixed rate takes
/// @param idle how long an idle server is watched
public record Sizes(Bound volume, long data, Duration paced, Duration idle) {
    public static final Sizes DEFAULT =
            new Sizes(
                    new Bound(1L << 30, Duration.ofSeconds(5)),
                    512L << 20,
                    Duration.ofSeconds(6),
                    Duration.ofSeconds(10));
    public static final Sizes QUICK =
            new Sizes(
                    new Bound(256L << 20, Duration.ofSeconds(2)),
                    128L << 20,
                    Duration.ofSeconds(2),
                    Duration.ofSeconds(3));
}
