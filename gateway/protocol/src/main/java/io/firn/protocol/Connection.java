package io.firn.protocol;

import java.util.function.Supplier;

/// One client connection, as handlers see it. Thread safe.
public interface Connection {
    /// Unique within the process; for logs.
    String id();

    /// State that a handler keeps with the connection: one object per type, made on first use.
    <T> T attribute(Class<T> type, Supplier<T> create);

    /// Runs `action` once when the connection is closed; at once if it already is.
    void onClose(Runnable action);

    void close();
}
