package io.firn.catalog.client;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/// What brokers ask of the catalog. Calls block (use a virtual thread) and every one may be
/// repeated: the arrows of a segment's life are idempotent.
///
/// All methods throw [CatalogException].
public interface CatalogClient extends AutoCloseable {
    /// Creates the topic's Iceberg table if it is absent, and adds the columns that these registry
    /// schema ids need; answers what a writer needs.
    ///
    /// @param requestedTableName `firn.table.name`, or empty for the name made from the topic's
    TableSpec table(TopicRef topic, String requestedTableName, Set<Integer> schemaIds);

    /// Says that this epoch leads now: lower epochs can commit no more (C2). `logStart` only moves
    /// the stored one up.
    ///
    /// @throws FencedException when a higher epoch was here before
    Fence raiseFence(UUID topicId, int partition, int leaderEpoch, long logStart);

    /// `PREPARED`: recorded before the first byte is uploaded.
    void prepared(SegmentRow row);

    /// `UPLOADED`: the file is in the object store, whole and checked. Every segment that the
    /// extents name takes this step together; `segment` must be one of them. The final digest,
    /// timestamp and indexes may be given anew through [#prepared] before this call.
    void uploaded(UUID segment, FileRow file, List<ExtentRow> extents);

    /// `ABANDONED`: this attempt will never be committed. Without effect once it is committed.
    void abandoned(UUID segment);

    /// The committed segments of a partition; [ColdState#EMPTY] when there are none.
    ColdState coldState(UUID topicId, int partition);

    /// The same, or empty when nothing has changed since `generation`.
    Optional<ColdState> coldStateSince(UUID topicId, int partition, long generation);

    /// Waits until the partition is committed up to `offset`, or the time is over.
    ///
    /// @return the cold end as read back, which may be below `offset`
    long awaitCommitted(UUID topicId, int partition, long offset, Duration atMost);

    /// Retention: segments wholly below `logStart` are retired at once; their files leave the table
    /// by a metadata-only delete, unless `keepRows` (`firn.table.retention=keep`).
    void advanceLogStart(UUID topicId, int partition, long logStart, boolean keepRows);

    default void advanceLogStart(UUID topicId, int partition, long logStart) {
        advanceLogStart(topicId, partition, logStart, false);
    }

    /// Tombstones the topic id and drops its table (C14), unless `keepTable`
    /// (`firn.table.on-delete=keep`).
    void dropTopic(UUID topicId, boolean keepTable);

    default void dropTopic(UUID topicId) {
        dropTopic(topicId, false);
    }

    /// A schema of the registry.
    Optional<SchemaText> schema(int id);

    @Override
    void close();
}
