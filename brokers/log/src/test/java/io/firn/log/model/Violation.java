package io.firn.log.model;

import org.jspecify.annotations.Nullable;

/// The log is not what the model says.
final class Violation extends AssertionError {
    Violation(String message, @Nullable Throwable cause) {
        super(message, cause);
    }

    static void unless(boolean holds, String message, Object... values) {
        if (!holds) {
            throw new Violation(message.formatted(values), null);
        }
    }
}
