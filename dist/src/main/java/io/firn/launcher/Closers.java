package io.firn.launcher;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Supplier;

/// What was started, closed in the opposite order, each whatever happened to the others. Thread
/// safe.
final class Closers implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Closers.class);

    private final Deque<AutoCloseable> started = new ArrayDeque<>();
    private boolean closed;
    private volatile boolean signalled;

    /// @throws StoppedException when all is closed already; then `part` is closed, too
    <T extends AutoCloseable> T add(T part) {
        synchronized (this) {
            if (!closed) {
                started.push(part);
                return part;
            }
        }
        close(part);
        throw new StoppedException();
    }

    /// Starts parts so that a signal closes those that are up, also while others are still
    /// starting: the hook runs in a thread of its own, and the JVM ends when it returns.
    ///
    /// @throws StoppedException when the signal came first; what failed because of it is no error
    <T> T startUntilSignal(Supplier<T> start) {
        try {
            Runtime.getRuntime()
                    .addShutdownHook(
                            new Thread(
                                    () -> {
                                        signalled = true;
                                        close();
                                    },
                                    "firn-stop"));
        } catch (IllegalStateException e) {
            throw new StoppedException();
        }
        try {
            return start.get();
        } catch (RuntimeException | Error e) {
            if (signalled) {
                throw new StoppedException();
            }
            throw e;
        }
    }

    /// A part came up when everything was being closed already.
    static final class StoppedException extends RuntimeException {
        private static final long serialVersionUID = 1;

        private StoppedException() {
            super("Stopped while it was starting");
        }
    }

    @Override
    public void close() {
        AutoCloseable part;
        while ((part = next()) != null) {
            close(part);
        }
    }

    private static void close(AutoCloseable part) {
        long begin = System.nanoTime();
        try {
            part.close();
            LOG.debug(
                    "{} closed in {} ms",
                    part.getClass().getSimpleName(),
                    (System.nanoTime() - begin) / 1_000_000);
        } catch (Exception e) {
            LOG.warn("{} did not close cleanly", part.getClass().getSimpleName(), e);
        }
    }

    private synchronized @org.jspecify.annotations.Nullable AutoCloseable next() {
        closed = true;
        return started.poll();
    }
}
