package io.firn.log;

import io.firn.log.JournalFormat.Type;
import io.firn.log.ManifestEntry.State;

import org.apache.kafka.common.TopicIdPartition;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.KafkaStorageException;
import org.apache.kafka.storage.internals.log.LogConfig;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/// One data disk: its lock, journal, manifest and logs.
///
/// ```
/// LOCK  meta.properties  journal  manifest  <topic>-<partition>/
/// ```
public final class HotLog implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(HotLog.class);
    private static final int MOST_CONFIGS = 10_000;

    private final Disk disk;
    private final Startup.Found found;
    private final LogThread thread;
    private final Releaser releaser;
    private final Housekeeper housekeeper;
    private final Manifest manifest;
    private final RetiredFolders retired;
    /// Logs that somebody asked for since the start; the manifest has them all.
    private final ConcurrentMap<TopicIdPartition, OwnedLog> logs = new ConcurrentHashMap<>();
    private final Set<TopicIdPartition> asked = ConcurrentHashMap.newKeySet();
    /// Whose folder a name is.
    private final ConcurrentMap<TopicPartition, TopicIdPartition> byName =
            new ConcurrentHashMap<>();
    private final Map<LogConfig, LogConfig> tunedConfigs = new IdentityHashMap<>();
    private final Set<Integer> saidCapped = ConcurrentHashMap.newKeySet();
    private boolean closed;

    private HotLog(Disk disk, Startup.Found found) {
        this.disk = disk;
        this.found = found;
        this.manifest = new Manifest(disk, found.manifest(), found.entries());
        this.retired = new RetiredFolders(disk.dir);
        this.releaser = new Releaser(disk, manifest, found.journal());
        this.thread = new LogThread(disk, found.journal(), found.ring(), releaser);
        known().forEach(tp -> byName.put(tp.topicPartition(), tp));
        this.housekeeper = new Housekeeper(disk, logs::values, thread.maxBatch());
    }

    static final LogConfig DEFAULTS = tuned(new LogConfig(Map.of()));

    /// Takes the folder and recovers what the last process left (L7).
    ///
    /// @throws KafkaStorageException when another process has the folder, or what is in it cannot
    ///     be trusted (R20)
    public static HotLog open(LogSettings settings) {
        return open(settings, Set.of());
    }

    static HotLog open(LogSettings settings, Set<Planted> planted) {
        Directory directory = null;
        Disk disk = null;
        try {
            directory = Directory.take(settings.dir(), settings.clusterId());
            disk = new Disk(settings, planted);
            HotLog log = new HotLog(disk, Startup.run(disk, directory));
            log.begin();
            return log;
        } catch (IOException | UncheckedIOException e) {
            closeQuietly(disk, directory);
            throw new KafkaStorageException(
                    "Cannot open the log in %s: %s".formatted(settings.dir(), e.getMessage()), e);
        } catch (RuntimeException e) {
            closeQuietly(disk, directory);
            throw e;
        }
    }

    private static void closeQuietly(@Nullable Disk disk, @Nullable Directory directory) {
        try (Directory one = directory;
                Disk two = disk) {
            // the first error is the one to report
        } catch (IOException ignored) {
            // as said
        }
    }

    private void begin() throws IOException {
        manifest.start();
        found.journal()
                .writeHeader(
                        found.firstSeq(),
                        found.firstPosition()); // from here on the old groups are gone
        thread.start();
        housekeeper.start();
        disk.background.execute(retired::sweepDeleted);
    }

    /// The partition's log; files open, or are created, on first use. The same object for the same
    /// topic id. A folder of another topic of this name is moved aside (L6).
    public PartitionLog open(TopicIdPartition partition, LogConfig config) {
        disk.requireOnline();
        LogConfig tuned = shared(config);
        asked.add(partition);
        OwnedLog known = logs.get(partition);
        if (known == null) {
            moveOthersAside(partition);
            known = log(partition, tuned);
        }
        if (known.config() != tuned && !known.config().values().equals(tuned.values())) {
            known.reconfigure(tuned);
        }
        return known;
    }

    private OwnedLog log(TopicIdPartition partition, LogConfig config) {
        return logs.computeIfAbsent(
                partition,
                tp -> {
                    ManifestEntry entry = manifest.get(tp);
                    if (entry == null || entry.state() == State.DELETING) {
                        LogRow row = LogRow.empty(tp, thread.lastSeq());
                        return new OwnedLog(disk, manifest, thread, row, config, false);
                    }
                    boolean closed = entry.state() == State.CLOSED;
                    var log = new OwnedLog(disk, manifest, thread, entry.row(), config, closed);
                    if (!closed && entry.state() != State.OPEN) {
                        log.refuse(entry.why());
                    }
                    return log;
                });
    }

    private synchronized void moveOthersAside(TopicIdPartition partition) {
        TopicIdPartition other = byName.get(partition.topicPartition());
        if (other != null && !other.topicId().equals(partition.topicId())) {
            OwnedLog.join(remove(other, true));
        }
        byName.put(partition.topicPartition(), partition);
    }

    /// The log if [#open] was called for it since the start; its files may be closed.
    public Optional<PartitionLog> opened(TopicIdPartition partition) {
        return asked.contains(partition)
                ? Optional.ofNullable(logs.get(partition))
                : Optional.empty();
    }

    /// Partitions on this disk, opened or not.
    public Set<TopicIdPartition> known() {
        return manifest.partitions();
    }

    /// Deletes the partition's log; durable on return (L6). Files go in the background. Does
    /// nothing when it is not here.
    public void delete(TopicIdPartition partition) {
        OwnedLog.join(startDelete(partition));
    }

    /// The same without waiting, so that logs deleted together share journal writes; the future
    /// ends when it is durable.
    public CompletableFuture<Void> startDelete(TopicIdPartition partition) {
        return remove(partition, false);
    }

    private CompletableFuture<Void> remove(TopicIdPartition partition, boolean stray) {
        if (!knows(partition)) {
            return CompletableFuture.completedFuture(null);
        }
        OwnedLog log = log(partition, DEFAULTS);
        return log.startMark(Type.DELETE, () -> vanish(log, stray));
    }

    private void vanish(OwnedLog log, boolean stray) {
        TopicIdPartition partition = log.partition();
        log.abandon("The log of %s was deleted".formatted(log.name()));
        Path folder = LogFiles.folder(disk.dir, partition);
        try {
            if (Files.exists(folder)
                    && LogFiles.idOf(folder)
                            .map(id -> id.equals(partition.topicId()))
                            .orElse(true)) {
                if (stray) {
                    retired.retireStray(
                            folder, partition, "another topic of its name is on this broker");
                } else {
                    Path aside = retired.retireDeleted(partition);
                    disk.background.execute(() -> retired.deleteTree(aside));
                }
            }
            manifest.remove(partition);
            logs.remove(partition, log);
            byName.remove(partition.topicPartition(), partition);
            asked.remove(partition);
        } catch (IOException e) {
            disk.takeOffline("deleting " + folder, e);
            throw new KafkaStorageException("Cannot delete " + folder, e);
        }
    }

    public void reconfigure(TopicIdPartition partition, LogConfig config) {
        OwnedLog log = logs.get(partition);
        if (log != null) {
            log.reconfigure(shared(config));
        }
    }

    /// Thousands of partitions with the same settings have one object of them, not one each.
    private LogConfig shared(LogConfig config) {
        synchronized (tunedConfigs) {
            if (tunedConfigs.size() > MOST_CONFIGS) {
                tunedConfigs.clear();
            }
            return tunedConfigs.computeIfAbsent(config, each -> capped(tuned(each)));
        }
    }

    /// A batch that Kafka writes anew may get as large as `max.message.bytes` allows, and has to
    // fit
    /// into a write group all the same (L10).
    private LogConfig capped(LogConfig config) {
        int most = thread.maxBatch();
        if (config.maxMessageSize() <= most) {
            return config;
        }
        if (saidCapped.add(config.maxMessageSize())) {
            LOG.warn(
                    "max.message.bytes = {} is more than this disk's journal of {} bytes takes: batches above {} bytes are refused. Give the broker a larger journal.",
                    config.maxMessageSize(),
                    disk.settings.ringBytes(),
                    most);
        }
        return with(config, Map.of(TopicConfig.MAX_MESSAGE_BYTES_CONFIG, Integer.toString(most)));
    }

    /// Kafka's index files of 10 MiB cost 10 to 30 times more to create and open (HOT-PATH §4).
    static LogConfig tuned(LogConfig config) {
        if (config.overriddenConfigs.contains(TopicConfig.SEGMENT_INDEX_BYTES_CONFIG)
                || config.maxIndexSize <= 1 << 20) {
            return config;
        }
        var smaller = new HashMap<String, String>();
        smaller.put(TopicConfig.SEGMENT_INDEX_BYTES_CONFIG, Integer.toString(1 << 20));
        if (!config.overriddenConfigs.contains(TopicConfig.INDEX_INTERVAL_BYTES_CONFIG)) {
            smaller.put(TopicConfig.INDEX_INTERVAL_BYTES_CONFIG, Integer.toString(16 << 10));
        }
        return with(config, smaller);
    }

    private static LogConfig with(LogConfig config, Map<String, String> changes) {
        var settings = new Properties();
        config.overriddenConfigs.forEach(
                name -> {
                    Object value = config.originals().get(name);
                    if (value != null) {
                        settings.put(name, value);
                    }
                });
        settings.putAll(changes);
        return LogConfig.fromProps(config.originals(), settings);
    }

    /// The id of this directory, for registration (L12).
    public Uuid directoryId() {
        return found.directory().id();
    }

    /// Whether acknowledged records may be missing: the directory is new, a log is suspect, or the
    /// mode is `replicated` and the last process did not close (R11, R21).
    public boolean unclean() {
        return found.directory().isNew()
                || found.anySuspect()
                || (disk.settings.durability() == Durability.REPLICATED && !found.closedBefore());
    }

    /// Completes with the reason when the disk fails: whoever leads with it has to stop (R20).
    public CompletableFuture<String> failed() {
        return disk.failed().copy();
    }

    /// Whether the disk failed; nothing is acknowledged then (R20).
    public boolean isOffline() {
        return disk.isOffline();
    }

    /// Why the disk is offline, and what to do; empty while it works.
    public Optional<String> offlineReason() {
        return Optional.ofNullable(disk.offlineReason());
    }

    /// Closed while too many bytes wait for the log thread: who reads from producers' sockets stops
    /// meanwhile (L10).
    public AppendGate appendGate() {
        return thread.gate();
    }

    /// Bytes that wait for the log thread.
    public long queuedBytes() {
        return thread.gate().waitingBytes();
    }

    /// Sequence of the last write group that became durable.
    public long lastGroup() {
        return thread.lastSeq();
    }

    public int openLogs() {
        return disk.openLogs.get();
    }

    /// Whether this start made the directory: what was here before, if anything, is gone.
    public boolean isNew() {
        return found.directory().isNew();
    }

    /// Whether anything was ever written to this disk of the partition, or it was opened. On a disk
    /// that is not new, the manifest names every such partition.
    public boolean knows(TopicIdPartition partition) {
        ManifestEntry entry = manifest.get(partition);
        return logs.containsKey(partition) || (entry != null && entry.state() != State.DELETING);
    }

    /// Whether the partition had records here and its folder is gone: nothing of it can be used.
    public boolean folderIsMissing(TopicIdPartition partition) {
        if (Files.exists(LogFiles.folder(disk.dir, partition))) {
            return false;
        }
        ManifestEntry entry = manifest.get(partition);
        return entry != null
                && entry.state() != State.DELETING
                && (entry.state() == State.SUSPECT
                        || entry.row().end() > 0
                        || entry.state() == State.BROKEN);
    }

    /// While held, no local copy of a topic with a table goes, whatever retention says (C16).
    public void holdDeletions(boolean held) {
        disk.deletionsHeld = held;
    }

    /// Partitions whose retention or compaction failed, and why: they get neither before the next
    /// start, and otherwise go on.
    public Map<TopicIdPartition, String> uncleanable() {
        return housekeeper.uncleanable();
    }

    /// One round of retention, compaction and closing of idle logs, now and on the caller's thread.
    public void housekeep() {
        housekeeper.round();
    }

    /// Finishes what waits, closes every log and leaves nothing to replay.
    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        closed = true;
        housekeeper.close();
        thread.stop();
        releaser.close();
        disk.close();
        try {
            for (OwnedLog log : logs.values()) {
                shutDown(log);
            }
            manifest.close();
            if (!disk.isOffline()) {
                found.journal()
                        .closeEmptyIf(
                                logs.values().stream()
                                        .noneMatch(log -> log.brokenReason() != null));
            }
        } catch (IOException e) {
            disk.takeOffline("closing", e);
        } finally {
            try (Directory directory = found.directory();
                    Journal journal = found.journal()) {
                // closed, whatever failed before
            } catch (IOException e) {
                disk.takeOffline("closing", e);
            }
        }
    }

    /// One that cannot be closed leaves the directory offline, so that the next start recovers it,
    /// and the others and the lock are closed all the same.
    private void shutDown(OwnedLog log) {
        try {
            log.shutDown();
        } catch (IOException | RuntimeException e) {
            disk.takeOffline("closing " + log.name(), e);
        }
    }
}
