package io.firn.tiering.cold;

import io.firn.catalog.client.CatalogClient;
import io.firn.objectstore.ObjectStore;

import java.util.UUID;

/// Carries closed segments of the led partitions to their tables.
public final class Offloader implements AutoCloseable {
    public Offloader(
            CatalogClient catalog,
            ObjectStore store,
            OffloadSettings settings,
            TieringMetrics metrics) {}

    /// From now on this broker leads the partition. A second call, with a higher epoch, replaces
    // the first.
    public void lead(OffloadSource source) {}

    public void resign(UUID topicId, int partition) {}

    @Override
    public void close() {}
}
