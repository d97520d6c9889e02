package io.firn.log;

import java.util.List;
import java.util.Optional;

/// A log as its closed segments go to the table, and as its start follows.
public interface TieredLog extends LogOffsets {
    /// Empty when the active segment has no records.
    Optional<ActiveSegment> active();

    /// Closes the active segment if it has bytes.
    void roll();

    /// Closed segments wholly below the high watermark, oldest first. An idle log whose segments
    /// are all in the table answers none, without opening its files.
    List<ClosedSegment> closed();

    List<EpochEntry> epochs();

    List<AbortedTxn> aborted(long start, long end);

    /// Producer state as of this offset, in Kafka's snapshot format; empty when no snapshot is at
    /// that offset. Every closed segment's end has one.
    byte[] producerSnapshot(long atOffset);

    /// Everything below is committed in the table as read back: local copies may go after
    /// `local.retention`.
    void tieredUpTo(long offset);

    /// Moves the log start up (DeleteRecords); on return it is durable (L6).
    ///
    /// @throws org.apache.kafka.common.errors.OffsetOutOfRangeException above the high watermark
    void deleteRecordsBefore(long offset);
}
