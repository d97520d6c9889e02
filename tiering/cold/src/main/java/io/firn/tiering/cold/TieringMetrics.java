package io.firn.tiering.cold;

import io.firn.catalog.client.TopicRef;
import io.firn.tiering.table.file.Flaw;

import java.time.Duration;

/// What the cold tier reports of itself; every method returns at once.
public interface TieringMetrics {
    TieringMetrics NONE = new TieringMetrics() {};

    /// A range is committed as read back.
    ///
    /// @param logBytes as it lay in the log
    /// @param objectBytes as it lies in the store
    /// @param freshness from the append of its oldest record to its commit
    default void offloaded(
            TopicRef topic, int partition, long logBytes, long objectBytes, Duration freshness) {}

    /// How long a step took: `encode`, `upload` or `commit`.
    default void offloadStep(String step, Duration took) {}

    /// A step failed and will be tried again, or the attempt was given up.
    default void offloadFailed(TopicRef topic, int partition, String reason) {}

    /// Records or batches that are in the table now, and did not fit its columns in this way (C19).
    default void flawed(Flaw flaw, long count) {}

    /// Records and bytes that are closed but not yet cold.
    default void offloadLag(TopicRef topic, int partition, long records, long bytes) {}

    /// How many partitions cannot get their oldest closed records into the table for longer than an
    /// attempt may take (C10): an alarm above 0.
    default void offloadStuck(TopicRef topic, int partition, boolean stuck) {}

    /// How many partitions the catalog has forgotten commits of; deletions stop above 0 (C16): an
    /// alarm.
    default void deletesHeld(int partitions) {}

    /// A local copy is not what the table has (C4): an alarm.
    default void copyDiffers(TopicRef topic, int partition) {}

    /// An object that the cold index names is not there (C5): an alarm.
    default void objectMissing(String path) {}

    /// A reader, or the check before local copies go, met offsets that are in no tier (C4): an
    /// alarm.
    default void hole() {}

    /// Bytes read from the object store for readers.
    default void coldFetched(long bytes) {}

    /// Bytes handed to readers.
    default void coldRead(long bytes) {}

    default void cacheHit() {}

    default void cacheMiss() {}
}
