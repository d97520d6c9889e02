package io.firn.protocol;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;

import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.LongSupplier;

/// Lets ten lines of a kind through in ten seconds, or one a minute, and counts the others; cuts
/// long texts. So no peer can fill the log or make an event loop wait for it. Thread safe.
public final class RateLimitedLog {
    private static final int MOST = 10;
    private static final long MINUTE_NANOS = TimeUnit.MINUTES.toNanos(1);
    private static final int MOST_TEXT = 300;
    private static final long WINDOW_NANOS = TimeUnit.SECONDS.toNanos(10);

    private final Logger log;
    private final int most;
    private final long windowNanos;
    private final LongSupplier nanoTime;
    private long since;
    private int told;
    private long kept;

    public RateLimitedLog(Logger log) {
        this(log, System::nanoTime);
    }

    RateLimitedLog(Logger log, LongSupplier nanoTime) {
        this(log, MOST, WINDOW_NANOS, nanoTime);
    }

    /// For what stays as it is until somebody mends it, and is met again and again meanwhile: one
    /// line a minute.
    public static RateLimitedLog everyMinute(Logger log) {
        return everyMinute(log, System::nanoTime);
    }

    static RateLimitedLog everyMinute(Logger log, LongSupplier nanoTime) {
        return new RateLimitedLog(log, 1, MINUTE_NANOS, nanoTime);
    }

    private RateLimitedLog(Logger log, int most, long windowNanos, LongSupplier nanoTime) {
        this.log = log;
        this.most = most;
        this.windowNanos = windowNanos;
        this.nanoTime = nanoTime;
        this.since = nanoTime.getAsLong();
    }

    public void warn(String message, @Nullable Object... arguments) {
        write(log::warn, message, arguments);
    }

    /// @param arguments the last may be an exception, whose stack trace is written
    public void error(String message, @Nullable Object... arguments) {
        write(log::error, message, arguments);
    }

    private void write(
            BiConsumer<String, @Nullable Object[]> level,
            String message,
            @Nullable Object... arguments) {
        long before = pass();
        if (before > 0) {
            log.warn("{} more warnings like the next one were not written", before);
        }
        if (before >= 0) {
            for (int i = 0; i < arguments.length; i++) {
                arguments[i] = cut(arguments[i]);
            }
            level.accept(message, arguments);
        }
    }

    private static @Nullable Object cut(@Nullable Object argument) {
        if (argument == null || argument instanceof Throwable) {
            return argument;
        }
        String text = argument.toString();
        return text.length() <= MOST_TEXT
                ? text
                : text.substring(0, MOST_TEXT) + "… (%d characters)".formatted(text.length());
    }

    /// How many were kept back before this one; -1 when it is, too.
    private synchronized long pass() {
        long now = nanoTime.getAsLong();
        if (now - since > windowNanos) {
            since = now;
            told = 0;
        }
        if (told == most) {
            kept++;
            return -1;
        }
        told++;
        long before = kept;
        kept = 0;
        return before;
    }
}
