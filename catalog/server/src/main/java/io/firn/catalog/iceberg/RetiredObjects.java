package io.firn.catalog.iceberg;

import io.firn.catalog.store.CatalogStore;
import io.firn.catalog.store.table.RetiredStore.Kind;
import io.firn.catalog.store.table.RetiredStore.RetiredObject;
import io.firn.objectstore.ObjectKey;
import io.firn.objectstore.ObjectStore;
import io.firn.objectstore.ObjectStoreException;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.UUID;
import java.util.function.Predicate;
import java.util.function.Supplier;

/// Deletes objects that a row says may go, and takes the row away when the object is gone; what
/// fails is tried again as long as the row is there (C5, C18).
final class RetiredObjects {
    private static final Logger LOG = LoggerFactory.getLogger(RetiredObjects.class);
    private static final int AT_ONCE = 1000;

    /// A store that is away is not asked a thousand times.
    private static final int MOST_FAILURES = 5;

    private final Supplier<CatalogStore> store;
    private final MetadataFiles files;

    RetiredObjects(Supplier<CatalogStore> store, MetadataFiles files) {
        this.store = store;
        this.files = files;
    }

    /// Metadata files that left the table's log: nobody is sent to them any more.
    ///
    /// @return how many are gone
    int deleteMetadata(UUID tableId, TablePrefix prefix) {
        List<String> paths =
                store
                        .get()
                        .retired()
                        .objects(tableId, Kind.METADATA, Duration.ZERO, AT_ONCE)
                        .stream()
                        .map(RetiredObject::path)
                        .toList();
        List<String> gone = delete(paths, prefix);
        store.get().retired().gone(gone);
        return gone.size();
    }

    /// The same, when the outcome of something else must not hang on it.
    void deleteMetadataQuietly(UUID tableId, TablePrefix prefix) {
        try {
            deleteMetadata(tableId, prefix);
        } catch (RuntimeException e) {
            LOG.info("Old metadata of {} stays for now: {}", prefix.address(), e.getMessage());
        }
    }

    /// Deletes what was written for a commit that did not happen, now or later: nobody names it.
    void discard(UUID tableId, TablePrefix prefix, Collection<String> paths) {
        List<String> left = new ArrayList<>(paths);
        try {
            left.removeAll(delete(paths, prefix));
            store.get().retired().record(tableId, left);
        } catch (RuntimeException e) {
            LOG.info("{} objects of a refused commit stay: {}", left.size(), e.getMessage());
        }
    }

    /// Those of `paths` that are gone now.
    List<String> delete(Collection<String> paths, TablePrefix prefix) {
        ObjectStore objects = files.objects();
        return delete(
                paths,
                path -> {
                    prefix.require(path, "delete");
                    ObjectKey key = ObjectKey.ofAddress(path);
                    objects.delete(key);
                    return objects.head(key).isEmpty();
                });
    }

    private static List<String> delete(Collection<String> paths, Predicate<String> one) {
        List<String> gone = new ArrayList<>();
        int failures = 0;
        for (String path : paths) {
            try {
                if (one.test(path)) {
                    gone.add(path);
                }
            } catch (ObjectStoreException e) {
                LOG.info("Cannot delete {} now, it is tried again: {}", path, e.getMessage());
                if (++failures == MOST_FAILURES) {
                    break;
                }
            }
        }
        return gone;
    }
}
