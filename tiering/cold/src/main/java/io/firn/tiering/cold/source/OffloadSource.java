package io.firn.tiering.cold.source;

import io.firn.catalog.client.TopicRef;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;

/// One partition that this broker leads and whose records go to the topic's table. Called from the
/// offloader's own threads, by one of them at a time.
public interface OffloadSource {
    TopicRef topic();

    int partition();

    int leaderEpoch();

    /// The settings as they are now.
    OffloadPolicy policy();

    /// First offset that a consumer may read, over both tiers.
    long logStart();

    /// First offset that is still in the local log.
    long localLogStart();

    /// One past the last record of the local log.
    long end();

    /// The local log is not the one that went to the table: it takes and gives nothing from now on
    /// (C2). Whatever is asked of this source later fails with the reason.
    void outOfUse(String why);

    /// `min(high watermark, last stable offset)`; 0 while the leader does not know them yet (C1,
    /// R7).
    long offloadLimit();

    /// Closed segments that end above `from`, ascending and without gaps between them; the first
    /// may begin below `from`. Those above the limit may be among them.
    List<OffloadRange> closed(long from);

    /// The batches of `[start, end)` in offset order, decodable one buffer at a time: each buffer
    /// holds one or more whole batches. May be asked for more than once. The first is the one that
    /// contains `start`, if one does.
    Iterable<ByteBuffer> batches(long start, long end);

    /// Names each batch that the closed segments hold with an offset in `[start, end)`, in offset
    /// order: what [#batches] has to hand over, found without it (C17).
    void held(long start, long end, HeldBatch batch);

    /// Is told of one batch in the log.
    interface HeldBatch {
        /// @param last its last offset
        /// @param size in bytes, header included
        void at(long base, long last, int size, int crc);
    }

    /// Base offset of the closed batch that contains `offset`; `offset` itself where none does
    /// (C17).
    default long batchStart(long offset) {
        long[] start = {offset};
        held(offset, offset + 1, (base, last, size, crc) -> start[0] = Math.min(start[0], base));
        return start[0];
    }

    /// Leader epochs of the range: `[{"epoch":3,"startOffset":100},...]`, ascending; the first
    /// entry is the epoch that `start` belongs to, with `startOffset` at most `start`.
    String epochLineageJson(long start, long end);

    /// Aborted transactions that overlap the range:
    /// `[{"producerId":7,"firstOffset":100,"lastOffset":120,"lastStableOffset":121},...]`.
    String abortIndexJson(long start, long end);

    /// Producer state at `end`, or an empty array.
    byte[] producerSnapshot(long end);

    /// Closes the active segment if it has records and the oldest of them is at least this old.
    void rollIfOlderThan(Duration age);

    /// Everything below `coldEnd` is committed in the table as read back, and its objects are there
    /// (C4): local copies may go after `local.retention`.
    void tieredUpTo(long coldEnd);

    /// Retention over both tiers: journal the new log start, durably, before returning (L6). The
    /// catalog retires the rows only afterwards.
    void logStartMoved(long logStart);
}
