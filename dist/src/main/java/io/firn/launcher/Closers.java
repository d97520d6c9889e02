package io.firn.launcher;

import java.util.ArrayDeque;
import java.util.Deque;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What was started, closed in the opposite order, each whatever happened to the others. Thread safe.
final class Closers implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Closers.class);

    private final Deque<AutoCloseable> started = new ArrayDeque<>();

    synchronized <T extends AutoCloseable> T add(T part) {
        started.push(part);
        return part;
    }

    @Override
    public void close() {
        AutoCloseable part;
        while ((part = next()) != null) {
            try {
                part.close();
            } catch (Exception e) {
                LOG.warn("{} did not close cleanly", part.getClass().getSimpleName(), e);
            }
        }
    }

    private synchronized @org.jspecify.annotations.Nullable AutoCloseable next() {
        return started.poll();
    }
}
