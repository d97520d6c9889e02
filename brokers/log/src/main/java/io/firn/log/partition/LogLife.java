package io.firn.log.partition;

import io.firn.log.Planted;
import io.firn.log.directory.DirectoryFailures;
import io.firn.log.directory.Disk;
import io.firn.log.directory.Manifest;
import io.firn.log.directory.ManifestEntry;
import io.firn.log.directory.PartitionFolder;
import io.firn.log.journal.JournalFormat.Type;
import io.firn.log.journal.LogCheckpoint;

import org.apache.kafka.common.TopicIdPartition;
import org.apache.kafka.common.errors.KafkaStorageException;
import org.apache.kafka.storage.internals.log.UnifiedLog;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.ReentrantLock;

/// Where a log is in its life ([LogState]), and its moves: files open on use and close when idle
/// (L9), break (L3) and go with the log (L6). Every move is in the manifest (L14).
public final class LogLife {
    private static final Logger LOG = LoggerFactory.getLogger(LogLife.class);

    private final OwnedLog log;
    private final Disk disk;
    private final ReentrantLock lock;
    private final Manifest manifest;
    private final DurableProgress progress;
    private final CompletableFuture<Void> folderIsFree;
    private final OpeningGate gate;
    private volatile LogState state;
    private volatile long lastUsed = System.nanoTime();

    LogLife(
            OwnedLog log,
            Manifest manifest,
            OpeningGate gate,
            DurableProgress progress,
            LogState state,
            CompletableFuture<Void> folderIsFree) {
        this.log = log;
        this.disk = log.disk;
        this.lock = log.lock;
        this.manifest = manifest;
        this.gate = gate;
        this.progress = progress;
        this.state = state;
        this.folderIsFree = folderIsFree;
    }

    /// What the journal's handle says: everything below its end is on disk.
    public LogCheckpoint checkpoint() {
        return state.entry().checkpoint();
    }

    void used() {
        lastUsed = System.nanoTime();
    }

    /// Lets work of this log pass, now or when the files are open.
    ///
    /// @return why it is refused; null when it is taken
    @Nullable String offer(Work work) {
        return gate.offer(work, this::startOpening);
    }

    public LogState state() {
        return state;
    }

    /// Under the lock.
    private void become(LogState next) {
        state = next;
        manifest.put(next.entry());
    }

    /// Its files if they are open.
    public @Nullable OpenFiles opened() {
        return state instanceof LogState.Open open ? open.files() : null;
    }

    public @Nullable UnifiedLog openFiles() {
        OpenFiles files = opened();
        return files == null ? null : files.unified();
    }

    /// Its files, opened if they are closed: not for the log thread and not under the lock.
    public UnifiedLog files() {
        return open().unified();
    }

    /// Whether these are not its files any more; waits for whoever is closing them.
    public boolean hasClosed(UnifiedLog before) {
        lock.lock();
        try {
            return openFiles() != before;
        } finally {
            lock.unlock();
        }
    }

    /// A flush that fails takes the directory offline (L4), unless these files were closed or
    /// thrown away under it, which Kafka takes for a failed directory too. Where retention
    /// removed a segment under it, it looks again: nothing of that was a sync that failed.
    ///
    /// @return false when they were
    public boolean flush(OpenFiles files, DirectoryFailures.FileWork flush) throws IOException {
        long lineage = checkpoint().lineage();
        for (int attempt = 0; ; attempt++) {
            try {
                disk.failures.contained(flush);
                return true;
            } catch (IOException | RuntimeException e) {
                if (hasClosed(files.unified()) || checkpoint().lineage() != lineage) {
                    return false;
                }
                if (attempt > 2 || !isOfAFileThatIsGone(e)) {
                    disk.takeOffline("flushing " + log.name(), e);
                    throw e;
                }
            }
        }
    }

    private static boolean isOfAFileThatIsGone(Throwable failure) {
        for (Throwable e = failure; e != null; e = e.getCause()) {
            if (e instanceof ClosedChannelException
                    || e instanceof NoSuchFileException
                    || e instanceof FileNotFoundException) {
                return true;
            }
        }
        return false;
    }

    OpenFiles open() {
        lastUsed = System.nanoTime();
        disk.requireOnline();
        LogState now = state;
        if (now instanceof LogState.Open open) {
            return open.files();
        }
        now.requireUsable();
        return OwnedLog.join(gate.opening(this::startOpening));
    }

    private CompletableFuture<OpenFiles> startOpening() {
        return folderIsFree
                .thenCompose(free -> nameAsOpen())
                .thenApplyAsync(named -> openNow(), disk.openers);
    }

    /// L14: its entry says so before anything of it may change.
    private CompletableFuture<Void> nameAsOpen() {
        lock.lock();
        try {
            if (disk.planted.contains(Planted.OPENED_IS_FORGOTTEN)
                    && state instanceof LogState.Closed closed
                    && closed.trusted()) {
                return manifest.remove(log.partition());
            }
            return state instanceof LogState.Closed closed && (closed.trusted() || closed.isNew())
                    ? manifest.put(ManifestEntry.open(closed.entry().checkpoint()))
                    : CompletableFuture.completedFuture(null);
        } finally {
            lock.unlock();
        }
    }

    private OpenFiles openNow() {
        lock.lock();
        try {
            disk.requireOnline();
            LogState now = state;
            now.requireUsable();
            if (now instanceof LogState.Open open) {
                return open.files();
            }
            OpenFiles files = openFiles((LogState.Closed) now);
            state = new LogState.Open(files);
            disk.settings.listener().opened(disk.openLogs.incrementAndGet());
            return files;
        } catch (IOException e) {
            disk.takeOffline("opening " + log.name(), e);
            throw new KafkaStorageException("Cannot open the log of " + log.name(), e);
        } catch (SuspectLogException e) {
            throw suspected(e);
        } catch (KafkaStorageException e) {
            throw e;
        } catch (RuntimeException e) { // R20: open or out of use, never neither
            throw suspected(LogFiles.unreadable(disk, checkpoint(), e));
        } finally {
            lock.unlock();
        }
    }

    /// Under the lock.
    private SuspectLogException suspected(SuspectLogException why) {
        LOG.error("{}", why.getMessage(), why.getCause());
        if (state instanceof LogState.Closed closed) {
            become(closed.suspect(String.valueOf(why.getMessage())));
        }
        return why;
    }

    private OpenFiles openFiles(LogState.Closed closed) throws IOException {
        LogCheckpoint checkpoint = closed.entry().checkpoint();
        if (closed.isNew()) {
            makeRoom(checkpoint);
        }
        UnifiedLog opened = LogFiles.open(disk, checkpoint, log::config, closed.trusted());
        RecentBatches.reload(opened);
        if (log.tiered() > 0) {
            opened.updateHighestOffsetInRemoteStorage(log.tiered() - 1);
        }
        boolean rolled = opened.activeSegment().baseOffset() != checkpoint.segmentBase();
        boolean asNow = closed.trusted() || rolled;
        LogCheckpoint now = LogFiles.capture(checkpoint, opened);
        return new OpenFiles(disk, opened, asNow ? now : checkpoint.withLogStart(now.logStart()));
    }

    /// L14: what is in the way of a new log and in no entry is kept.
    private void makeRoom(LogCheckpoint checkpoint) throws IOException {
        Path folder = PartitionFolder.of(disk.dir, log.partition());
        if (!Files.exists(folder)) {
            return;
        }
        if (PartitionFolder.idOf(folder).equals(Optional.of(log.partition().topicId()))) {
            throw LogFiles.suspect(checkpoint, "the manifest does not name its folder");
        }
        String why = "no entry of the manifest names it";
        disk.retired
                .retireUnnamed(folder, log.partition().topicPartition(), why)
                .map(id -> new TopicIdPartition(id, log.partition().topicPartition()))
                .map(owner -> ManifestEntry.suspect(LogCheckpoint.empty(owner, 0), why))
                .ifPresent(kept -> manifest.put(kept.asStray(disk.time.milliseconds())));
    }

    /// This log goes offline, the others go on (L3).
    public void breakDown(String why, @Nullable Throwable cause) {
        lock.lock();
        try {
            if (!(state instanceof LogState.Open open)) {
                return;
            }
            String told =
                    "The log of %s is offline (%s). Restart the broker; it recovers from the journal."
                            .formatted(log.name(), why);
            LOG.error("{}", told, cause);
            var saved = new CompletableFuture<Void>();
            become(open.brokeDown(told, saved));
            disk.settings.listener().closed(disk.openLogs.decrementAndGet());
            disk.openers.execute(() -> save(open.files(), saved));
        } finally {
            lock.unlock();
        }
    }

    /// What was acknowledged is in the files; from here on nothing of the journal is needed for it,
    /// however often the ring turns before the next start.
    private void save(OpenFiles files, CompletableFuture<Void> saved) {
        lock.lock();
        try {
            files.flush();
            LogFiles.drop(files.unified());
            if (state instanceof LogState.Broken broken) {
                become(
                        broken.savedUpTo(
                                files.durable().withLogStart(files.checkpoint().logStart())));
            }
            saved.complete(null);
        } catch (IOException | RuntimeException e) { // R20
            LogFiles.drop(files.unified());
            saved.completeExceptionally(e);
            disk.takeOffline("flushing " + log.name(), e);
        } finally {
            lock.unlock();
        }
    }

    private void drop(OpenFiles files) {
        disk.settings.listener().closed(disk.openLogs.decrementAndGet());
        LogFiles.drop(files.unified());
    }

    /// Why it is of no use any more; null while it is.
    public @Nullable String brokenReason() {
        return state.refusal();
    }

    /// Its entry is as it is now, unless it was deleted: that entry goes with its folder. The
    /// future ends when that is durable.
    public CompletableFuture<Void> toManifest() {
        if (state instanceof LogState.Broken broken) {
            OwnedLog.join(broken.saved());
        }
        lock.lock();
        try {
            return state instanceof LogState.Deleted || isNew()
                    ? manifest.synced()
                    : manifest.put(state.entry());
        } finally {
            lock.unlock();
        }
    }

    /// Whether nothing was ever written to it.
    boolean isNew() {
        return state instanceof LogState.Closed closed && closed.isNew();
    }

    /// Commits its deletion (L6): nothing more is taken, and `effect` runs on the log thread once
    /// that is journaled.
    public CompletableFuture<Void> startDelete(Runnable effect) {
        var done = new CompletableFuture<Void>();
        CompletableFuture.allOf(
                        gate.shut("The log of %s is being deleted".formatted(log.name())),
                        folderIsFree.handle((free, error) -> null))
                .thenRun(
                        () ->
                                gate.offerAlways(
                                        new Work.Mark(log, Type.DELETE, 0, 0, effect, done)));
        return done;
    }

    /// On the log thread: the deletion is durable.
    ///
    /// @return lets go of the files, which is for another thread
    public Runnable deleted() {
        lock.lock();
        try {
            OpenFiles files = opened();
            become(state.deleted());
            return files == null ? () -> {} : () -> drop(files);
        } finally {
            lock.unlock();
        }
    }

    /// Takes nothing more, finishes what was taken and closes the files.
    ///
    /// @return what it is then; nothing when it never was anything
    public CompletableFuture<Optional<ManifestEntry>> retire() {
        return recovered()
                .thenCompose(
                        known ->
                                gate.shut(
                                        "The log of %s is becoming a stray".formatted(log.name())))
                .thenCompose(shut -> everythingBefore())
                .thenApplyAsync(passed -> closeForGood(), disk.openers);
    }

    /// So that what its checkpoint says is exactly what is in its folder, if it can be.
    private CompletableFuture<?> recovered() {
        return switch (state) {
            case LogState.Closed closed ->
                    closed.trusted() || closed.isNew()
                            ? folderIsFree.handle((free, error) -> null)
                            : gate.opening(this::startOpening).handle((files, error) -> null);
            case LogState.Broken broken -> broken.saved().handle((saved, error) -> null);
            case LogState.Open open -> CompletableFuture.completedFuture(null);
            case LogState.Suspect suspect -> folderIsFree.handle((free, error) -> null);
            case LogState.Deleted deleted -> CompletableFuture.completedFuture(null);
        };
    }

    /// Ends when the log thread has finished all that passed the gate.
    private CompletableFuture<Void> everythingBefore() {
        if (opened() == null) {
            return CompletableFuture.completedFuture(null);
        }
        var done = new CompletableFuture<Void>();
        gate.offerAlways(new Work.Checkpoint(log, checkpoint(), done));
        return done;
    }

    private Optional<ManifestEntry> closeForGood() {
        log.upkeep.lock();
        lock.lock();
        try {
            closeNow();
            if (isNew() || state instanceof LogState.Deleted) {
                return Optional.empty();
            }
            ManifestEntry now = state.entry();
            boolean exact = now.state() == ManifestEntry.State.CLOSED;
            ManifestEntry last =
                    exact || state instanceof LogState.Suspect
                            ? now
                            : ManifestEntry.suspect(
                                    now.checkpoint(),
                                    "it could not be recovered before it became a stray");
            state = new LogState.Deleted(last);
            return Optional.of(last);
        } catch (IOException e) {
            disk.takeOffline("closing " + log.name(), e);
            throw new KafkaStorageException("Cannot close the log of " + log.name(), e);
        } finally {
            lock.unlock();
            log.upkeep.unlock();
        }
    }

    /// Whether its deletion has begun.
    public boolean isLeaving() {
        return gate.isShut();
    }

    boolean idleFor(long nanos) {
        return opened() != null && System.nanoTime() - lastUsed > nanos;
    }

    /// Rolls first, so that freshness and retention go on without the files (L9), then closes.
    ///
    /// @return false when somebody used it in between
    public boolean closeIdle(long idleNanos) throws IOException {
        if (!idleFor(idleNanos) || !progress.isAllDurable() || !log.upkeep.tryLock()) {
            return false; // or it is being compacted
        }
        try {
            return closeIdleNow();
        } finally {
            log.upkeep.unlock();
        }
    }

    private boolean closeIdleNow() throws IOException {
        log.roll();
        long used = lastUsed;
        CompletableFuture<Void> closing = gate.close();
        if (closing == null) {
            return false;
        }
        boolean closed = false;
        lock.lock();
        try {
            OpenFiles files = opened();
            closed =
                    files != null
                            && lastUsed == used
                            && files.unified().activeSegment().size() == 0
                            && progress.isAllDurable()
                            && files.unified().activeSegment().baseOffset() == files.sealedOffset();
            if (closed) {
                closeNow();
            }
        } finally {
            lock.unlock();
            if (!closed) {
                gate.reopen();
            }
            closing.complete(null);
        }
        return closed;
    }

    /// Under the lock, with nothing staged.
    private void closeNow() throws IOException {
        if (state instanceof LogState.Open open) {
            long lastStable = open.files().unified().lastStableOffset();
            LogCheckpoint last = open.files().close();
            become(open.closed(last, lastStable));
            disk.settings.listener().closed(disk.openLogs.decrementAndGet());
        }
    }

    /// At the end of the process, after the log thread.
    public void shutDown() throws IOException {
        lock.lock();
        try {
            OpenFiles files = opened();
            if (files != null && disk.isOffline()) {
                LogFiles.drop(files.unified());
            } else {
                closeNow();
            }
        } finally {
            lock.unlock();
        }
    }

    void offerAlways(Work work) {
        gate.offerAlways(work);
    }

    /// Something that passed its gate is finished, or refused.
    public void finished() {
        gate.finished();
    }

    /// On the log thread: what passed the gate finds the files open, unless the log broke since.
    OpenFiles requireOpened() {
        OpenFiles files = opened();
        if (files == null) {
            state.requireUsable();
            throw new KafkaStorageException("The files of %s are closed".formatted(log.name()));
        }
        return files;
    }
}
