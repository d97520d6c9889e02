package io.firn.protocol;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;

import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/// Lets ten warnings of a kind through in ten seconds and counts the others, so that no peer can
/// fill the log or make an event loop wait for it. Thread safe.
public final class Seldom {
    private static final int MOST = 10;
    private static final long WINDOW_NANOS = TimeUnit.SECONDS.toNanos(10);

    private final Logger log;
    private final LongSupplier nanoTime;
    private long since;
    private int told;
    private long kept;

    public Seldom(Logger log) {
        this(log, System::nanoTime);
    }

    Seldom(Logger log, LongSupplier nanoTime) {
        this.log = log;
        this.nanoTime = nanoTime;
        this.since = nanoTime.getAsLong();
    }

    public void warn(String message, @Nullable Object... arguments) {
        long before = pass();
        if (before > 0) {
            log.warn("{} more warnings like the next one were not written", before);
        }
        if (before >= 0) {
            log.warn(message, arguments);
        }
    }

    /// How many were kept back before this one; -1 when it is, too.
    private synchronized long pass() {
        long now = nanoTime.getAsLong();
        if (now - since > WINDOW_NANOS) {
            since = now;
            told = 0;
        }
        if (told == MOST) {
            kept++;
            return -1;
        }
        told++;
        long before = kept;
        kept = 0;
        return before;
    }
}
