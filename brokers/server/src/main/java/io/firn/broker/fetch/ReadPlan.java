package io.firn.broker.fetch;

import io.firn.broker.partition.LogView;

/// Where the records at one offset are, as of one look at the partition.
sealed interface ReadPlan {
    /// In local segments, below what the reader may see.
    record Hot() implements ReadPlan {}

    /// Only in the table.
    record Cold() implements ReadPlan {}

    /// Nothing to read yet: between what the reader may see and the log end.
    record AtEnd() implements ReadPlan {}

    /// Outside `[logStart, logEnd]`: deleted, or not written yet.
    record OutOfRange(long logStart, long logEnd) implements ReadPlan {}

    /// Decides for `offset`.
    static ReadPlan of(long offset, LogView view) {
        if (offset < view.logStart() || offset > view.logEnd()) {
            return new OutOfRange(view.logStart(), view.logEnd());
        }
        // C9: what is local is read locally, whether or not the table has it too.
        if (offset < view.localStart()) {
            return new Cold();
        }
        return offset < view.limit() ? new Hot() : new AtEnd();
    }
}
