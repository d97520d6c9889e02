package io.firn.protocol;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.util.ArrayDeque;
import java.util.Deque;

/// What was opened, closed in the opposite order, each whatever happened to the others. Thread
/// safe.
public final class CloseStack implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(CloseStack.class);

    private final String owner;
    private final Deque<AutoCloseable> opened = new ArrayDeque<>();
    private boolean closed;

    public CloseStack(String owner) {
        this.owner = owner;
    }

    /// @throws ClosedException when all is closed already; then `part` is closed, too
    public <T extends AutoCloseable> T add(T part) {
        synchronized (this) {
            if (!closed) {
                opened.push(part);
                return part;
            }
        }
        close(owner, part);
        throw new ClosedException(owner);
    }

    @Override
    public void close() {
        AutoCloseable part;
        while ((part = next()) != null) {
            close(owner, part);
        }
    }

    private synchronized @Nullable AutoCloseable next() {
        closed = true;
        return opened.poll();
    }

    /// Closes these in their order.
    public static void closeAll(String owner, AutoCloseable... parts) {
        for (AutoCloseable part : parts) {
            close(owner, part);
        }
    }

    private static void close(String owner, AutoCloseable part) {
        long begin = System.nanoTime();
        try {
            part.close();
            LOG.debug(
                    "{} of {} closed in {} ms",
                    part.getClass().getSimpleName(),
                    owner,
                    (System.nanoTime() - begin) / 1_000_000);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (Exception e) {
            LOG.warn("{} of {} did not close cleanly", part.getClass().getSimpleName(), owner, e);
        }
    }

    /// A part came up when everything was being closed already.
    public static final class ClosedException extends RuntimeException {
        private static final long serialVersionUID = 1;

        public ClosedException(String owner) {
            super("Closed while it was starting: " + owner);
        }
    }
}
