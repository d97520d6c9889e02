package io.firn.benchmarks;

/// What the user can mend, or a server that did not do what it was asked; its message is all that
/// is printed.
public final class BenchException extends RuntimeException {
    public BenchException(String message) {
        super(message);
    }

    public BenchException(String message, Throwable cause) {
        super(message, cause);
    }
}
