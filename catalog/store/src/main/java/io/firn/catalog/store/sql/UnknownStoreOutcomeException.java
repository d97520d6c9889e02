package io.firn.catalog.store.sql;

import org.jspecify.annotations.Nullable;

/// A commit was sent and its answer is lost: read back, clean up nothing (C3).
public final class UnknownStoreOutcomeException extends RuntimeException {
    public UnknownStoreOutcomeException(String message) {
        super(message);
    }

    public UnknownStoreOutcomeException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
