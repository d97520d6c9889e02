package io.firn.objectstore;

/// Another object already has the name. Never retried: write under a new name.
public final class ObjectConflictException extends ObjectStoreException {
    public ObjectConflictException(ObjectKey key, String there, String ours) {
        super(
                "Cannot write object %s: it exists with other content (%s, ours is %s); use a new name"
                        .formatted(key, there, ours),
                null);
    }
}
