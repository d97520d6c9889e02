package io.firn.catalog.client;

/// The catalog did not do what was asked; the subclass says whether to try again.
public abstract sealed class CatalogException extends RuntimeException
        permits FencedException,
                TopicDroppedException,
                CatalogRefusedException,
                CatalogUnavailableException,
                UnknownOutcomeException {
    CatalogException(String message, @org.jspecify.annotations.Nullable Throwable cause) {
        super(message, cause);
    }

    /// True when the same call may succeed later without anything else having changed.
    public abstract boolean retriable();
}
