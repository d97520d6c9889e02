package io.firn.catalog.client;

import java.util.List;

/// The cold index of one partition at one moment.
///
/// @param coldEnd one past the last committed offset; 0 before the first commit
/// @param logStart first offset that retention has left
/// @param generation counts every change of this partition's cold state; a broker that sees it go
///     back stops deleting (C16)
/// @param segments committed and not retired, ascending by start
public record ColdState(long coldEnd, long logStart, long generation, List<ColdSegment> segments) {
    /// Nothing is cold.
    public static final ColdState EMPTY = new ColdState(0, 0, 0, List.of());

    public ColdState {
        segments = List.copyOf(segments);
    }
}
