package io.firn.log.directory;

import io.firn.log.directory.ManifestFile.Change;

import org.apache.kafka.common.TopicIdPartition;
import org.apache.kafka.common.errors.KafkaStorageException;
import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.Predicate;

/// Every partition of one directory and its state, in memory and on disk (L14).
///
/// A change counts at once for whoever asks and becomes durable with all others that wait: one
/// frame, one sync. Nobody waits for the disk here; whoever must know takes the future. Thread
/// safe.
public final class Manifest implements AutoCloseable {
    /// Fewer bytes of changes than this are not worth a new file.
    private static final long WORTH_REPLACING = 4 << 20;

    private final Disk disk;
    private final ManifestFile file;
    private final ConcurrentMap<TopicIdPartition, ManifestEntry> entries =
            new ConcurrentHashMap<>();
    private final Thread thread;
    private final Object queue = new Object();
    private List<Change> waiting = new ArrayList<>();
    private CompletableFuture<Void> next = new CompletableFuture<>();
    private CompletableFuture<Void> current = CompletableFuture.completedFuture(null);
    private boolean closing;

    public Manifest(Disk disk, ManifestFile file, Collection<ManifestEntry> found) {
        this.disk = disk;
        this.file = file;
        found.forEach(entry -> entries.put(entry.partition(), entry));
        this.thread = Thread.ofPlatform().name("firn-log-manifest").unstarted(this::run);
    }

    /// Writes the file whole; changes are accepted from here on.
    public void start() throws IOException {
        file.replace(List.copyOf(entries.values()));
        thread.start();
    }

    public @Nullable ManifestEntry get(TopicIdPartition partition) {
        return entries.get(partition);
    }

    /// Partitions that are in use: no strays, and none whose deletion is committed.
    public Set<TopicIdPartition> partitions() {
        return partitions(
                entry -> entry.state() != ManifestEntry.State.DELETING && !entry.isStray());
    }

    public Set<TopicIdPartition> strays() {
        return partitions(ManifestEntry::isStray);
    }

    private Set<TopicIdPartition> partitions(Predicate<ManifestEntry> which) {
        Set<TopicIdPartition> all = ConcurrentHashMap.newKeySet();
        for (ManifestEntry entry : entries.values()) {
            if (which.test(entry)) {
                all.add(entry.partition());
            }
        }
        return all;
    }

    /// What the entry says now; the future ends when that is durable.
    public CompletableFuture<Void> put(ManifestEntry entry) {
        synchronized (queue) {
            entries.put(entry.partition(), entry);
            return add(Change.put(entry));
        }
    }

    /// The folder is gone or was moved: durable together with that.
    public CompletableFuture<Void> remove(TopicIdPartition partition) {
        synchronized (queue) {
            return entries.remove(partition) == null ? synced() : add(Change.removed(partition));
        }
    }

    /// Ends when everything that was put before is durable; never on a disk that is offline, which
    /// took nothing of it (L5).
    public CompletableFuture<Void> synced() {
        synchronized (queue) {
            if (disk.isOffline()) {
                return CompletableFuture.failedFuture(
                        new KafkaStorageException(disk.offlineReason()));
            }
            return waiting.isEmpty() ? current : next;
        }
    }

    private CompletableFuture<Void> add(Change change) {
        if (closing || disk.isOffline()) {
            String why = closing ? "The log is closed" : disk.offlineReason();
            return CompletableFuture.failedFuture(new KafkaStorageException(why));
        }
        waiting.add(change);
        queue.notifyAll();
        return next;
    }

    private void run() {
        while (true) {
            List<Change> changes;
            CompletableFuture<Void> done;
            synchronized (queue) {
                while (waiting.isEmpty() && !closing) {
                    try {
                        queue.wait();
                    } catch (InterruptedException e) {
                        closing = true;
                    }
                }
                if (waiting.isEmpty()) {
                    return;
                }
                changes = waiting;
                done = next;
                waiting = new ArrayList<>();
                next = new CompletableFuture<>();
                current = done;
            }
            write(changes, done);
        }
    }

    private void write(List<Change> changes, CompletableFuture<Void> done) {
        try {
            disk.requireOnline();
            if (changes.stream().anyMatch(change -> change.now() == null)) {
                Folders.sync(disk.dir); // a folder is gone before its entry is
            }
            file.append(changes);
            if (file.isLong(WORTH_REPLACING)) {
                List<ManifestEntry> all = List.copyOf(entries.values());
                Folders.sync(disk.dir);
                file.replace(all);
            }
            done.complete(null);
        } catch (IOException | RuntimeException e) { // R20
            disk.takeOffline("writing the manifest", e);
            done.completeExceptionally(new KafkaStorageException(disk.offlineReason(), e));
        }
    }

    /// Writes what waits, then ends.
    @Override
    public void close() throws IOException {
        synchronized (queue) {
            closing = true;
            queue.notifyAll();
        }
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        file.close();
    }

    /// All of them, as they are at one moment.
    public Map<TopicIdPartition, ManifestEntry> entries() {
        return Map.copyOf(entries);
    }
}
