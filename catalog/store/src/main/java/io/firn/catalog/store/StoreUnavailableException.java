package io.firn.catalog.store;

import org.jspecify.annotations.Nullable;

/// Postgres does not answer, or refused for now; nothing was changed.
public final class StoreUnavailableException extends RuntimeException {
    public StoreUnavailableException(String message) {
        super(message);
    }

    public StoreUnavailableException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
