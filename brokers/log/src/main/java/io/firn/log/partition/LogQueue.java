package io.firn.log.partition;

import org.jspecify.annotations.Nullable;

/// The log thread as its logs see it: they hand it work, and it comes back to them.
public interface LogQueue {
    void put(Work work);

    /// It waits for its log's files, and counts from now on.
    void enter(Work work);

    void putEntered(Work work);

    /// It was entered, and does not come.
    void leave(Work work);

    /// Why nothing is appended any more; null while something is. The amount that waits is no
    /// reason: whoever appends holds the bytes anyway, and looks at the gate before it reads more
    /// (L10).
    @Nullable String refusal();

    /// The largest batch that is taken, whatever a topic's `max.message.bytes` says (L10).
    int maxBatch();

    /// The most bytes of one append.
    int maxAppend();

    /// Sequence of the last group that was committed.
    long lastSeq();
}
