package io.firn.objectstore;

import org.jspecify.annotations.Nullable;

/// The store did not answer, or refused for now; the outcome of a write is unknown. Retriable.
public sealed class StoreUnavailableException extends ObjectStoreException
        permits StoreBusyException {
    public StoreUnavailableException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
