package io.firn.tiering.cold.offload;

import io.firn.catalog.client.CatalogException;
import io.firn.objectstore.StoreBusyException;
import io.firn.objectstore.StoreUnavailableException;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;
import java.util.function.Supplier;

/// Repeats one step while the world says "not now", with growing, jittered pauses, until a deadline
/// (C10). A store that says it has too much to do is given longer than one that did not answer, on
/// a schedule of its own.
final class Retry {
    /// The deadline passed, or the offloader stops.
    static final class GivenUpException extends RuntimeException {
        GivenUpException(String message, Throwable cause) {
            super(message, cause);
        }
    }

    private final InstantSource clock;
    private final Instant deadline;
    private final Duration first;
    private final Duration most;
    private final Consumer<RuntimeException> failed;

    Retry(
            InstantSource clock,
            Instant deadline,
            Duration first,
            Duration most,
            Consumer<RuntimeException> failed) {
        this.clock = clock;
        this.deadline = deadline;
        this.first = first;
        this.most = most;
        this.failed = failed;
    }

    boolean expired() {
        return !clock.instant().isBefore(deadline);
    }

    <T> T until(String step, Supplier<T> work) {
        Duration pause = first;
        Duration busyPause = first.multipliedBy(5);
        while (true) {
            try {
                return work.get();
            } catch (CatalogException | StoreUnavailableException e) {
                if (e instanceof CatalogException c && !c.retriable()) {
                    throw e;
                }
                failed.accept(e);
                boolean busy = e instanceof StoreBusyException;
                Duration wait = busy ? busyPause : pause;
                if (clock.instant().plus(wait).isAfter(deadline)
                        || Thread.currentThread().isInterrupted()) {
                    throw new GivenUpException("Gave up to %s at its deadline".formatted(step), e);
                }
                sleep(step, wait, e);
                if (busy) {
                    busyPause = doubled(busyPause);
                } else {
                    pause = doubled(pause);
                }
            }
        }
    }

    private Duration doubled(Duration pause) {
        Duration twice = pause.multipliedBy(2);
        return twice.compareTo(most) < 0 ? twice : most;
    }

    void run(String step, Runnable work) {
        until(
                step,
                () -> {
                    work.run();
                    return true;
                });
    }

    private static void sleep(String step, Duration pause, RuntimeException cause) {
        try {
            Thread.sleep(jittered(pause));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new GivenUpException("Stopped waiting to %s".formatted(step), cause);
        }
    }

    /// Half to all of the pause, so that many partitions do not come back together.
    static Duration jittered(Duration pause) {
        long millis = Math.max(1, pause.toMillis());
        return Duration.ofMillis(millis / 2 + ThreadLocalRandom.current().nextLong(millis / 2 + 1));
    }
}
