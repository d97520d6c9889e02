package io.firn.objectstore;

import org.jspecify.annotations.Nullable;

/// The store answered that it gets too much (503 `SlowDown`, 429): send less, and later (C10).
public final class StoreBusyException extends StoreUnavailableException {
    public StoreBusyException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
