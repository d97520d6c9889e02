package io.firn.log;

/// What a log tells whoever counts; called on the log's threads, so it must return at once.
public interface LogListener {
    LogListener NONE = new LogListener() {};

    /// A write group became durable.
    ///
    /// @param batches appended batches of the group
    /// @param bytes their bytes
    /// @param nanos from the start of its journal write to its end
    default void groupWritten(int batches, long bytes, long nanos) {}

    /// An append was refused before it got an offset.
    default void refused(String error) {}

    /// Half a ring was released: its segments are flushed and the checkpoint is synced (L5).
    default void released(int logs, long nanos) {}

    default void opened(int openLogs) {}

    default void closed(int openLogs) {}

    /// So many logs get neither retention nor compaction, because one of these failed.
    default void uncleanable(int logs) {}

    /// So many idle producers were forgotten, because clients use too many ids (G7).
    default void producersForgotten(int entries) {}

    /// Looked at now and then: so many strays are on the disk (L14).
    default void kept(int strays) {}

    /// The disk failed (R20): nothing is acknowledged from here on.
    default void offline(String why) {}
}
