package io.firn.tiering.table.file;

import java.nio.file.Path;
import java.util.List;
import java.util.UUID;

/// A data file on local disk, ready for upload.
///
/// @param crc32c of the whole file, eight lower-case hex digits
/// @param rows Iceberg's record count; 0 when no batch became rows
/// @param unmappedSchemaIds ids that values began with and that have no columns yet. Whoever wants
///     those values typed asks the catalog for columns and encodes again; ids that the registry
///     does not know stay here
public record EncodedFile(
        Path file,
        long size,
        String crc32c,
        long rows,
        int specId,
        FileMetrics metrics,
        java.util.Set<Integer> unmappedSchemaIds,
        List<EncodedSegment> segments) {

    /// The file as Iceberg's data file JSON (`ContentFileParser`), under the path that it will have
    /// in the store.
    ///
    /// @param location whole address, for example `s3://bucket/public/orders-…/data/0/….parquet`
    public String icebergDataFileJson(String location) {
        return DataFileJson.of(this, location);
    }

    /// One segment's part of the file.
    ///
    /// @param maxTimestamp largest record timestamp in milliseconds, -1 when there is none
    /// @param contentDigest SHA-256 of the batches' content (see {@link ContentDigest})
    /// @param seekIndexJson what {@link SegmentDecoder} needs to read this segment's row groups;
    ///     also in the footer
    /// @param flaws what did not fit its columns, and what became of it (C19)
    public record EncodedSegment(
            UUID segmentUuid,
            UUID topicId,
            int partition,
            long start,
            long end,
            long maxTimestamp,
            byte[] contentDigest,
            String seekIndexJson,
            Counts counts,
            List<FlawCount> flaws) {}

    /// What became of a segment's batches and records.
    ///
    /// @param opaqueBatches those without rows
    /// @param typedValues those in columns
    /// @param rawValues those that are not in columns
    public record Counts(
            long batches,
            long opaqueBatches,
            long records,
            long typedValues,
            long rawValues,
            long recordBytes) {}
}
