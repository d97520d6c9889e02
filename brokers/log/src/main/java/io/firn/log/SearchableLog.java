package io.firn.log;

import java.util.List;
import java.util.Optional;

/// A log as somebody asks it for an offset. What is only in the table is not searched here.
public interface SearchableLog extends LogOffsets {
    /// The first record at or after this time below the high watermark, in local segments only.
    Optional<TimestampOffset> offsetForTimestamp(long timestamp);

    /// The record with the largest timestamp in local segments; `NONE` when there is none.
    TimestampOffset maxTimestamp();

    EpochEnd endOffsetForEpoch(int epoch);

    List<EpochEntry> epochs();
}
