package io.firn.catalog.client;

import org.jspecify.annotations.Nullable;

/// The request was sent and no answer came: it may or may not have happened. Repeat the identical
/// call or read back; clean up nothing (C3).
public final class UnknownOutcomeException extends CatalogException {
    public UnknownOutcomeException(String message) {
        super(message, null);
    }

    public UnknownOutcomeException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }

    @Override
    public boolean retriable() {
        return true;
    }
}
