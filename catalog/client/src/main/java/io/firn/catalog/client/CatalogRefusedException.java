package io.firn.catalog.client;

import org.jspecify.annotations.Nullable;

/// The catalog understood the request and says no; the message says why and what to do.
public final class CatalogRefusedException extends CatalogException {
    public CatalogRefusedException(String message) {
        super(message, null);
    }

    public CatalogRefusedException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }

    @Override
    public boolean retriable() {
        return false;
    }
}
