package io.firn.catalog.client;

import org.jspecify.annotations.Nullable;

/// The catalog, its database or its object store cannot be reached now, and nothing was changed;
/// try again (C11).
public final class CatalogUnavailableException extends CatalogException {
    public CatalogUnavailableException(String message) {
        super(message, null);
    }

    public CatalogUnavailableException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }

    @Override
    public boolean retriable() {
        return true;
    }
}
