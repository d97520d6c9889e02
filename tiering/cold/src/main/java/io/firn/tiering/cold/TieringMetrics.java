package io.firn.tiering.cold;

import io.firn.catalog.client.TopicRef;

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

    /// Records and bytes that are closed but not yet cold.
    default void offloadLag(TopicRef topic, int partition, long records, long bytes) {}

    /// An object that the cold index names is not there (C5): an alarm.
    default void objectMissing(String path) {}

    /// Bytes read from the object store for readers.
    default void coldFetched(long bytes) {}

    /// Bytes handed to readers.
    default void coldRead(long bytes) {}

    default void cacheHit() {}

    default void cacheMiss() {}
}
