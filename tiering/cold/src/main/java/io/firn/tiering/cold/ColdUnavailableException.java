package io.firn.tiering.cold;

import org.jspecify.annotations.Nullable;

/// The cold tier cannot answer now: catalog or object store are away, or an object that must be
/// there is missing. Retriable; to a client never "offset out of range" (C5).
public final class ColdUnavailableException extends RuntimeException {
    public ColdUnavailableException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
