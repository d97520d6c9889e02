package io.firn.catalog.iceberg;

import io.firn.catalog.Backends;
import io.firn.catalog.iceberg.MetadataHistory.Verdict;
import io.firn.catalog.store.CatalogStore;
import io.firn.catalog.store.sql.BackendUnavailableException;
import io.firn.catalog.store.table.TableRow;
import io.firn.objectstore.ObjectKey;
import io.firn.tiering.cold.sweep.OrphanIndex;
import io.firn.tiering.cold.sweep.OrphanSweeper;
import io.micrometer.core.instrument.MeterRegistry;

import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.ManifestContent;
import org.apache.iceberg.ManifestFile;
import org.apache.iceberg.ManifestFiles;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.io.CloseableIterable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// Deletes data files of topic tables that neither the index nor a live snapshot names (C6). Only
/// below a table's `data/`: metadata files that a crash left behind stay, they are few and small.
public final class OrphanSweep {
    private static final Logger LOG = LoggerFactory.getLogger(OrphanSweep.class);

    /// Above every upload's deadline by far.
    public static final Duration GRACE = Duration.ofHours(24);

    private static final Duration LONGEST_DEADLINE = Duration.ofHours(1);
    private static final int MOST_DELETES = 1000;

    private final Backends backends;
    private final MetadataFiles files;
    private final InstantSource clock;
    private final HeldTables held;

    public OrphanSweep(
            Backends backends, MetadataFiles files, InstantSource clock, MeterRegistry metrics) {
        this(backends, files, clock, new HeldTables(metrics));
    }

    OrphanSweep(Backends backends, MetadataFiles files, InstantSource clock, HeldTables held) {
        this.held = held;
        this.backends = backends;
        this.files = files;
        this.clock = clock;
    }

    /// One sweep over all topic tables; the trouble of one does not keep the others waiting.
    ///
    /// @return how many objects were deleted
    public int sweep() {
        CatalogStore store = backends.store();
        int deleted = 0;
        for (TableRow row : store.tables().topicTables()) {
            try {
                deleted += sweep(store, row);
            } catch (BackendUnavailableException e) {
                throw e;
            } catch (RuntimeException e) {
                LOG.warn("Cannot sweep the folder of table {}.{}", row.namespace(), row.name(), e);
            }
        }
        return deleted;
    }

    private int sweep(CatalogStore store, TableRow row) {
        FirnTableOperations operations = TopicTables.operations(() -> store, files, row);
        Instant server = store.retired().serverStart(); // before its history is looked at
        return switch (judge(store, row, operations)) {
            case Verdict.Forgotten forgotten -> 0;
            case Verdict.Whole whole ->
                    new OrphanSweeper(
                                    backends.objects(),
                                    new Index(store, server, operations, whole.strays()),
                                    files.bucket(),
                                    GRACE,
                                    LONGEST_DEADLINE,
                                    clock)
                            .sweep(key(row.prefix()) + "/data/", MOST_DELETES)
                            .deleted();
        };
    }

    /// C16: looks whether Postgres still has the table's whole history, and holds it when not.
    Verdict judge(CatalogStore store, TableRow row) {
        return judge(store, row, TopicTables.operations(() -> store, files, row));
    }

    private Verdict judge(CatalogStore store, TableRow row, FirnTableOperations operations) {
        Verdict verdict =
                MetadataHistory.judge(store, files, new TablePrefix(row.prefix()), operations);
        switch (verdict) {
            case Verdict.Forgotten forgotten -> held.hold(row, forgotten.why());
            case Verdict.Whole whole -> held.release(row);
        }
        return verdict;
    }

    private static String key(String address) {
        return ObjectKey.ofAddress(address).name();
    }

    /// @param server when the server was started whose history is whole
    /// @param strays metadata that Postgres does not know (C16)
    private record Index(
            CatalogStore store,
            Instant server,
            FirnTableOperations operations,
            List<TableMetadata> strays)
            implements OrphanIndex {
        @Override
        public Set<String> named(Collection<String> paths) {
            Set<String> named = new HashSet<>(store.orphans().named(paths, GRACE));
            Set<String> unknown = new HashSet<>(paths);
            unknown.removeAll(named);
            if (!unknown.isEmpty()) {
                addLive(unknown, named);
            }
            return named;
        }

        /// C12, C16: what any snapshot names, of the table as it is or as it may have been,
        /// whatever the index says.
        private void addLive(Set<String> unknown, Set<String> named) {
            Set<String> read = new HashSet<>();
            addLive(operations.refresh(), read, unknown, named);
            for (TableMetadata stray : strays) {
                addLive(stray, read, unknown, named);
            }
        }

        private void addLive(
                TableMetadata metadata, Set<String> read, Set<String> unknown, Set<String> named) {
            for (Snapshot snapshot : metadata.snapshots()) {
                for (ManifestFile manifest : snapshot.allManifests(operations.io())) {
                    if (read.add(manifest.path())) {
                        addPaths(manifest, metadata, unknown, named);
                    }
                }
            }
        }

        private void addPaths(
                ManifestFile manifest,
                TableMetadata metadata,
                Set<String> unknown,
                Set<String> named) {
            try (CloseableIterable<String> paths = paths(manifest, metadata)) {
                for (String path : paths) {
                    if (unknown.contains(path)) {
                        named.add(path);
                    }
                }
            } catch (IOException e) {
                throw new UncheckedIOException("Cannot read manifest " + manifest.path(), e);
            }
        }

        private CloseableIterable<String> paths(ManifestFile manifest, TableMetadata metadata) {
            return manifest.content() == ManifestContent.DATA
                    ? ManifestFiles.readPaths(manifest, operations.io(), metadata.specsById())
                    : CloseableIterable.transform(
                            ManifestFiles.readDeleteManifest(
                                    manifest, operations.io(), metadata.specsById()),
                            DeleteFile::location);
        }

        @Override
        public boolean deleteIfUnnamed(String path, Runnable delete) {
            return store.orphans().deleteIfUnnamed(path, GRACE, server, delete);
        }
    }
}
