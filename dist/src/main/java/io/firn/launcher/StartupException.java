package io.firn.launcher;

/// Firn cannot start, for a reason its user can mend. The message is one line that names the
/// action, the thing, the value and the way out; it is printed without a stack trace and the exit
/// status is 1.
final class StartupException extends RuntimeException {
    private static final long serialVersionUID = 1;

    StartupException(String message) {
        super(message);
    }

    StartupException(String message, Throwable cause) {
        super(message, cause);
    }
}
