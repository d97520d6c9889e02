package io.firn.catalog.store.sql;

import org.jspecify.annotations.Nullable;

/// Postgres does not answer, or refused for now; nothing was changed.
public final class BackendUnavailableException extends RuntimeException {
    public BackendUnavailableException(String message) {
        super(message);
    }

    public BackendUnavailableException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
