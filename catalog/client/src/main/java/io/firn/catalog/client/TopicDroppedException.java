package io.firn.catalog.client;

import org.jspecify.annotations.Nullable;

/// The topic id is tombstoned; nothing of it can be committed any more (C14).
public final class TopicDroppedException extends CatalogException {
    public TopicDroppedException(String message) {
        super(message, null);
    }

    public TopicDroppedException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }

    @Override
    public boolean retriable() {
        return false;
    }
}
