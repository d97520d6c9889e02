package io.firn.log;

import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.ProduceResponse.RecordError;
import org.jspecify.annotations.Nullable;

import java.util.List;

/// What became of one append.
///
/// @param error `NONE`, or why nothing was appended
/// @param message for people, null when there is nothing to add
/// @param baseOffset first offset given, -1 on error
/// @param lastOffset last offset given, -1 on error
/// @param logAppendTime milliseconds, -1 unless the topic stamps its records (`LogAppendTime`)
/// @param logStartOffset first readable offset when it was appended, -1 when unknown
/// @param recordErrors which records of the batch were the reason, where that is known (KIP-467)
public record Appended(
        Errors error,
        @Nullable String message,
        long baseOffset,
        long lastOffset,
        long logAppendTime,
        long logStartOffset,
        List<RecordError> recordErrors) {
    public Appended {
        recordErrors = List.copyOf(recordErrors);
    }

    public Appended(
            Errors error,
            @Nullable String message,
            long baseOffset,
            long lastOffset,
            long logAppendTime,
            long logStartOffset) {
        this(error, message, baseOffset, lastOffset, logAppendTime, logStartOffset, List.of());
    }

    public static Appended failed(Errors error, @Nullable String message, long logStartOffset) {
        return new Appended(error, message, -1, -1, -1, logStartOffset);
    }

    /// The same, with the records that were the reason.
    public Appended because(List<RecordError> records) {
        return new Appended(
                error, message, baseOffset, lastOffset, logAppendTime, logStartOffset, records);
    }

    public boolean ok() {
        return error == Errors.NONE;
    }
}
