package io.firn.catalog.store.commit;

import io.firn.catalog.store.commit.CommitStore.FileToCommit;

import java.util.List;
import java.util.Optional;

/// Rows of one data file that leave the table although the file stays (C17).
///
/// @param extents all of the file, each with the offset below which its rows go
/// @param before the position deletes that it has so far
public record RowsToHide(
        FileToCommit file, List<HiddenExtent> extents, Optional<FileToCommit> before) {
    public RowsToHide {
        extents = List.copyOf(extents);
    }
}
