package io.firn.chaos;

/// A test of this module found something, or could not be made.
final class ChaosException extends RuntimeException {
    private static final long serialVersionUID = 1;

    ChaosException(String message) {
        super(message);
    }

    ChaosException(String message, Throwable cause) {
        super(message, cause);
    }
}
