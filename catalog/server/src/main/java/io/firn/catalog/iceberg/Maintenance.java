package io.firn.catalog.iceberg;

import io.firn.catalog.Backends;
import io.firn.catalog.CatalogConfig.Timing;
import io.firn.catalog.store.CatalogStore;
import io.firn.catalog.store.StoreUnavailableException;
import io.firn.catalog.store.TableRow;
import io.firn.objectstore.ObjectInfo;
import io.firn.objectstore.ObjectKey;

import org.apache.iceberg.BaseTable;
import org.apache.iceberg.ExpireSnapshots;
import org.apache.iceberg.exceptions.CommitFailedException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/// Expires snapshots of topic tables, deletes data files that retention took from the table once no
/// snapshot names them, empties the folders of dropped tables and sweeps orphans (FORMAT §6.3, C5,
/// C6).
public final class Maintenance implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Maintenance.class);

    private static final Duration SWEEP_EVERY = Duration.ofHours(6);

    private final Backends backends;
    private final MetadataFiles files;
    private final Timing timing;
    private final OrphanSweep orphans;
    private Instant nextSweep = Instant.EPOCH; // of the maintenance thread only
    private volatile @Nullable Thread thread;

    public Maintenance(Backends backends, MetadataFiles files, Timing timing) {
        this.backends = backends;
        this.files = files;
        this.timing = timing;
        this.orphans = new OrphanSweep(backends, files, InstantSource.system());
    }

    public void start() {
        thread = Thread.ofVirtual().name("maintenance").start(this::run);
    }

    private void run() {
        while (!Thread.currentThread().isInterrupted()) {
            try {
                Thread.sleep(timing.maintenanceInterval());
                round();
                sweepWhenDue();
            } catch (InterruptedException e) {
                return;
            } catch (StoreUnavailableException e) {
                LOG.info("Maintenance waits: {}", e.getMessage());
            } catch (RuntimeException e) {
                LOG.error("A round of maintenance failed; the next one begins anew", e);
            }
        }
    }

    /// One round over all topic tables.
    public void round() {
        CatalogStore store = backends.store();
        for (TableRow row : store.tables().topicTables()) {
            try {
                expire(store, row);
            } catch (CommitFailedException e) {
                LOG.debug("Table {} changed meanwhile; it is expired next time", row.name());
            }
        }
        for (String location : store.topics().locationsToPurge(timing.grace())) {
            purge(store, location);
        }
    }

    /// C6: rarely, since it lists every table's folder.
    private void sweepWhenDue() {
        if (Instant.now().isBefore(nextSweep)) {
            return;
        }
        nextSweep = Instant.now().plus(SWEEP_EVERY);
        int deleted = orphans.sweep();
        if (deleted > 0) {
            LOG.info("The orphan sweep deleted {} objects that nothing names", deleted);
        }
    }

    private void expire(CatalogStore store, TableRow row) {
        FirnTableOperations operations = TopicTables.operations(() -> store, files, row);
        BaseTable table = new BaseTable(operations, row.namespace() + "." + row.name());
        long olderThan = Instant.now().minus(timing.keepSnapshots()).toEpochMilli();
        boolean anyOld = false;
        int count = 0;
        for (var snapshot : table.snapshots()) {
            anyOld |= snapshot.timestampMillis() < olderThan;
            count++;
        }
        if (!anyOld || count <= timing.keepLast()) {
            return;
        }
        List<String> unreachable = Collections.synchronizedList(new ArrayList<>());
        // Files are only collected: their deletion is ours to judge, after the commit.
        ExpireSnapshots expiry =
                table.expireSnapshots()
                        .expireOlderThan(olderThan)
                        .retainLast(timing.keepLast())
                        .deleteWith(unreachable::add);
        expiry.commit();
        int metadata = 0;
        List<String> data = new ArrayList<>();
        for (String path : unreachable) {
            if (path.contains("/metadata/")) {
                files.deleteFile(path);
                metadata++;
            } else {
                data.add(path);
            }
        }
        // A data file goes only when retention took it (RETIRED) and the grace is over (C5).
        List<String> deletable = store.commits().deletable(data, timing.grace());
        for (String path : deletable) {
            files.deleteFile(path);
            store.commits().deleted(path);
        }
        LOG.info(
                "Table {}.{}: snapshots expired, {} metadata and {} data files deleted",
                row.namespace(),
                row.name(),
                metadata,
                deletable.size());
    }

    private void purge(CatalogStore store, String location) {
        String prefix = ObjectKey.ofAddress(location).name() + "/";
        List<ObjectKey> keys;
        try (var listing = backends.objects().list(prefix)) {
            keys = listing.map(ObjectInfo::key).toList();
        }
        keys.forEach(backends.objects()::delete);
        store.topics().purged(location);
        LOG.info("Dropped table's folder {} is gone: {} objects", location, keys.size());
    }

    @Override
    public void close() {
        Thread running = thread;
        if (running != null) {
            running.interrupt();
        }
    }
}
