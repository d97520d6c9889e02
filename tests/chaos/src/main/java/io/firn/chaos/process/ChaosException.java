package io.firn.chaos.process;

/// A test of this module found something, or could not be made.
public final class ChaosException extends RuntimeException {
    private static final long serialVersionUID = 1;

    public ChaosException(String message) {
        super(message);
    }

    public ChaosException(String message, Throwable cause) {
        super(message, cause);
    }
}
