package io.firn.catalog.iceberg;

import io.firn.catalog.Backends;
import io.firn.catalog.CatalogConfig.Timing;
import io.firn.catalog.store.CatalogStore;
import io.firn.catalog.store.sql.BackendUnavailableException;
import io.firn.catalog.store.table.TableRow;
import io.firn.catalog.store.table.TopicStore.DroppedLocation;
import io.firn.objectstore.ObjectInfo;
import io.firn.objectstore.ObjectKey;
import io.micrometer.core.instrument.MeterRegistry;

import org.apache.iceberg.exceptions.CommitFailedException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;

/// Expires snapshots of topic tables, deletes what rows say may be deleted, empties the folders of
/// dropped tables and sweeps orphans (FORMAT §6.3, C5, C6, C18). Everything it does follows from
/// rows, so each round takes up what an earlier one, or another process, left undone.
public final class Maintenance implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Maintenance.class);

    private static final Duration SWEEP_EVERY = Duration.ofHours(6);

    private final Backends backends;
    private final MetadataFiles files;
    private final Timing timing;
    private final HeldTables held;
    private final OrphanSweep orphans;
    private final RetiredObjects retired;
    private final Expiry expiry;

    // Of the maintenance thread only.
    private Instant nextSweep = Instant.EPOCH;
    private Instant serverStart = Instant.EPOCH;
    private volatile @Nullable Thread thread;

    public Maintenance(
            Backends backends, MetadataFiles files, Timing timing, MeterRegistry metrics) {
        this.backends = backends;
        this.files = files;
        this.timing = timing;
        this.held = new HeldTables(metrics);
        this.orphans = new OrphanSweep(backends, files, InstantSource.system(), held);
        this.retired = new RetiredObjects(backends::store, files);
        this.expiry = new Expiry(files, timing, retired);
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
            } catch (BackendUnavailableException e) {
                LOG.info("Maintenance waits: {}", e.getMessage());
            } catch (RuntimeException | Error e) {
                LOG.error("A round of maintenance failed; the next one begins anew", e);
            }
        }
    }

    /// One round over all tables.
    public void round() {
        CatalogStore store = backends.store();
        judgeHistories(store);
        for (TableRow table : store.tables().topicTables()) {
            if (!held.contains(table)) {
                quietly(table, t -> expiry.round(store, t));
            }
        }
        for (TableRow table : store.retired().tables()) {
            if (!held.contains(table)) {
                quietly(
                        table,
                        t -> retired.deleteMetadata(t.tableId(), new TablePrefix(t.prefix())));
            }
        }
        for (DroppedLocation location : store.topics().locationsToPurge(timing.grace())) {
            try {
                purge(store, location);
            } catch (BackendUnavailableException e) {
                throw e;
            } catch (RuntimeException e) {
                LOG.warn("Cannot empty {} now; it is tried again", location.location(), e);
            }
        }
    }

    /// One table's trouble does not keep the others waiting.
    private static void quietly(TableRow table, Consumer<TableRow> work) {
        try {
            work.accept(table);
        } catch (BackendUnavailableException e) {
            throw e;
        } catch (CommitFailedException e) {
            LOG.debug("Table {} changed meanwhile; it is looked at next time", table.name());
        } catch (RuntimeException e) {
            LOG.warn(
                    "Cannot look after table {}.{} now; it is tried again",
                    table.namespace(),
                    table.name(),
                    e);
        }
    }

    /// C16: nothing is deleted before a database that may be an older one was compared with the
    /// object store; a restored one, or a standby that took over, has started anew.
    private void judgeHistories(CatalogStore store) {
        Instant start = store.retired().serverStart();
        boolean another = !start.equals(serverStart);
        for (TableRow table : store.tables().topicTables()) {
            if (another || held.contains(table)) {
                try {
                    orphans.judge(store, table);
                } catch (BackendUnavailableException e) {
                    throw e;
                } catch (RuntimeException e) {
                    held.hold(table, "its metadata cannot be looked at: " + e.getMessage());
                }
            }
        }
        serverStart = start;
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

    /// C18: the table owned the folder, so all of it was the table's. A topic's folder has the
    /// topic's id in its name and is never used again; an engine may have chosen a name that a
    /// later table has too, which a restored database does not know: there, only what is older
    /// than the drop goes.
    private void purge(CatalogStore store, DroppedLocation dropped) {
        boolean reusable = dropped.location().startsWith(TablePrefix.newTable(files.prefix(), ""));
        String prefix = ObjectKey.ofAddress(dropped.location()).name() + "/";
        List<ObjectKey> keys;
        try (Stream<ObjectInfo> listing = backends.objects().list(prefix)) {
            keys =
                    listing.filter(o -> !reusable || !o.lastModified().isAfter(dropped.droppedAt()))
                            .map(ObjectInfo::key)
                            .toList();
        }
        keys.forEach(backends.objects()::delete);
        store.topics().purged(dropped.location());
        LOG.info("Dropped table's folder {} is gone: {} objects", dropped.location(), keys.size());
    }

    @Override
    public void close() {
        Thread running = thread;
        if (running != null) {
            running.interrupt();
        }
    }
}
