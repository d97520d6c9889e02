package io.firn.catalog.iceberg;

import io.firn.catalog.CatalogConfig.Timing;
import io.firn.catalog.store.CatalogStore;
import io.firn.catalog.store.table.RetiredStore.Kind;
import io.firn.catalog.store.table.RetiredStore.RetiredObject;
import io.firn.catalog.store.table.TableRow;
import io.firn.objectstore.ObjectKey;
import io.firn.objectstore.ObjectMissingException;

import org.apache.avro.file.DataFileStream;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericRecord;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.exceptions.CommitFailedException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Lets old snapshots of a topic's table go, then what only they named (FORMAT §6.3, C5).
///
/// A topic's table has one line of snapshots, written by Firn alone, and its oldest ones go first.
/// So a manifest or a file that the oldest remaining snapshot does not name, and an older one did,
/// is named by no later one either.
final class Expiry {
    private static final Logger LOG = LoggerFactory.getLogger(Expiry.class);
    private static final int ATTEMPTS = 5;
    private static final int MOST_SNAPSHOTS = 2000;
    private static final int MOST_FILES = 2000;

    private final MetadataFiles files;
    private final Timing timing;
    private final RetiredObjects retired;

    Expiry(MetadataFiles files, Timing timing, RetiredObjects retired) {
        this.files = files;
        this.timing = timing;
        this.retired = retired;
    }

    void round(CatalogStore store, TableRow table) {
        FirnTableOperations operations = TopicTables.operations(() -> store, files, table);
        TablePrefix prefix = new TablePrefix(table.prefix());
        int expired = expire(store, table, operations);
        TableMetadata now = operations.refresh();
        int metadata = deleteManifests(store, table, prefix, now);
        int data = deleteFiles(store, table, prefix, now);
        if (expired + metadata + data > 0) {
            LOG.info(
                    "Table {}.{}: {} snapshots expired, {} metadata and {} data files deleted",
                    table.namespace(),
                    table.name(),
                    expired,
                    metadata,
                    data);
        }
    }

    /// Takes the oldest snapshots out of the table, and records their manifest lists in the same
    /// transaction.
    private int expire(CatalogStore store, TableRow table, FirnTableOperations operations) {
        for (int attempt = 1; ; attempt++) {
            TableMetadata base = operations.refresh();
            List<Snapshot> old = old(base);
            if (old.isEmpty()) {
                return 0;
            }
            TableMetadata next =
                    TableMetadata.buildFrom(base)
                            .removeSnapshots(old.stream().map(Snapshot::snapshotId).toList())
                            .build();
            List<RetiredObject> lists =
                    old.stream()
                            .map(
                                    s ->
                                            new RetiredObject(
                                                    s.manifestListLocation(),
                                                    s.sequenceNumber(),
                                                    false))
                            .toList();
            try {
                operations.commit(
                        base,
                        next,
                        move ->
                                store.tables()
                                        .expire(
                                                table.tableId(),
                                                move.beforeLocation(),
                                                move.afterLocation(),
                                                move.dropped(),
                                                lists));
                return old.size();
            } catch (CommitFailedException e) {
                if (attempt == ATTEMPTS) { // the committer was quicker each time
                    throw e;
                }
            }
        }
    }

    /// The oldest in the line up to the first one that stays.
    private List<Snapshot> old(TableMetadata metadata) {
        long olderThan = Instant.now().minus(timing.keepSnapshots()).toEpochMilli();
        List<Snapshot> line = new ArrayList<>(metadata.snapshots());
        line.sort(Comparator.comparingLong(Snapshot::sequenceNumber));
        int most = Math.min(MOST_SNAPSHOTS, line.size() - Math.max(1, timing.keepLast()));
        List<Snapshot> old = new ArrayList<>();
        for (Snapshot snapshot : line) {
            if (old.size() >= most || snapshot.timestampMillis() >= olderThan) {
                break;
            }
            old.add(snapshot);
        }
        return old;
    }

    /// Manifest lists of expired snapshots, and the manifests that only they name. First the
    /// manifests: as long as a list is there, so is the row that leads to them.
    private int deleteManifests(
            CatalogStore store, TableRow table, TablePrefix prefix, TableMetadata now) {
        List<RetiredObject> all =
                store.retired()
                        .objects(
                                table.tableId(),
                                Kind.MANIFEST_LIST,
                                timing.grace(),
                                MOST_SNAPSHOTS);
        List<RetiredObject> due = all.stream().takeWhile(RetiredObject::due).toList();
        if (due.isEmpty()) {
            return 0;
        }
        Set<String> named = oldest(prefix, now);
        if (due.size() < all.size()) { // its readers may go on for a while
            named.addAll(manifests(prefix, all.get(due.size()).path()).orElse(Set.of()));
        }
        Set<String> gone = new HashSet<>();
        int deleted = 0;
        for (RetiredObject list : due) {
            // A list that is gone went after its manifests.
            Set<String> alone = manifests(prefix, list.path()).orElseGet(HashSet::new);
            alone.removeAll(named);
            alone.removeAll(gone);
            List<String> deletedNow = retired.delete(alone, prefix);
            gone.addAll(deletedNow);
            deleted += deletedNow.size();
            if (deletedNow.size() < alone.size()) {
                break; // the store is away; the next round goes on here
            }
            List<String> listGone = retired.delete(List.of(list.path()), prefix);
            store.retired().gone(listGone);
            deleted += listGone.size();
        }
        return deleted;
    }

    /// What the oldest snapshot names.
    private Set<String> oldest(TablePrefix prefix, TableMetadata now) {
        Optional<Snapshot> oldest =
                now.snapshots().stream().min(Comparator.comparingLong(Snapshot::sequenceNumber));
        if (oldest.isEmpty()) {
            return new HashSet<>();
        }
        String list = oldest.get().manifestListLocation();
        return manifests(prefix, list)
                .orElseThrow(
                        () ->
                                new IllegalStateException(
                                        "Manifest list %s of a live snapshot is missing; nothing is deleted"
                                                .formatted(list)));
    }

    /// Empty when the list is gone.
    private Optional<Set<String>> manifests(TablePrefix prefix, String list) {
        prefix.require(list, "read");
        byte[] bytes;
        try {
            bytes = files.objects().read(ObjectKey.ofAddress(list));
        } catch (ObjectMissingException e) {
            return Optional.empty();
        }
        Set<String> paths = new HashSet<>();
        try (DataFileStream<GenericRecord> records =
                new DataFileStream<>(new ByteArrayInputStream(bytes), new GenericDatumReader<>())) {
            for (GenericRecord manifest : records) {
                paths.add(manifest.get("manifest_path").toString());
            }
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot read manifest list " + list, e);
        }
        return Optional.of(paths);
    }

    /// Data files that retention took and no snapshot names any more. The rows lead: what a round
    /// did not reach, or the store refused, is there for the next one.
    private int deleteFiles(
            CatalogStore store, TableRow table, TablePrefix prefix, TableMetadata now) {
        if (table.topicId() == null) {
            return 0;
        }
        int deleted = 0;
        while (true) {
            List<String> paths =
                    store.retired()
                            .files(
                                    table.topicId(),
                                    unnamedUpTo(now.snapshots()),
                                    timing.grace(),
                                    MOST_FILES);
            List<String> gone = retired.delete(paths, prefix);
            store.retired().filesGone(gone);
            deleted += gone.size();
            if (gone.size() < MOST_FILES) {
                return deleted;
            }
        }
    }

    /// Up to which commit the files it took away are named by no snapshot. A commit may be several
    /// snapshots: only its last one names nothing that the commit takes away.
    static long unnamedUpTo(List<Snapshot> snapshots) {
        Map<Long, Long> last = new HashMap<>();
        for (Snapshot snapshot : snapshots) {
            last.merge(commitSeq(snapshot), snapshot.sequenceNumber(), Math::max);
        }
        long upTo = Long.MAX_VALUE;
        for (Snapshot snapshot : snapshots) {
            long seq = commitSeq(snapshot);
            boolean isLast = last.getOrDefault(seq, 0L) == snapshot.sequenceNumber();
            upTo = Math.min(upTo, isLast ? seq : seq - 1);
        }
        return upTo;
    }

    /// Below every commit's for a snapshot that says none: such a one may name anything.
    private static long commitSeq(Snapshot snapshot) {
        String seq = snapshot.summary().get(TopicProperties.COMMIT_SEQ);
        return seq == null ? -1 : Long.parseLong(seq);
    }
}
