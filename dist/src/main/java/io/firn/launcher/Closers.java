package io.firn.launcher;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.util.ArrayDeque;
import java.util.Deque;

/// What was started, closed in the opposite order, each whatever happened to the others. Thread
/// safe.
final class Closers implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Closers.class);

    private final Deque<AutoCloseable> started = new ArrayDeque<>();
    private boolean closed;

    /// @throws IllegalStateException when all is closed already; then `part` is closed, too
    synchronized <T extends AutoCloseable> T add(T part) {
        if (closed) {
            close(part);
            throw new IllegalStateException("Stopped while it was starting");
        }
        started.push(part);
        return part;
    }

    @Override
    public void close() {
        AutoCloseable part;
        while ((part = next()) != null) {
            close(part);
        }
    }

    private static void close(AutoCloseable part) {
        try {
            part.close();
        } catch (Exception e) {
            LOG.warn("{} did not close cleanly", part.getClass().getSimpleName(), e);
        }
    }

    private synchronized @org.jspecify.annotations.Nullable AutoCloseable next() {
        closed = true;
        return started.poll();
    }
}
