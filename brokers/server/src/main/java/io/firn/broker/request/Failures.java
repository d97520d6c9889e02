package io.firn.broker.request;

import org.apache.kafka.common.errors.ApiException;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;

import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;

/// Turns what was thrown into what the client hears; the one place that does.
public final class Failures {
    private Failures() {}

    public static Errors error(@Nullable Throwable failure) {
        return failure == null ? Errors.UNKNOWN_SERVER_ERROR : Errors.forException(cause(failure));
    }

    /// The message of an expected failure; of a bug only its name, since its message was not
    /// written for clients.
    public static @Nullable String message(@Nullable Throwable failure) {
        if (failure == null) {
            return null;
        }
        Throwable cause = cause(failure);
        return cause instanceof ApiException
                ? cause.getMessage()
                : Errors.forException(cause).message();
    }

    public static Throwable cause(Throwable failure) {
        Throwable cause = failure;
        while ((cause instanceof CompletionException || cause instanceof ExecutionException)
                && cause.getCause() != null) {
            cause = cause.getCause();
        }
        return cause;
    }
}
