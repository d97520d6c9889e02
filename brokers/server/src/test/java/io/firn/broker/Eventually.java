package io.firn.broker;

import java.time.Duration;
import java.util.concurrent.Callable;

/// Waits for what other threads do.
public final class Eventually {
    private Eventually() {}

    public static void await(Duration atMost, Callable<Boolean> condition) throws Exception {
        long deadline = System.nanoTime() + atMost.toNanos();
        while (!condition.call()) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("Not within " + atMost);
            }
            Thread.sleep(20);
        }
    }
}
