package io.firn.tiering.cold;

import java.util.concurrent.atomic.AtomicInteger;

/// Where a test process dies: at the n-th moment, moments being just before and just after each
/// effect.
public final class Faults {
    /// Stands for kill -9: nothing catches it, nothing is cleaned up.
    static final class Killed extends Error {
        Killed(String moment) {
            super(moment, null, false, false);
        }
    }

    final AtomicInteger moments = new AtomicInteger();
    public volatile int dieAt = Integer.MAX_VALUE;
    public volatile boolean dead;
    public volatile String diedAt = "";

    void moment(String name) {
        if (dead) {
            throw new Killed("already dead");
        }
        if (moments.incrementAndGet() == dieAt) {
            dead = true;
            diedAt = name;
            throw new Killed(name);
        }
    }
}
