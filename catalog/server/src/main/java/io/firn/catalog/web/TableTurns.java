package io.firn.catalog.web;

import io.micronaut.http.MutableHttpResponse;

import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/// Who reads or writes a table's metadata holds it some times over, as text, as a tree and as
/// objects: of 8 MiB some 90. So it is done for two requests at a time, in the order in
/// which they came, and the others wait, but not for ever (G12). Metadata that is known to be small
/// does not wait: its files are never changed, so their addresses are remembered. Thread safe.
final class TableTurns {
    private static final int AT_ONCE = 2;
    private static final int SMALL_CHARS = 256 * 1024;
    private static final int MOST_REMEMBERED = 4_096;

    /// Too many others are at it.
    static final class BusyException extends RuntimeException {
        BusyException(Duration waited) {
            super(
                    "The catalog is busy with other tables' metadata and had no turn for this request within %s s; try again"
                            .formatted(waited.toSeconds()));
        }
    }

    private final Duration patience;
    private final Semaphore turns = new Semaphore(AT_ONCE, true);
    private final Set<String> small = Collections.synchronizedSet(latest());

    TableTurns(Duration patience) {
        this.patience = patience;
    }

    private static Set<String> latest() {
        return Collections.newSetFromMap(
                new LinkedHashMap<>(16, 0.75f, true) {
                    @Override
                    protected boolean removeEldestEntry(Map.Entry<String, Boolean> eldest) {
                        return size() > MOST_REMEMBERED;
                    }
                });
    }

    /// Answers with a table's metadata.
    ///
    /// @param location of the metadata; empty when there is no such table
    /// @param whole whether the answer has all of it, so that its size says that of the metadata
    /// @throws BusyException when it has no turn in time
    MutableHttpResponse<String> load(
            Optional<String> location, boolean whole, Supplier<MutableHttpResponse<String>> work) {
        if (location.isEmpty() || small.contains(location.get())) {
            return work.get();
        }
        MutableHttpResponse<String> answer = take(work);
        String body = answer.body();
        if (whole && body != null && body.length() <= SMALL_CHARS) {
            small.add(location.get());
        }
        return answer;
    }

    /// Does what makes new metadata.
    ///
    /// @throws BusyException when it has no turn in time
    <T> T take(Supplier<T> work) {
        try {
            if (!turns.tryAcquire(patience.toNanos(), TimeUnit.NANOSECONDS)) {
                throw new BusyException(patience);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new BusyException(patience);
        }
        try {
            return work.get();
        } finally {
            turns.release();
        }
    }
}
