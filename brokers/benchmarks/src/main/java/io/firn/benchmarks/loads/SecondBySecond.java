package io.firn.benchmarks.loads;

import io.firn.benchmarks.client.Latencies;

import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;

/// Latencies by the second in which their requests were due. Thread safe.
final class SecondBySecond {
    private static final long SECOND = 1_000_000_000L;

    private final Map<Long, Latencies> seconds = new ConcurrentSkipListMap<>();

    /// @param due as `System.nanoTime` counts
    /// @param latency in nanoseconds
    void answered(long due, long latency) {
        Latencies second =
                seconds.computeIfAbsent(Math.floorDiv(due, SECOND), s -> new Latencies());
        synchronized (second) {
            second.record(latency);
        }
    }

    /// Of all requests that were due in the whole seconds within `[from, to)`.
    Latencies within(long from, long to) {
        var all = new Latencies();
        seconds.forEach(
                (second, latencies) -> {
                    if (second * SECOND >= from && (second + 1) * SECOND <= to) {
                        synchronized (latencies) {
                            all.add(latencies);
                        }
                    }
                });
        return all;
    }

    interface Visitor {
        /// @param from the second's begin, as `System.nanoTime` counts
        void second(long from, Latencies latencies);
    }

    void forEach(Visitor visitor) {
        seconds.forEach((second, latencies) -> visitor.second(second * SECOND, latencies));
    }
}
