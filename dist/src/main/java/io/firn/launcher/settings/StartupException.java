package io.firn.launcher.settings;

import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.KafkaStorageException;
import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Optional;

/// Firn cannot start, for a reason its user can mend. The message is one line that names the
/// action, the thing, the value and the way out; it is printed without a stack trace and the exit
/// status is 1.
public final class StartupException extends RuntimeException {
    private static final long serialVersionUID = 1;

    public StartupException(String message) {
        super(message);
    }

    public StartupException(String message, Throwable cause) {
        super(message, cause);
    }

    /// The reason behind a failed start, if its user can mend it: one of this type, or a refusal
    /// that a part of Firn wrote itself ("Cannot ..."). What the JVM says in the same words
    /// ("Cannot invoke ... because ... is null"), or the JDK, is none.
    public static Optional<StartupException> in(@Nullable Throwable error) {
        for (Throwable e = error; e != null; e = e.getCause()) {
            if (e instanceof StartupException own) {
                return Optional.of(own);
            }
            String message = e.getMessage();
            if (message != null && message.startsWith("Cannot ") && isOfFirnsMaking(e)) {
                return Optional.of(new StartupException(message, e));
            }
        }
        return Optional.empty();
    }

    /// The message without its line breaks.
    public String line() {
        return String.join(" ", String.valueOf(getMessage()).lines().map(String::strip).toList());
    }

    /// Of a type that the JVM throws by itself nowhere, and made in Firn's code. A storage error,
    /// which has no stack trace (Kafka's API exceptions have none), is the disk's whoever says it.
    private static boolean isOfFirnsMaking(Throwable error) {
        if (error instanceof KafkaStorageException) {
            return true;
        }
        boolean thrownByHand =
                error instanceof IllegalStateException
                        || error instanceof IllegalArgumentException
                        || error instanceof IOException
                        || error instanceof UncheckedIOException
                        || error instanceof KafkaException
                        || isFirns(error.getClass().getName());
        StackTraceElement[] frames = error.getStackTrace();
        return thrownByHand && frames.length > 0 && isFirns(frames[0].getClassName());
    }

    private static boolean isFirns(String className) {
        return className.startsWith("io.firn.");
    }
}
