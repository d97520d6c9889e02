package io.firn.catalog.store.commit;

import java.util.List;
import java.util.Optional;
import java.util.UUID;

/// What one commit hides of a data file that stays in the table (C17).
///
/// @param extents of the file, with the offsets below which no row is in the table from now on
/// @param deletes the position deletes that do so; empty when no row lies there
public record HiddenRows(UUID dataFileId, List<HiddenExtent> extents, Optional<Deletes> deletes) {
    public HiddenRows {
        extents = List.copyOf(extents);
    }

    /// A position delete file in the object store.
    ///
    /// @param icebergJson as Iceberg's `ContentFileParser` writes it
    public record Deletes(
            UUID fileId, String path, long size, String checksum, String icebergJson) {}
}
