package io.firn.catalog.client;

import java.util.UUID;

/// Which rows of a file hold `[start, end)` of a segment.
///
/// @param seekIndexJson row groups with their offsets and byte ranges (FORMAT §5.4)
public record ExtentRow(
        UUID segmentUuid, UUID fileId, long start, long end, String seekIndexJson) {}
