package io.firn.objectstore;

import org.jspecify.annotations.Nullable;

/// The store answered, and has no such object (C5: look the object up again, then try once more).
public final class ObjectMissingException extends ObjectStoreException {
    public ObjectMissingException(ObjectKey key, @Nullable Throwable cause) {
        super("Cannot read object %s: the store has none of that name".formatted(key), cause);
    }
}
