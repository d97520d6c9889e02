package io.firn.tiering.cold.load;

import java.lang.management.ManagementFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.DoubleSupplier;
import java.util.function.LongSupplier;

/// Who decodes for readers of the past lets producers go first: all the time may be used while
/// processors are idle or nobody produces, and less and less while that is not so. A thread's low
/// priority alone does not do it, since a backfill also makes sockets, store and collector busy.
/// Thread safe.
public final class BackfillThrottle {
    /// How many of the threads that wake up may find no processor free. At a load `u` of `n`
    /// processors they are about `u` to the `n`, so two processors may be busy a fifth of the time,
    /// eight two thirds. Fewer would slow a backfill more than they help producers
    /// (docs/benchmarks.md).
    private static final double FIND_NONE_FREE = 0.04;

    private static final double LEAST_SHARE = 0.05; // a backfill goes on, however busy others are
    private static final double MORE = 0.1;
    private static final double LESS = 0.8;
    private static final long LOOK_EVERY_NANOS = TimeUnit.MILLISECONDS.toNanos(100);
    private static final long LONGEST_REST_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final LongSupplier appends;
    private final DoubleSupplier load;
    private final LongSupplier nanoTime;
    private final double busy; // a load from 0 to 1
    private double share = 1;
    private long lastAppends;
    private long lastLook;
    private long notBefore;

    /// Looks at the machine, or at the container's part of it.
    ///
    /// @param appends changes while somebody produces
    public BackfillThrottle(LongSupplier appends) {
        this(
                appends,
                ManagementFactory.getOperatingSystemMXBean()
                                instanceof com.sun.management.OperatingSystemMXBean system
                        ? system::getCpuLoad
                        : () -> -1,
                Runtime.getRuntime().availableProcessors(),
                System::nanoTime);
    }

    /// @param load from 0 to 1, since the last call; less than 0 when it is not known
    public BackfillThrottle(
            LongSupplier appends, DoubleSupplier load, int processors, LongSupplier nanoTime) {
        this.appends = appends;
        this.load = load;
        this.busy = Math.pow(FIND_NONE_FREE, 1.0 / processors);
        this.nanoTime = nanoTime;
        this.lastLook = nanoTime.getAsLong();
        this.notBefore = lastLook;
    }

    /// Waits until it is this thread's turn; an interrupt ends the wait.
    void await() {
        long rest = restNanos();
        if (rest > 0) {
            LockSupport.parkNanos(this, rest);
        }
    }

    public synchronized long restNanos() {
        return notBefore - nanoTime.getAsLong();
    }

    /// So much was done just now; what comes next has to wait for its turn.
    public synchronized void worked(long nanos) {
        long now = nanoTime.getAsLong();
        if (now - lastLook >= LOOK_EVERY_NANOS) {
            lastLook = now;
            long before = lastAppends;
            lastAppends = appends.getAsLong();
            share =
                    lastAppends != before && load.getAsDouble() > busy
                            ? Math.max(LEAST_SHARE, share * LESS)
                            : Math.min(1, share + MORE);
        }
        long rest = (long) (nanos * (1 / share - 1));
        notBefore = now + Math.min(rest, LONGEST_REST_NANOS);
    }
}
