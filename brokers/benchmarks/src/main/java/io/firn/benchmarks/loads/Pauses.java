package io.firn.benchmarks.loads;

import io.firn.benchmarks.BenchException;

import java.time.Duration;

/// Sleeps that end the run when they are interrupted.
final class Pauses {
    private Pauses() {}

    static void pause(Duration time) {
        try {
            Thread.sleep(time);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new BenchException("Interrupted", e);
        }
    }
}
