package io.firn.chaos.load;

import java.util.Arrays;

/// Latencies since the last look; the newest 100,000 of them. Any thread.
public final class Latencies {
    private static final int MOST = 100_000;

    private final long[] nanos = new long[MOST];
    private int count;
    private long longest;

    synchronized void add(long each) {
        nanos[count++ % MOST] = each;
        longest = Math.max(longest, each);
        if (count == 2 * MOST) {
            count = MOST;
        }
    }

    /// Of what came since the last look, which this ends.
    public synchronized Window take() {
        int size = Math.min(count, MOST);
        long[] sorted = Arrays.copyOf(nanos, size);
        Arrays.sort(sorted);
        Window window =
                new Window(
                        size,
                        size == 0 ? 0 : sorted[size / 2] / 1e6,
                        size == 0 ? 0 : sorted[(int) (size * 0.99)] / 1e6,
                        longest / 1e6);
        count = 0;
        longest = 0;
        return window;
    }

    /// In milliseconds.
    public record Window(int count, double p50, double p99, double max) {
        @Override
        public String toString() {
            return "%,d: p50 %.1f ms, p99 %.1f ms, max %.0f ms".formatted(count, p50, p99, max);
        }
    }
}
