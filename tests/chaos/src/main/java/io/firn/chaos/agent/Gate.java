package io.firn.chaos.agent;

import java.io.IOException;
import java.util.concurrent.atomic.AtomicIntegerArray;

/// What injected code calls. Points are numbered by the plan; all begin disarmed. Any thread.
public final class Gate {
    static final int MAX_POINTS = 512;

    /// Exit status of a JVM that a crash point stopped: the one of `kill -9`.
    public static final int HALTED = 137;

    /// Passages until the point acts; 0: not armed.
    private static final AtomicIntegerArray LEFT = new AtomicIntegerArray(MAX_POINTS);

    /// Times that a fault is thrown once it has begun.
    private static final AtomicIntegerArray TIMES = new AtomicIntegerArray(MAX_POINTS);
    private static final String[] NAMES = new String[MAX_POINTS];

    private Gate() {}

    static void name(int point, String name) {
        NAMES[point] = name;
    }

    static void arm(int point, int passage, int times) {
        TIMES.set(point, times);
        LEFT.set(point, passage);
    }

    /// Stops the JVM at once, as `kill -9` does: no hook runs, no buffer is flushed.
    public static void crash(int point) {
        if (LEFT.get(point) > 0 && LEFT.decrementAndGet(point) == 0) {
            System.err.println("chaos: halted at " + NAMES[point]);
            Runtime.getRuntime().halt(HALTED);
        }
    }

    /// Fails as a disk does, from the armed passage on, as many times as was asked for.
    public static void fail(int point, String message) throws IOException {
        int left = LEFT.get(point);
        if (left <= 0) {
            return;
        }
        if (left > 1) {
            LEFT.decrementAndGet(point);
            return;
        }
        if (TIMES.getAndDecrement(point) > 0) {
            System.err.println("chaos: failed at " + NAMES[point] + ": " + message);
            throw new IOException(message);
        }
        LEFT.set(point, 0);
    }
}
