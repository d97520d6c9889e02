package io.firn.log.removal;

import io.firn.log.directory.Disk;
import io.firn.log.directory.Manifest;
import io.firn.log.directory.ManifestEntry;
import io.firn.log.directory.PartitionFolder;
import io.firn.log.directory.RetiredFolders;

import org.apache.kafka.common.TopicIdPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Predicate;

/// Logs of which the cluster knows nothing (L14). Nobody asked for their deletion, and the
/// cluster's metadata may be what is wrong: so the manifest goes on naming them with what is in
/// their folder, which is kept under another name. When their topic is there again they are what
/// they were.
///
/// ```
///  in its place, CLOSED --entry--> in its place, STRAY --rename--> kept, STRAY
///  in its place, CLOSED <--entry-- in its place, STRAY <--rename-- kept, STRAY
/// ```
///
/// A start that finds the state in the middle, which a crash or an operator's hand leaves, goes
/// back to the log in its place.
public final class Strays {
    private static final Logger LOG = LoggerFactory.getLogger(Strays.class);

    private final Disk disk;
    private final Manifest manifest;

    public Strays(Disk disk, Manifest manifest) {
        this.disk = disk;
        this.manifest = manifest;
    }

    /// Strays whose time is not over.
    public Set<TopicIdPartition> all() {
        return manifest.strays();
    }

    public boolean has(TopicIdPartition partition) {
        ManifestEntry entry = manifest.get(partition);
        return entry != null && entry.isStray();
    }

    /// Keeps the folder of a log whose files are closed.
    ///
    /// @param entry what it was
    CompletableFuture<Void> keep(ManifestEntry entry, String why) {
        TopicIdPartition partition = entry.partition();
        Path folder = PartitionFolder.of(disk.dir, partition);
        return CompletableFuture.supplyAsync(() -> note(folder, partition, why), disk.openers)
                .thenCompose(
                        ours ->
                                manifest.put(entry.asStray(disk.time.milliseconds()))
                                        .thenRunAsync(() -> move(partition, ours), disk.openers))
                .thenRun(
                        () ->
                                LOG.warn(
                                        "Keeps the log of {} as {}: {}",
                                        partition,
                                        disk.retired.strayFolder(partition).getFileName(),
                                        why));
    }

    /// @return whether there is a folder of this log
    private boolean note(Path folder, TopicIdPartition partition, String why) {
        try {
            boolean ours = isOf(partition, folder);
            if (ours) {
                RetiredFolders.note(folder, partition.topicPartition(), partition.topicId(), why);
            }
            return ours;
        } catch (IOException e) {
            throw failed("making a stray of " + folder, e);
        }
    }

    private void move(TopicIdPartition partition, boolean ours) {
        try {
            if (ours) {
                disk.retired.keep(partition);
            }
        } catch (IOException e) {
            throw failed("making a stray of " + partition, e);
        }
    }

    private UncheckedIOException failed(String action, IOException e) {
        disk.takeOffline(action, e);
        return new UncheckedIOException(e);
    }

    static boolean isOf(TopicIdPartition partition, Path folder) throws IOException {
        return Files.exists(folder)
                && PartitionFolder.idOf(folder)
                        .map(id -> id.equals(partition.topicId()))
                        .orElse(true);
    }

    /// Puts a stray's folder where it was; does nothing for other logs.
    ///
    /// @param free ends when no other log uses the folder's name (L15)
    /// @return ends when the log is in its place and its entry says so, durably
    public CompletableFuture<Void> takeBack(
            TopicIdPartition partition, CompletableFuture<Void> free) {
        ManifestEntry entry = manifest.get(partition);
        if (entry == null || !entry.isStray()) {
            return free;
        }
        return free.thenRunAsync(() -> putBack(partition), disk.openers)
                .thenCompose(moved -> manifest.put(entry.takenBack()));
    }

    private void putBack(TopicIdPartition partition) {
        Path stray = disk.retired.strayFolder(partition);
        Path folder = PartitionFolder.of(disk.dir, partition);
        try {
            boolean inPlace =
                    PartitionFolder.idOf(folder).filter(partition.topicId()::equals).isPresent();
            if (!inPlace && Files.exists(folder)) {
                disk.retired.retireUnnamed(
                        folder, partition.topicPartition(), "no entry of the manifest names it");
            }
            if (!inPlace && Files.exists(stray)) {
                disk.retired.putBack(partition);
            }
            LOG.warn("Takes the log of {} back: its topic is in the cluster", partition);
        } catch (IOException e) {
            LOG.error(
                    "Cannot move {} back to {}; restart the broker to try again", stray, folder, e);
            throw new UncheckedIOException(e);
        }
    }

    /// The stray's topic was deleted: it is not kept any longer.
    public CompletableFuture<Void> delete(TopicIdPartition partition) {
        return CompletableFuture.runAsync(
                        () -> disk.retired.deleteTree(disk.retired.strayFolder(partition)),
                        disk.openers)
                .thenCompose(gone -> manifest.remove(partition));
    }

    /// Deletes strays that were kept for long enough.
    ///
    /// @param mayGo is asked before one goes whose log is known; a later sweep asks again
    /// @return how many are left
    public int sweep(Duration keep, Instant now, Predicate<TopicIdPartition> mayGo) {
        Set<Path> named = new HashSet<>();
        int left = 0;
        for (ManifestEntry entry : manifest.entries().values()) {
            if (!entry.isStray()) {
                continue;
            }
            Path folder = disk.retired.strayFolder(entry.partition());
            named.add(folder);
            boolean over = !Instant.ofEpochMilli(entry.since()).plus(keep).isAfter(now);
            if (over && mayGo.test(entry.partition())) {
                LOG.warn("Deletes {}: it was kept for {}", folder.getFileName(), keep);
                disk.retired.deleteTree(folder);
                manifest.remove(entry.partition());
            } else {
                left++;
            }
        }
        return left + disk.retired.sweepUnnamed(named, keep, now);
    }

    /// Whether a log's files are nowhere, neither in their place nor kept.
    public boolean isMissing(TopicIdPartition partition) {
        return !Files.exists(PartitionFolder.of(disk.dir, partition))
                && !(has(partition) && Files.exists(disk.retired.strayFolder(partition)));
    }
}
