package io.firn.objectstore;

import org.jspecify.annotations.Nullable;

/// Why a store did not do what was asked. The three cases call for three different reactions.
public abstract sealed class ObjectStoreException extends RuntimeException
        permits ObjectMissingException, ObjectConflictException, StoreUnavailableException {
    ObjectStoreException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
