package io.firn.catalog.client;

import java.time.Instant;
import java.util.List;

/// A committed segment and where its rows lie. The producer snapshot is left out of `row` unless
/// it is the last segment of its partition.
///
/// @param committedAt when it came into the table
public record ColdSegment(
        SegmentRow row, long commitSeq, Instant committedAt, List<ColdExtent> extents) {
    public ColdSegment {
        extents = List.copyOf(extents);
    }

    public long start() {
        return row.start();
    }

    public long end() {
        return row.end();
    }
}
