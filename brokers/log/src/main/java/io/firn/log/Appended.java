package io.firn.log;

import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;

/// What became of one append.
///
/// @param error `NONE`, or why nothing was appended
/// @param message for people, null when there is nothing to add
/// @param baseOffset first offset given, -1 on error
/// @param lastOffset last offset given, -1 on error
/// @param logAppendTime milliseconds, -1 unless the topic stamps its records (`LogAppendTime`)
/// @param logStartOffset first readable offset when it was appended, -1 when unknown
public record Appended(
        Errors error,
        @Nullable String message,
        long baseOffset,
        long lastOffset,
        long logAppendTime,
        long logStartOffset) {

    public static Appended failed(Errors error, @Nullable String message, long logStartOffset) {
        return new Appended(error, message, -1, -1, -1, logStartOffset);
    }

    public boolean ok() {
        return error == Errors.NONE;
    }
}
