package io.firn.catalog.store.commit;

import org.jspecify.annotations.Nullable;

/// Another committer holds the lease; this one must stop.
public final class StaleCommitterException extends RuntimeException {
    public StaleCommitterException(String message) {
        super(message);
    }

    public StaleCommitterException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
