package io.firn.catalog.store.commit;

import java.util.List;
import java.util.Set;
import java.util.UUID;

/// All that one tiering commit changes.
///
/// @param commitUuid names the attempt, so that its outcome can be read back (C3)
/// @param commitSeq the table's next number; the snapshot summary carries it too
/// @param before the metadata pointer that the attempt was built on
/// @param after the metadata that it wrote
/// @param segments ascending by partition and offset
/// @param removedFiles files that the new metadata does not name any more (retention)
/// @param hidden rows of files that stay, which the new metadata takes out (C17)
/// @param removedDeletes position delete files that it does not name any more
/// @param droppedMetadata metadata files that left the metadata log
public record TieringCommit(
        UUID commitUuid,
        UUID topicId,
        UUID tableId,
        long commitSeq,
        String before,
        String after,
        List<PendingSegment> segments,
        Set<UUID> removedFiles,
        List<HiddenRows> hidden,
        Set<UUID> removedDeletes,
        List<String> droppedMetadata) {
    public TieringCommit {
        segments = List.copyOf(segments);
        removedFiles = Set.copyOf(removedFiles);
        hidden = List.copyOf(hidden);
        removedDeletes = Set.copyOf(removedDeletes);
        droppedMetadata = List.copyOf(droppedMetadata);
    }
}
