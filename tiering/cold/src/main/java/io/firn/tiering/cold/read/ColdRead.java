package io.firn.tiering.cold.read;

import org.apache.kafka.common.record.internal.MemoryRecords;

import java.util.List;

/// What one cold read found.
///
/// @param records whole batches, from the one that contains the asked offset or the first after it;
///     empty when no record is left between the asked offset and `nextOffset`
/// @param aborted transactions to leave out under read_committed; they overlap the records
/// @param nextOffset where the next read begins; always above the asked offset, unless that is at
///     or above `coldEnd`
/// @param coldEnd one past the last cold offset: from here on the hot log answers
/// @param done to be called once when nobody looks at the records any more, whose memory is then
///     used again; where nobody calls it, the collector takes them
public record ColdRead(
        MemoryRecords records,
        List<AbortedRange> aborted,
        long nextOffset,
        long coldEnd,
        Runnable done) {
    /// One aborted transaction.
    public record AbortedRange(long producerId, long firstOffset, long lastOffset) {}

    static ColdRead nothing(long nextOffset, long coldEnd) {
        return new ColdRead(MemoryRecords.EMPTY, List.of(), nextOffset, coldEnd, () -> {});
    }
}
