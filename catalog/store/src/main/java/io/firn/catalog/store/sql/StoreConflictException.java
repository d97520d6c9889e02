package io.firn.catalog.store.sql;

import org.jspecify.annotations.Nullable;

/// A constraint or a compare-and-set refused the change: someone else was first. Nothing was
/// changed.
public final class StoreConflictException extends RuntimeException {
    public StoreConflictException(String message) {
        super(message);
    }

    public StoreConflictException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
