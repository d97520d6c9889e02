package io.firn.tiering.table.file;

import java.nio.ByteBuffer;
import java.util.Map;

/// Iceberg's column metrics of one file, by field id.
public record FileMetrics(
        Map<Integer, Long> columnSizes,
        Map<Integer, Long> valueCounts,
        Map<Integer, Long> nullCounts,
        Map<Integer, ByteBuffer> lowerBounds,
        Map<Integer, ByteBuffer> upperBounds,
        java.util.List<Long> splitOffsets) {}
