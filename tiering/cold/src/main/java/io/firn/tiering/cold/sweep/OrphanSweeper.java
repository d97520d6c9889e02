package io.firn.tiering.cold.sweep;

import io.firn.objectstore.ObjectInfo;
import io.firn.objectstore.ObjectStore;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/// Deletes data files that nothing names and that are older than a grace (C6). A listing is only a
/// hint: the catalog is asked about each object, twice, and when it does not answer nothing is
/// deleted.
public final class OrphanSweeper {
    private static final Logger LOG = LoggerFactory.getLogger(OrphanSweeper.class);
    private static final int PAGE = 500;

    /// What one sweep found.
    ///
    /// @param kept orphans that turned out to be named when the catalog was asked again
    public record Swept(int looked, int deleted, int kept, int uploadsAborted) {}

    private final ObjectStore store;
    private final OrphanIndex index;
    private final String bucket;
    private final Duration grace;
    private final InstantSource clock;

    /// @param grace must be above every attempt's deadline, else a late upload could still be
    ///     committed
    public OrphanSweeper(
            ObjectStore store,
            OrphanIndex index,
            String bucket,
            Duration grace,
            Duration attemptDeadline,
            InstantSource clock) {
        if (grace.compareTo(attemptDeadline) <= 0) {
            throw new IllegalArgumentException(
                    "Orphan grace %s must be longer than an attempt's deadline %s"
                            .formatted(grace, attemptDeadline));
        }
        this.store = store;
        this.index = index;
        this.bucket = bucket;
        this.grace = grace;
        this.clock = clock;
    }

    /// Sweeps what lies below `prefix`, for example one table's folder.
    ///
    /// @param mostDeletes stops after so many: a wrong answer must not empty a bucket in one go
    public Swept sweep(String prefix, int mostDeletes) {
        Instant before = clock.instant().minus(grace);
        var total = new int[3];
        var page = new ArrayList<ObjectInfo>(PAGE);
        try (Stream<ObjectInfo> objects = store.list(prefix)) {
            var all = objects.filter(o -> o.lastModified().isBefore(before)).iterator();
            while (all.hasNext() && total[1] < mostDeletes) {
                page.add(all.next());
                if (page.size() == PAGE || !all.hasNext()) {
                    sweepPage(page, mostDeletes, total);
                    page.clear();
                }
            }
        }
        int aborted = store.abortUploads(prefix, before);
        return new Swept(total[0], total[1], total[2], aborted);
    }

    private void sweepPage(List<ObjectInfo> page, int mostDeletes, int[] total) {
        total[0] += page.size();
        Set<String> named = index.named(page.stream().map(this::path).toList());
        for (ObjectInfo object : page) {
            String path = path(object);
            if (named.contains(path) || total[1] >= mostDeletes) {
                continue;
            }
            if (index.deleteIfUnnamed(path, () -> store.delete(object.key()))) {
                LOG.info(
                        "Deleted orphan {} of {} bytes, written {}",
                        path,
                        object.size(),
                        object.lastModified());
                total[1]++;
            } else {
                total[2]++;
            }
        }
    }

    private String path(ObjectInfo object) {
        return "s3://" + bucket + "/" + object.key().name();
    }
}
