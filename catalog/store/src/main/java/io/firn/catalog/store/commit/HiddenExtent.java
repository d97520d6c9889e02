package io.firn.catalog.store.commit;

import java.util.UUID;

/// A segment's part of a data file, and how much of it is not in the table.
///
/// @param below offset below which no row of it is in the table; 0 for none
public record HiddenExtent(
        UUID segmentUuid, int partition, long start, String seekIndexJson, long below) {}
