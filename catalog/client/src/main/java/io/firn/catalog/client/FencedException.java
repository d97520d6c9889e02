package io.firn.catalog.client;

import org.jspecify.annotations.Nullable;

/// A higher leader epoch has raised the partition's fence, or the range is not the next one: this
/// leader must stop offloading and raise the fence anew (C2, C7).
public final class FencedException extends CatalogException {
    public FencedException(String message) {
        super(message, null);
    }

    public FencedException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }

    @Override
    public boolean retriable() {
        return false;
    }
}
