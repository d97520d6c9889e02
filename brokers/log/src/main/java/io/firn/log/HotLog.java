package io.firn.log;

import io.firn.log.append.LogThread;
import io.firn.log.append.Releaser;
import io.firn.log.batch.BatchChecks;
import io.firn.log.directory.Directory;
import io.firn.log.directory.Disk;
import io.firn.log.directory.FolderClaims;
import io.firn.log.directory.Manifest;
import io.firn.log.directory.ManifestEntry;
import io.firn.log.directory.ManifestEntry.State;
import io.firn.log.housekeeping.Housekeeper;
import io.firn.log.journal.Journal;
import io.firn.log.journal.LogCheckpoint;
import io.firn.log.partition.LogConfigs;
import io.firn.log.partition.LogState;
import io.firn.log.partition.OwnedLog;
import io.firn.log.producer.ProducerMemory;
import io.firn.log.recovery.Startup;
import io.firn.log.removal.Deletions;
import io.firn.log.removal.Strays;

import org.apache.kafka.common.TopicIdPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.errors.KafkaStorageException;
import org.apache.kafka.storage.internals.log.LogConfig;
import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.Function;

/// One data disk: its lock, journal, manifest and logs.
///
/// ```
/// LOCK  meta.properties  journal  manifest  <topic>-<partition>/
/// ```
public final class HotLog implements AutoCloseable {
    private static final long SWEEP_EVERY_MILLIS = 600_000;
    private static final CompletableFuture<Void> DONE = CompletableFuture.completedFuture(null);

    private final Disk disk;
    private final Startup.Found found;
    private final Manifest manifest;
    private final LogThread thread;
    private final Releaser releaser;
    private final Housekeeper housekeeper;
    private final Strays strays;
    private final Deletions deletions;
    private final FolderClaims claims;
    private final LogConfigs configs;
    private final BatchChecks checks = new BatchChecks();
    /// Logs that somebody asked for since the start; the manifest has them all.
    private final ConcurrentMap<TopicIdPartition, OwnedLog> logs = new ConcurrentHashMap<>();
    private boolean closed;

    private HotLog(Disk disk, Startup.Found found) {
        this.disk = disk;
        this.found = found;
        this.manifest = new Manifest(disk, found.manifest(), found.entries());
        this.releaser = new Releaser(disk, found.journal());
        this.thread = new LogThread(disk, found.journal(), found.ring(), releaser);
        this.strays = new Strays(disk, manifest);
        this.deletions =
                new Deletions(disk, manifest, strays, log -> logs.remove(log.partition(), log));
        this.claims = new FolderClaims(manifest.partitions());
        this.configs = new LogConfigs(thread.maxBatch(), found.ring().bytes());
        this.housekeeper = new Housekeeper(disk, logs::values, thread.maxBatch());
    }

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
            directory =
                    Directory.take(settings.dir(), settings.clusterId(), settings.newDirectoryId());
            disk = new Disk(settings, planted);
            HotLog log = new HotLog(disk, Startup.run(disk, directory));
            log.begin();
            return log;
        } catch (IOException | UncheckedIOException e) {
            closeQuietly(disk, directory);
            throw new KafkaStorageException(refusal(settings.dir(), e), e);
        } catch (RuntimeException e) {
            closeQuietly(disk, directory);
            throw e;
        }
    }

    /// One line: what Firn found says all itself; the system's errors about files have the file's
    /// name for a message.
    private static String refusal(Path dir, Exception e) {
        Throwable cause = e instanceof UncheckedIOException ? e.getCause() : e;
        String why =
                cause instanceof FileSystemException file
                        ? file.toString()
                        : String.valueOf(cause == null ? e.getMessage() : cause.getMessage());
        return why.startsWith("Cannot ")
                ? why
                : "Cannot open the log in %s: %s".formatted(dir, why);
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
        try {
            found.journal()
                    .writeHeader(
                            found.firstSeq(),
                            found.firstPosition()); // from here on the old groups are gone
        } catch (IOException | RuntimeException e) {
            manifest.close();
            throw e;
        }
        thread.start();
        housekeeper.start();
        disk.background.execute(disk.retired::sweepDeleted);
        disk.scheduler.schedule("sweep-strays", this::sweepStrays, 0, SWEEP_EVERY_MILLIS);
    }

    /// Deletes strays whose time is over, if [LogSettings#mayForget] lets them go; happens every
    /// ten minutes anyway.
    public void sweepStrays() {
        int left =
                strays.sweep(
                        disk.settings.keepStrays(),
                        Instant.now(),
                        stray -> !logs.containsKey(stray) && disk.settings.mayForget().test(stray));
        disk.settings.listener().kept(left);
    }

    /// The partition's log; files open, or are created, on first use. The same object for the same
    /// topic id while it exists. A folder of another topic of this name is kept as a stray; one
    /// that is a stray itself is taken back (L14). Never waits.
    public PartitionLog open(TopicIdPartition partition, LogConfig config) {
        disk.requireOnline();
        LogConfig shared = configs.shared(config);
        OwnedLog log = logs.get(partition);
        if (log == null) {
            CompletableFuture<Void> free =
                    claims.claim(
                            partition,
                            other -> retire(other, "another topic of its name is on this broker"));
            log = register(partition, shared, free);
        }
        if (log.config() != shared && !log.config().values().equals(shared.values())) {
            log.reconfigure(shared);
        }
        return log;
    }

    private OwnedLog register(
            TopicIdPartition partition, LogConfig config, CompletableFuture<Void> free) {
        return logs.computeIfAbsent(
                partition,
                tp ->
                        new OwnedLog(
                                disk,
                                manifest,
                                thread,
                                checks,
                                found(tp),
                                config,
                                strays.takeBack(tp, free)));
    }

    /// What the manifest says of a log that nobody asked for yet.
    private LogState found(TopicIdPartition partition) {
        ManifestEntry entry = manifest.get(partition);
        if (entry == null) {
            return LogState.Closed.isNew(LogCheckpoint.empty(partition, thread.lastSeq()));
        }
        return found(entry);
    }

    private LogState found(ManifestEntry entry) {
        return switch (entry.state()) {
            case OPEN, CLOSED -> LogState.Closed.found(entry);
            case STRAY -> found(entry.takenBack());
            case SUSPECT -> new LogState.Suspect(entry);
            case BROKEN -> new LogState.Broken(entry, DONE);
            case DELETING -> // of the one that was deleted before it
                    LogState.Closed.isNew(LogCheckpoint.empty(entry.partition(), thread.lastSeq()));
        };
    }

    /// The log if [#open] was called for it since the start; its files may be closed.
    public Optional<PartitionLog> opened(TopicIdPartition partition) {
        return Optional.ofNullable(logs.get(partition));
    }

    /// Logs that are out of use because the cluster knew nothing of them, and are kept (L14).
    public Set<TopicIdPartition> strays() {
        return strays.all();
    }

    /// How many logs are in one of these states now.
    private int count(State state) {
        return (int) manifest.entries().values().stream().filter(e -> e.state() == state).count();
    }

    /// Logs that are not used because their bytes cannot be trusted (L14).
    public int suspectLogs() {
        return count(State.SUSPECT);
    }

    /// Logs that failed since the start and are offline alone (L3).
    public int brokenLogs() {
        return count(State.BROKEN);
    }

    /// Partitions on this disk, opened or not, without strays.
    public Set<TopicIdPartition> known() {
        Set<TopicIdPartition> all = manifest.partitions();
        all.addAll(logs.keySet());
        return all;
    }

    /// Deletes the partition's log; durable on return (L6). Files go in the background. Does
    /// nothing when it is not here.
    public void delete(TopicIdPartition partition) {
        OwnedLog.join(startDelete(partition));
    }

    /// The same without waiting, so that logs deleted together share journal writes; the future
    /// ends when it is durable.
    public CompletableFuture<Void> startDelete(TopicIdPartition partition) {
        if (!logs.containsKey(partition) && strays.has(partition)) {
            return strays.delete(partition);
        }
        return remove(partition, deletions::delete);
    }

    /// Takes a log out of use of which the cluster knows nothing. Its files are kept for a while as
    /// a stray (L14); the future ends when that is durable.
    public CompletableFuture<Void> makeStray(TopicIdPartition partition, String why) {
        if (!logs.containsKey(partition) && strays.has(partition)) {
            return DONE;
        }
        CompletableFuture<Void> gone = remove(partition, log -> deletions.makeStray(log, why));
        gone.thenRunAsync(this::sweepStrays, disk.openers);
        return gone;
    }

    private CompletableFuture<Void> remove(
            TopicIdPartition partition, Function<OwnedLog, CompletableFuture<Void>> how) {
        if (!knows(partition)) {
            return DONE;
        }
        CompletableFuture<Void> gone = how.apply(register(partition, LogConfigs.UNKNOWN, DONE));
        claims.release(partition, gone);
        return gone;
    }

    private CompletableFuture<Void> retire(TopicIdPartition partition, String why) {
        return knows(partition)
                ? deletions.makeStray(register(partition, LogConfigs.UNKNOWN, DONE), why)
                : DONE;
    }

    public void reconfigure(TopicIdPartition partition, LogConfig config) {
        OwnedLog log = logs.get(partition);
        if (log != null) {
            log.reconfigure(configs.shared(config));
        }
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

    /// What the logs remember of idempotent producers.
    public ProducerMemory producers() {
        return disk.producers;
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

    /// Bytes that are free on the disk now.
    public long usableBytes() {
        return disk.space.usableBytes();
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
        if (!strays.isMissing(partition)) {
            return false;
        }
        ManifestEntry entry = manifest.get(partition);
        return entry != null
                && entry.state() != State.DELETING
                && (entry.state() == State.SUSPECT
                        || entry.checkpoint().end() > 0
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
                                        .noneMatch(
                                                log ->
                                                        log.life.state()
                                                                instanceof LogState.Broken));
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
            log.life.shutDown();
        } catch (IOException | RuntimeException e) {
            disk.takeOffline("closing " + log.name(), e);
        }
    }
}
