package io.firn.benchmarks.client;

import java.time.Duration;

/// Where a run ends: at its volume or at its time, whichever comes first.
///
/// @param payloadBytes record values to move, at least
/// @param time how long to go on, at most
public record Bound(long payloadBytes, Duration time) {}
