package io.firn.catalog.iceberg;

import io.firn.catalog.Backends;
import io.firn.catalog.store.CatalogStore;
import io.firn.catalog.store.StoreUnavailableException;
import io.firn.catalog.store.TableRow;
import io.firn.objectstore.ObjectInfo;
import io.firn.objectstore.ObjectKey;
import io.firn.tiering.cold.OrphanIndex;
import io.firn.tiering.cold.OrphanSweeper;

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
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// Deletes data files of topic tables that neither the index nor a live snapshot names (C6). Only
/// below a table's `data/`: metadata files that a crash left behind stay, they are few and small.
public final class OrphanSweep {
    private static final Logger LOG = LoggerFactory.getLogger(OrphanSweep.class);

    /// Above every upload's deadline by far.
    public static final Duration GRACE = Duration.ofHours(24);

    private static final Duration LONGEST_DEADLINE = Duration.ofHours(1);
    private static final int MOST_DELETES = 1000;
    private static final Pattern METADATA = Pattern.compile("/(\\d+)-[^/]*\\.metadata\\.json$");

    private final Backends backends;
    private final MetadataFiles files;
    private final InstantSource clock;

    public OrphanSweep(Backends backends, MetadataFiles files, InstantSource clock) {
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
            } catch (StoreUnavailableException e) {
                throw e;
            } catch (RuntimeException e) {
                LOG.warn("Cannot sweep the folder of table {}.{}", row.namespace(), row.name(), e);
            }
        }
        return deleted;
    }

    private int sweep(CatalogStore store, TableRow row) {
        FirnTableOperations operations = TopicTables.operations(() -> store, files, row);
        TableMetadata metadata = operations.refresh();
        if (wentBack(metadata)) {
            LOG.error(
                    "Table {}.{} has metadata newer than its pointer {}: nothing of it is swept, as its data files may be all that is left of a later state; was Postgres restored from a backup?",
                    row.namespace(),
                    row.name(),
                    row.metadataLocation());
            return 0;
        }
        return new OrphanSweeper(
                        backends.objects(),
                        new Index(store, operations),
                        files.bucket(),
                        GRACE,
                        LONGEST_DEADLINE,
                        clock)
                .sweep(key(metadata.location()) + "/data/", MOST_DELETES)
                .deleted();
    }

    /// C16: a Postgres that was restored has forgotten files that were committed after the backup;
    /// to a sweep they look like orphans. The versions of the metadata files give it away.
    private boolean wentBack(TableMetadata metadata) {
        Instant before = clock.instant().minus(GRACE);
        long now = version(String.valueOf(metadata.metadataFileLocation()));
        try (Stream<ObjectInfo> listing =
                backends.objects().list(key(metadata.location()) + "/metadata/")) {
            // One more may be a commit that is under way; an old one is not.
            return listing.anyMatch(
                    o ->
                            version(o.key().name())
                                    > (o.lastModified().isBefore(before) ? now : now + 1));
        }
    }

    private static long version(String path) {
        Matcher matcher = METADATA.matcher(path);
        return matcher.find() ? Long.parseLong(matcher.group(1)) : -1;
    }

    private static String key(String address) {
        return ObjectKey.ofAddress(address).name();
    }

    private record Index(CatalogStore store, FirnTableOperations operations)
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

        /// C12: what any snapshot of the table names, whatever the index says.
        private void addLive(Set<String> unknown, Set<String> named) {
            TableMetadata metadata = operations.refresh();
            Set<String> read = new HashSet<>();
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
            return store.orphans().deleteIfUnnamed(path, GRACE, delete);
        }
    }
}
