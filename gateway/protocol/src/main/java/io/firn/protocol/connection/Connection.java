package io.firn.protocol.connection;

import java.util.concurrent.ScheduledFuture;
import java.util.function.Supplier;

/// One client connection, as handlers see it. Thread safe.
public interface Connection {
    /// Unique within the process; for logs.
    String id();

    /// State that a handler keeps with the connection: one object per type, made on first use.
    <T> T attribute(Class<T> type, Supplier<T> create);

    /// Runs `action` once when the connection is closed; at once if it already is.
    void onClose(Runnable action);

    /// Runs `action` on the connection's own thread, where it must not wait, after so long. May not
    /// run at all when the connection or the server is closed by then.
    ScheduledFuture<?> after(long millis, Runnable action);

    /// Reads nothing more from the client for now, or goes on (L10). Requests that were read are
    /// served meanwhile.
    void pause(boolean paused);

    void close();
}
