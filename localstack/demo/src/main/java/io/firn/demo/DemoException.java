package io.firn.demo;

/// The demo cannot go on, or found a record that is not what was produced. One line for its user.
final class DemoException extends RuntimeException {
    private static final long serialVersionUID = 1;

    DemoException(String message) {
        super(message);
    }

    DemoException(String message, Throwable cause) {
        super(message, cause);
    }
}
