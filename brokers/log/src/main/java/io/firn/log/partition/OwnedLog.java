package io.firn.log.partition;

import io.firn.log.AbortedTxn;
import io.firn.log.ActiveProducer;
import io.firn.log.ActiveSegment;
import io.firn.log.Appended;
import io.firn.log.CheckBudget;
import io.firn.log.ClosedSegment;
import io.firn.log.EpochEnd;
import io.firn.log.EpochEntry;
import io.firn.log.Isolation;
import io.firn.log.LogRead;
import io.firn.log.PartitionLog;
import io.firn.log.Planted;
import io.firn.log.ProduceCheck;
import io.firn.log.TimestampOffset;
import io.firn.log.append.BatchCheck;
import io.firn.log.append.LogThread;
import io.firn.log.append.Work;
import io.firn.log.directory.DirectoryFailures;
import io.firn.log.directory.Disk;
import io.firn.log.directory.Manifest;
import io.firn.log.directory.ManifestEntry;
import io.firn.log.housekeeping.Retention;
import io.firn.log.journal.JournalFormat.Type;

import org.apache.kafka.common.TopicIdPartition;
import org.apache.kafka.common.errors.KafkaStorageException;
import org.apache.kafka.common.errors.OffsetOutOfRangeException;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.storage.internals.log.LogConfig;
import org.apache.kafka.storage.internals.log.LogStartOffsetIncrementReason;
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
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import java.util.function.LongConsumer;

/// One partition's log, in one of the states of [LogState]: files open on use and close when idle.
///
/// `lock` guards the state, the files and everything that is staged. The log thread holds it while
/// it appends, coordinators in [#appendNow]. Nobody waits for the log thread while holding it, and
/// the log thread never waits for files that are being opened: its work waits in [OpeningGate].
public final class OwnedLog implements PartitionLog {
    private static final Logger LOG = LoggerFactory.getLogger(OwnedLog.class);

    public final Disk disk;
    public final ReentrantLock lock = new ReentrantLock();
    /// Held by whoever removes closed segments or writes them anew, and who closes the files.
    public final ReentrantLock upkeep = new ReentrantLock();
    private final LogThread thread;
    private final Manifest manifest;
    private final TopicIdPartition partition;
    private final CompletableFuture<Void> folderIsFree;
    private final OpeningGate gate;
    private final DurableProgress progress;
    private final SegmentSealer sealer;
    private volatile LogConfig config;
    private volatile LogState state;
    private volatile int leaderEpoch = -1;
    private volatile long lastUsed = System.nanoTime();
    private volatile long tiered;
    /// The journal's, on the log thread.
    public int handle = -1;
    public int namedInTurn = -1;

    /// @param folderIsFree ends when no other log uses the folder (L15)
    public OwnedLog(
            Disk disk,
            Manifest manifest,
            LogThread thread,
            LogState state,
            LogConfig config,
            CompletableFuture<Void> folderIsFree) {
        LogRow row = state.entry().row();
        this.disk = disk;
        this.manifest = manifest;
        this.thread = thread;
        this.partition = row.partition();
        this.state = state;
        this.config = config;
        this.folderIsFree = folderIsFree;
        this.gate = new OpeningGate(thread);
        this.progress = new DurableProgress(row.end());
        this.sealer = new SegmentSealer(this, thread);
    }

    // ---- life cycle

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
        long lineage = row().lineage();
        for (int attempt = 0; ; attempt++) {
            try {
                disk.failures.contained(flush);
                return true;
            } catch (IOException | RuntimeException e) {
                if (hasClosed(files.unified()) || row().lineage() != lineage) {
                    return false;
                }
                if (attempt > 2 || !isOfAFileThatIsGone(e)) {
                    disk.takeOffline("flushing " + name(), e);
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

    private OpenFiles open() {
        lastUsed = System.nanoTime();
        disk.requireOnline();
        LogState now = state;
        if (now instanceof LogState.Open open) {
            return open.files();
        }
        now.requireUsable();
        return join(gate.opening(this::startOpening));
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
                return manifest.remove(partition);
            }
            return state instanceof LogState.Closed closed && (closed.trusted() || closed.isNew())
                    ? manifest.put(ManifestEntry.open(closed.entry().row()))
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
            disk.takeOffline("opening " + name(), e);
            throw new KafkaStorageException("Cannot open the log of " + name(), e);
        } catch (SuspectLogException e) {
            LOG.error("{}", e.getMessage());
            if (state instanceof LogState.Closed closed) {
                become(closed.suspect(String.valueOf(e.getMessage())));
            }
            throw e;
        } finally {
            lock.unlock();
        }
    }

    private OpenFiles openFiles(LogState.Closed closed) throws IOException {
        LogRow row = closed.entry().row();
        if (closed.isNew()) {
            makeRoom(row);
        }
        UnifiedLog opened = LogFiles.open(disk, row, () -> config, closed.trusted());
        RecentBatches.reload(opened);
        if (tiered > 0) {
            opened.updateHighestOffsetInRemoteStorage(tiered - 1);
        }
        boolean rolled = opened.activeSegment().baseOffset() != row.segmentBase();
        boolean asNow = closed.trusted() || rolled;
        return new OpenFiles(disk, opened, asNow ? LogFiles.capture(row, opened) : row);
    }

    /// L14: what is in the way of a new log and in no entry is kept.
    private void makeRoom(LogRow row) throws IOException {
        Path folder = LogFiles.folder(disk.dir, partition);
        if (!Files.exists(folder)) {
            return;
        }
        if (LogFiles.idOf(folder).equals(Optional.of(partition.topicId()))) {
            throw LogFiles.suspect(row, "the manifest does not name its folder");
        }
        String why = "no entry of the manifest names it";
        disk.retired
                .retireUnnamed(folder, partition.topicPartition(), why)
                .map(id -> new TopicIdPartition(id, partition.topicPartition()))
                .map(owner -> ManifestEntry.suspect(LogRow.empty(owner, 0), why))
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
                            .formatted(name(), why);
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
            disk.takeOffline("flushing " + name(), e);
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
            join(broken.saved());
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
                        gate.shut("The log of %s is being deleted".formatted(name())),
                        folderIsFree.handle((free, error) -> null))
                .thenRun(
                        () ->
                                gate.offerAlways(
                                        new Work.Mark(this, Type.DELETE, 0, 0, effect, done)));
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
    public CompletableFuture<Optional<ManifestEntry>> setAside() {
        return recovered()
                .thenCompose(
                        known -> gate.shut("The log of %s is being set aside".formatted(name())))
                .thenCompose(shut -> everythingBefore())
                .thenApplyAsync(passed -> closeForGood(), disk.openers);
    }

    /// So that what its row says is exactly what is in its folder, if it can be.
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
        gate.offerAlways(new Work.Row(this, row(), done));
        return done;
    }

    private Optional<ManifestEntry> closeForGood() {
        upkeep.lock();
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
                                    now.row(), "it could not be recovered before it was set aside");
            state = new LogState.Deleted(last);
            return Optional.of(last);
        } catch (IOException e) {
            disk.takeOffline("closing " + name(), e);
            throw new KafkaStorageException("Cannot close the log of " + name(), e);
        } finally {
            lock.unlock();
            upkeep.unlock();
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
        if (!idleFor(idleNanos) || !progress.isAllDurable() || !upkeep.tryLock()) {
            return false; // or it is being compacted
        }
        try {
            return closeIdleNow();
        } finally {
            upkeep.unlock();
        }
    }

    private boolean closeIdleNow() throws IOException {
        roll();
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
            LogRow last = open.files().close();
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

    // ---- settings

    public String name() {
        return partition.topic() + "-" + partition.partition();
    }

    @Override
    public int maxBatchBytes() {
        return Math.min(config().maxMessageSize(), thread.maxBatch());
    }

    public LogConfig config() {
        return config;
    }

    public void reconfigure(LogConfig next) {
        lock.lock();
        try {
            config = next;
            UnifiedLog now = openFiles();
            if (now != null) {
                now.updateConfig(next);
            }
        } finally {
            lock.unlock();
        }
    }

    // ---- appends

    @Override
    public TopicIdPartition partition() {
        return partition;
    }

    @Override
    public CompletableFuture<Appended> append(
            MemoryRecords records, int epoch, ProduceCheck check, CheckBudget budget) {
        LogConfig settings = config;
        boolean asLeader = BatchCheck.needsLeaderAppend(settings);
        BatchCheck checks = disk.checks.get();
        var problem =
                checks.check(
                        records,
                        settings,
                        Math.min(settings.maxMessageSize(), thread.maxBatch()),
                        asLeader ? ProduceCheck.RECORDS : check, // it unpacks without a bound
                        disk.time.milliseconds(),
                        budget);
        if (problem != null) { // L2: it leaves no trace
            disk.settings.listener().refused(problem.error().name());
            return CompletableFuture.completedFuture(
                    Appended.failed(problem.error(), problem.message(), logStartOffset())
                            .because(problem.records()));
        }
        boolean rewrites = asLeader || checks.mustRewrite();
        long most = rewrites ? Math.min(checks.mostRewritten(), settings.maxMessageSize()) : 0;
        return enqueue(records, epoch, rewrites, false, (int) Math.min(most, thread.maxBatch()));
    }

    @Override
    public CompletableFuture<Appended> appendReplicated(MemoryRecords records, int epoch) {
        return enqueue(records, epoch, false, true, 0);
    }

    /// Hands a batch to the log's thread as it is; whoever calls has checked it.
    ///
    /// @param rewritten the most bytes that a leader append makes of it
    public CompletableFuture<Appended> enqueue(
            MemoryRecords records, int epoch, boolean asLeader, boolean replicated, int rewritten) {
        var done = new CompletableFuture<Appended>();
        int bytes = Math.max(records.sizeInBytes(), rewritten);
        if (bytes > thread.maxAppend()) {
            done.complete(
                    Appended.failed(
                            Errors.MESSAGE_TOO_LARGE,
                            "%d bytes at once are more than a write group takes (%d, an eighth of the journal). Send fewer, or give the broker a larger journal."
                                    .formatted(bytes, thread.maxAppend()),
                            row().logStart()));
            return done;
        }
        lastUsed = System.nanoTime();
        String refusal = thread.refusal();
        refusal = refusal == null ? brokenReason() : refusal;
        if (refusal == null) {
            refusal =
                    gate.offer(
                            new Work.Append(
                                    this,
                                    records,
                                    epoch,
                                    asLeader,
                                    replicated,
                                    bytes + Work.OVERHEAD,
                                    done),
                            this::startOpening);
        }
        if (refusal != null) {
            done.complete(Appended.failed(Errors.KAFKA_STORAGE_ERROR, refusal, row().logStart()));
        }
        return done;
    }

    void offerAlways(Work work) {
        gate.offerAlways(work);
    }

    /// Something that passed its gate is finished, or refused.
    public void finished() {
        gate.finished();
    }

    @Override
    public long appendNow(MemoryRecords records, int epoch) {
        for (int attempt = 0; ; attempt++) {
            OpenFiles files = open(); // not under the lock: others open them
            lock.lock();
            try {
                if (opened() == files) {
                    return CoordinatorAppends.append(this, files, records, epoch);
                }
                if (attempt > 2) {
                    state.requireUsable();
                    throw new KafkaStorageException(
                            "The files of %s close again and again".formatted(name()));
                }
            } finally {
                lock.unlock();
            }
        }
    }

    /// Under the lock.
    public void appendedTo(OpenFiles files) {
        progress.appendedTo(files.unified().logEndOffset());
        if (files.noteAppend()) {
            sealer.sealSoon();
        }
    }

    /// Its group and all before it count as durable (L3). Called in the order of groups.
    public void committed(LogRow upTo) {
        OpenFiles files;
        lock.lock();
        try {
            files = opened();
            if (files == null) {
                return;
            }
            files.committed(upTo);
        } finally {
            lock.unlock();
        }
        moveDurableEnd(files.unified(), upTo.end());
    }

    private void moveDurableEnd(UnifiedLog files, long end) {
        try {
            files.updateHighWatermark(end);
        } catch (IOException e) {
            disk.takeOffline("moving the high watermark of " + name(), e);
            return;
        }
        progress.durableTo(end);
    }

    // ---- checkpoint

    /// What the journal's handle says: everything below its end is on disk.
    public LogRow row() {
        return state.entry().row();
    }

    /// Where it stood after the last group that is durable.
    public LogRow durableRow() {
        OpenFiles files = opened();
        return files == null ? row() : files.durable();
    }

    public void flushedTo(LogRow upTo) {
        lock.lock();
        try {
            OpenFiles files = opened();
            if (files != null) {
                files.flushedTo(upTo);
            }
        } finally {
            lock.unlock();
        }
    }

    /// The row is in the journal: see [OpenFiles#sealedOffset].
    public void sealed(LogRow durable) {
        lock.lock();
        try {
            OpenFiles files = opened();
            if (files != null) {
                files.flushedTo(durable);
                files.sealed(durable);
            }
        } finally {
            lock.unlock();
        }
    }

    public void cleanedTo(long offset) {
        lock.lock();
        try {
            OpenFiles files = opened();
            if (files != null) {
                files.cleanedTo(offset);
            }
        } finally {
            lock.unlock();
        }
    }

    public long sealedOffset() {
        OpenFiles files = opened();
        return files == null ? row().segmentBase() : files.sealedOffset();
    }

    public void sealNow() {
        sealer.sealNow();
    }

    // ---- offsets

    @Override
    public long logStartOffset() {
        UnifiedLog now = openFiles();
        if (now != null) {
            return now.logStartOffset();
        }
        LogRow known = row();
        return config.remoteStorageEnable()
                ? known.logStart()
                : Math.max(known.logStart(), known.localStart());
    }

    @Override
    public long localLogStartOffset() {
        UnifiedLog now = openFiles();
        return now == null ? Math.max(row().localStart(), 0) : now.localLogStartOffset();
    }

    @Override
    public long endOffset() {
        return progress.appendedEnd();
    }

    @Override
    public long durableEnd() {
        return progress.durableEnd();
    }

    @Override
    public long highWatermark() {
        return progress.durableEnd();
    }

    @Override
    public long lastStableOffset() {
        return switch (state) {
            case LogState.Open open -> open.files().unified().lastStableOffset();
            case LogState.Closed closed ->
                    closed.lastStableOffset() >= 0
                            ? closed.lastStableOffset()
                            : files().lastStableOffset();
            default -> files().lastStableOffset();
        };
    }

    @Override
    public void onHighWatermark(LongConsumer listener) {
        progress.add(listener);
    }

    @Override
    public void removeListener(LongConsumer listener) {
        progress.remove(listener);
    }

    @Override
    public void becomeLeader(int epoch) {
        leaderEpoch = Math.max(leaderEpoch, epoch);
    }

    public int leaderEpoch() {
        return leaderEpoch;
    }

    // ---- reads

    @Override
    public LogRead read(long offset, int maxBytes, boolean atLeastOneBatch, Isolation isolation) {
        return disk.undisturbed(
                () -> LogReads.read(this, offset, maxBytes, atLeastOneBatch, isolation));
    }

    /// L1: files that closed between look-up and read are looked up again.
    private <T> T reading(Function<UnifiedLog, T> read) {
        return disk.undisturbed(
                () -> {
                    for (int attempt = 0; ; attempt++) {
                        UnifiedLog files = files();
                        try {
                            return read.apply(files);
                        } catch (KafkaStorageException e) {
                            if (attempt > 2 || openFiles() == files) {
                                throw e;
                            }
                        }
                    }
                });
    }

    @Override
    public Optional<TimestampOffset> offsetForTimestamp(long timestamp) {
        return reading(files -> LogReads.offsetForTimestamp(files, timestamp, durableEnd()));
    }

    @Override
    public TimestampOffset maxTimestamp() {
        return reading(files -> LogReads.maxTimestamp(files, durableEnd()));
    }

    @Override
    public EpochEnd endOffsetForEpoch(int epoch) {
        if (epoch == leaderEpoch && epoch >= 0) {
            return new EpochEnd(epoch, durableEnd());
        }
        return files().endOffsetForEpoch(epoch)
                .map(e -> new EpochEnd(e.epoch(), e.offset()))
                .orElse(EpochEnd.NONE);
    }

    @Override
    public List<EpochEntry> epochs() {
        return LogReads.epochs(files());
    }

    @Override
    public List<ActiveProducer> producers() {
        return LogReads.producers(files());
    }

    @Override
    public byte[] producerSnapshot(long atOffset) {
        return reading(files -> LogReads.producerSnapshot(files, atOffset));
    }

    @Override
    public Optional<ActiveSegment> active() { // does not keep an idle log open
        OpenFiles now = opened();
        if (now == null && row().position() == 0) {
            return Optional.empty();
        }
        OpenFiles files = now == null ? open() : now;
        return LogReads.active(files.unified(), files.firstAppendMillis());
    }

    @Override
    public List<ClosedSegment> closed() {
        if (state instanceof LogState.Closed closed
                && closed.trusted()
                && (row().size() == 0 || tiered >= row().end())) {
            return List.of();
        }
        return disk.undisturbed(
                () -> {
                    OpenFiles now = opened();
                    OpenFiles files = now == null ? open() : now;
                    return LogReads.closed(
                            files.unified(), Math.min(files.sealedOffset(), durableEnd()));
                });
    }

    @Override
    public List<AbortedTxn> aborted(long start, long end) {
        return reading(files -> LogReads.aborted(files, start, end));
    }

    @Override
    public long sizeBytes() {
        UnifiedLog now = openFiles();
        return now == null ? row().size() : now.size();
    }

    // ---- changes

    @Override
    public void deleteRecordsBefore(long offset) {
        state.requireUsable();
        if (offset > highWatermark()) {
            throw new OffsetOutOfRangeException(
                    "Cannot delete records of %s before %d: the high watermark is %d"
                            .formatted(name(), offset, highWatermark()));
        }
        if (offset <= logStartOffset()) {
            return;
        }
        mark(Type.LOG_START, offset, offset, () -> startAt(offset));
    }

    private void startAt(long offset) {
        lock.lock();
        try {
            OpenFiles files = requireOpened();
            files.unified()
                    .maybeIncrementLogStartOffset(
                            offset, LogStartOffsetIncrementReason.ClientRecordDeletion);
            files.startsAt(offset);
        } finally {
            lock.unlock();
        }
    }

    /// On the log thread: what passed the gate finds the files open, unless the log broke since.
    private OpenFiles requireOpened() {
        OpenFiles files = opened();
        if (files == null) {
            state.requireUsable();
            throw new KafkaStorageException("The files of %s are closed".formatted(name()));
        }
        return files;
    }

    @Override
    public void restartAt(long offset, long logStart) {
        if (logStart > offset) {
            throw new IllegalArgumentException(
                    "Cannot restart %s at %d: its log start %d lies above"
                            .formatted(name(), offset, logStart));
        }
        mark(Type.RESTART, offset, logStart, () -> restartNow(offset, logStart));
    }

    private void restartNow(long offset, long logStart) {
        UnifiedLog unified;
        lock.lock();
        try {
            OpenFiles files = requireOpened();
            unified = files.unified();
            unified.truncateFullyAndStartAt(offset, Optional.of(logStart));
            files.restartedAt(offset, logStart, thread.lastSeq());
            files.flush();
            progress.appendedTo(offset);
        } catch (IOException e) {
            disk.takeOffline("restarting " + name(), e);
            return;
        } finally {
            lock.unlock();
        }
        moveDurableEnd(unified, offset);
    }

    /// Journals the mark, waits until it is durable and its effect has happened (L6). The files are
    /// open before.
    private void mark(Type type, long offset, long logStart, Runnable effect) {
        var done = new CompletableFuture<Void>();
        String refusal =
                gate.offer(
                        new Work.Mark(this, type, offset, logStart, effect, done),
                        this::startOpening);
        if (refusal != null) {
            throw new KafkaStorageException(refusal);
        }
        join(done);
    }

    public static <T> T join(CompletableFuture<T> done) {
        try {
            return done.join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof KafkaStorageException storage) {
                throw storage;
            }
            throw new KafkaStorageException(
                    "The log did not do it: %s".formatted(e.getCause()), e.getCause());
        }
    }

    @Override
    public void roll() {
        disk.undisturbed(
                () -> {
                    rollNow();
                    sealer.sealNow();
                    return true;
                });
    }

    private void rollNow() {
        OpenFiles files = open();
        lock.lock();
        try {
            if (opened() == files && files.unified().activeSegment().size() > 0) {
                files.unified().roll();
                files.noteRoll();
            }
        } catch (IOException e) {
            disk.takeOffline("rolling " + name(), e);
            throw new KafkaStorageException("Cannot roll " + name(), e);
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void tieredUpTo(long offset) {
        tiered = Math.max(tiered, offset);
        UnifiedLog now = openFiles();
        if (now != null) {
            now.updateHighestOffsetInRemoteStorage(tiered - 1);
        }
    }

    @Override
    public void applyRetention(long nowMillis) {
        disk.undisturbed(
                () -> {
                    if (upkeep.tryLock()) { // else it is being compacted: the next round does
                        try {
                            Retention.apply(this, nowMillis);
                        } finally {
                            upkeep.unlock();
                        }
                    }
                    return true;
                });
    }
}
