package io.firn.catalog.store.table;

/// A table's folder is, or lies in, or has in it, what another table owns (C18).
public final class OwnedPrefixException extends RuntimeException {
    public OwnedPrefixException(String message) {
        super(message);
    }
}
