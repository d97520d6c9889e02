package io.firn.log;

import io.firn.log.JournalFormat.Type;

import org.apache.kafka.common.TopicIdPartition;
import org.apache.kafka.common.errors.KafkaStorageException;
import org.apache.kafka.common.errors.OffsetOutOfRangeException;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.server.common.RequestLocal;
import org.apache.kafka.storage.internals.log.AppendOrigin;
import org.apache.kafka.storage.internals.log.LogConfig;
import org.apache.kafka.storage.internals.log.LogSegment;
import org.apache.kafka.storage.internals.log.LogStartOffsetIncrementReason;
import org.apache.kafka.storage.internals.log.RecordValidationException;
import org.apache.kafka.storage.internals.log.UnifiedLog;
import org.jspecify.annotations.Nullable;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.file.NoSuchFileException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongConsumer;

/// One partition's log: files that open on use and close when idle, and what is durable of them.
///
/// `lock` guards the files and everything that is staged. The log thread holds it while it appends,
/// coordinators in [#appendNow]. Nobody waits for the log thread while holding it.
final class OwnedLog implements PartitionLog {
    /// Bytes that a coordinator appended, waiting for their group.
    record Before(ByteBuffer records, int leaderEpoch, long before, long after, LogRow boundary) {
        /// Upper bound of what it takes in a group.
        int bytes() {
            return records.remaining() + Work.OVERHEAD;
        }
    }

    final Disk disk;
    final ReentrantLock lock = new ReentrantLock();
    /// Held by whoever removes closed segments or writes them anew, and who closes the files.
    final ReentrantLock upkeep = new ReentrantLock();
    private final LogThread thread;
    private final Manifest manifest;
    private final TopicIdPartition partition;
    private final List<LongConsumer> listeners = new CopyOnWriteArrayList<>();
    private final Deque<Before> before = new ArrayDeque<>(1);
    private volatile LogConfig config;
    private volatile @Nullable UnifiedLog files;
    private volatile LogRow row;
    private volatile long durableEnd;
    private volatile long appendedEnd;
    private volatile long visibleBase;
    private volatile int leaderEpoch = -1;
    private volatile long lastUsed = System.nanoTime();
    private volatile long firstAppendMillis;
    private volatile long firstAppendBase;
    private volatile long tiered;
    private volatile long lastStable = -1;
    private volatile boolean closedCleanly;
    private volatile boolean settling;
    private volatile @Nullable String broken;
    private volatile boolean suspect;
    private volatile boolean deleted;
    private @Nullable LogRow stagedBoundary;
    private volatile LogRow boundary;
    int handle = -1;
    int namedInTurn = -1;

    OwnedLog(
            Disk disk,
            Manifest manifest,
            LogThread thread,
            LogRow row,
            LogConfig config,
            boolean closedCleanly) {
        this.disk = disk;
        this.manifest = manifest;
        this.thread = thread;
        this.partition = row.partition();
        this.row = row;
        this.boundary = row;
        this.config = config;
        this.closedCleanly = closedCleanly;
        this.durableEnd = row.end();
        this.appendedEnd = row.end();
        this.visibleBase = row.segmentBase();
    }

    // ---- files

    @Nullable UnifiedLog openFiles() {
        return files;
    }

    /// Whether these are not its files any more; waits for whoever is closing them.
    boolean hasClosed(UnifiedLog before) {
        lock.lock();
        try {
            return files != before;
        } finally {
            lock.unlock();
        }
    }

    /// A flush that fails takes the directory offline (L4), unless these files were closed or thrown
    /// away under it, which Kafka takes for a failed directory too. Where retention removed a
    /// segment under it, it looks again: nothing of that was a sync that failed.
    ///
    /// @return false when they were
    boolean flush(UnifiedLog opened, DirectoryFailures.Work flush) throws IOException {
        long lineage = row.lineage();
        for (int attempt = 0; ; attempt++) {
            try {
                disk.failures.contained(flush);
                return true;
            } catch (IOException | RuntimeException e) {
                if (hasClosed(opened) || row.lineage() != lineage) {
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

    /// Opens the files if they are closed. A log that cannot be opened stays refused (R20).
    UnifiedLog files() {
        lastUsed = System.nanoTime();
        UnifiedLog now = files;
        return now != null && broken == null && !disk.isOffline()
                ? now
                : disk.undisturbed(this::openFilesNow);
    }

    private UnifiedLog openFilesNow() {
        lock.lock();
        try {
            requireUsable();
            UnifiedLog now = files;
            if (now == null) {
                join(namedOpen()); // L14: before anything of it changes
                now = LogFiles.open(disk, row, () -> config, closedCleanly);
                RecentBatches.reload(now);
                if (tiered > 0) {
                    now.updateHighestOffsetInRemoteStorage(tiered - 1);
                }
                boolean rolled = now.activeSegment().baseOffset() != row.segmentBase();
                if (closedCleanly || rolled) {
                    row = LogFiles.capture(row, now);
                    boundary = row;
                }
                closedCleanly = false;
                files = now;
                disk.settings.listener().opened(disk.openLogs.incrementAndGet());
            }
            return now;
        } catch (IOException e) {
            disk.takeOffline("opening " + name(), e);
            throw new KafkaStorageException("Cannot open the log of " + name(), e);
        } catch (KafkaStorageException e) {
            if (broken == null && !disk.isOffline()) {
                refuse(String.valueOf(e.getMessage()));
                toManifest();
            }
            throw e;
        } finally {
            lock.unlock();
        }
    }

    private CompletableFuture<Void> namedOpen() {
        return disk.planted.contains(Planted.OPENED_IS_FORGOTTEN) && closedCleanly
                ? manifest.remove(partition)
                : manifest.put(ManifestEntry.open(row));
    }

    /// What the manifest has to say of it: see [#toManifest].
    private ManifestEntry entry() {
        String why = broken;
        if (why != null) {
            return suspect ? ManifestEntry.suspect(row, why) : ManifestEntry.broken(row, why);
        }
        return closedCleanly ? ManifestEntry.closed(row) : ManifestEntry.open(row);
    }

    /// Changes its entry (L14), unless the log was deleted.
    void toManifest() {
        lock.lock();
        try {
            if (!deleted) {
                manifest.put(entry());
            }
        } finally {
            lock.unlock();
        }
    }

    /// Whether its active segment has bytes, as the last row says.
    boolean hadFiles() {
        return files == null && row.position() > 0;
    }

    private void requireUsable() {
        disk.requireOnline();
        String why = broken;
        if (why != null) {
            throw new KafkaStorageException(why);
        }
    }

    /// This log goes offline, the others go on (L3).
    void breakDown(String why, @Nullable Throwable cause) {
        broken =
                "The log of %s is offline (%s). Restart the broker; it recovers from the journal."
                        .formatted(name(), why);
        org.slf4j.LoggerFactory.getLogger(OwnedLog.class).error("{}", broken, cause);
        disk.settings.listener().broken(String.valueOf(broken));
        toManifest();
    }

    @Nullable String brokenReason() {
        return broken;
    }

    String name() {
        return partition.topic() + "-" + partition.partition();
    }

    LogConfig config() {
        return config;
    }

    void reconfigure(LogConfig next) {
        lock.lock();
        try {
            config = next;
            UnifiedLog now = files;
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
            MemoryRecords records, int epoch, ProduceCheck check) {
        LogConfig settings = config;
        boolean asLeader = BatchCheck.needsLeaderAppend(settings);
        BatchCheck checks = disk.checks.get();
        var problem =
                checks.check(
                        records,
                        settings,
                        Math.min(settings.maxMessageSize(), thread.maxBatch()),
                        asLeader ? ProduceCheck.RECORDS : check, // it unpacks without a bound
                        disk.time.milliseconds());
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
    CompletableFuture<Appended> enqueue(
            MemoryRecords records, int epoch, boolean asLeader, boolean replicated, int rewritten) {
        var done = new CompletableFuture<Appended>();
        int bytes = Math.max(records.sizeInBytes(), rewritten);
        if (bytes > thread.maxAppend()) {
            done.complete(
                    Appended.failed(
                            Errors.MESSAGE_TOO_LARGE,
                            "%d bytes at once are more than a write group takes (%d, an eighth of the journal). Send fewer, or give the broker a larger journal."
                                    .formatted(bytes, thread.maxAppend()),
                            row.logStart()));
            return done;
        }
        String refusal =
                thread.offer(
                        new Work.Append(
                                this,
                                records,
                                epoch,
                                asLeader,
                                replicated,
                                bytes + Work.OVERHEAD,
                                done));
        if (refusal != null) {
            done.complete(Appended.failed(Errors.KAFKA_STORAGE_ERROR, refusal, row.logStart()));
        }
        return done;
    }

    @Override
    public long appendNow(MemoryRecords records, int epoch) {
        files(); // not under the lock: another thread may open them
        lock.lock();
        try {
            UnifiedLog now = files();
            if (!disk.hasSpace(records.sizeInBytes())) {
                throw new KafkaStorageException("Disk of %s is full".formatted(disk.dir));
            }
            LogFiles.requireGathered(disk, now);
            return appendNow(now, records, epoch);
        } catch (IOException e) {
            disk.takeOffline("appending to " + name(), e);
            throw new KafkaStorageException("Cannot append to " + name(), e);
        } finally {
            lock.unlock();
        }
    }

    /// A failure after which the log is not as it was breaks it: what is appended next would be
    /// journaled from a wrong position (L3, L4).
    private long appendNow(UnifiedLog now, MemoryRecords records, int epoch) throws IOException {
        long start = now.logEndOffset();
        LogSegment segment = now.activeSegment();
        int size = segment.size();
        try {
            var read =
                    Appender.leaderAppend(
                            this,
                            now,
                            records,
                            epoch,
                            AppendOrigin.COORDINATOR,
                            RequestLocal.noCaching());
            if (read.after() == start) {
                return start;
            }
            ByteBuffer copy = ByteBuffer.allocate(read.bytes());
            Appender.readBack(now, read, copy);
            appendedTo(now);
            var appended =
                    new Before(copy.flip(), epoch, start, read.after(), LogFiles.capture(row, now));
            before.add(appended);
            thread.offerAlways(new Work.Staged(this, appended.bytes()));
            return read.after();
        } catch (IOException | RuntimeException e) {
            if (e instanceof KafkaStorageException
                    || e instanceof IOException
                    || now.logEndOffset() != start
                    || Appender.bytesAfter(now, segment, size) != 0) {
                breakDown("a coordinator's append failed: " + e.getMessage(), e);
            }
            if (e instanceof RecordValidationException refused) {
                throw refused.invalidException();
            }
            throw e;
        }
    }

    /// Under the lock, on the log thread: what coordinators appended, in order, before anything
    /// else of this log.
    @Nullable Before pollBefore() {
        return before.peek();
    }

    void removeBefore() {
        before.remove();
    }

    /// Under the lock: what coordinators appended and no group has yet.
    int beforeBytes() {
        return before.stream().mapToInt(Before::bytes).sum();
    }

    /// Under the lock: the batches below are in the files and in the group that is being staged.
    void staged(LogRow upTo) {
        stagedBoundary = upTo;
    }

    /// Under the lock.
    void appendedTo(UnifiedLog now) {
        appendedEnd = now.logEndOffset();
        noteFirstAppend(now);
    }

    private void noteFirstAppend(UnifiedLog now) {
        long base = now.activeSegment().baseOffset();
        if (firstAppendMillis == 0 || firstAppendBase != base) {
            firstAppendBase = base;
            firstAppendMillis = disk.time.milliseconds();
        }
        if (base > visibleBase && !settling) {
            settling = true;
            disk.background.execute(this::settleQuietly);
        }
    }

    /// Under the lock: where the log stands once everything staged so far is durable; null when
    /// nothing was staged since the last call.
    @Nullable LogRow takeStagedBoundary() {
        LogRow upTo = stagedBoundary;
        stagedBoundary = null;
        return upTo;
    }

    /// Its group and all before it count as durable (L3). Called in the order of groups.
    void committed(LogRow upTo) {
        lock.lock();
        try {
            if (broken != null) {
                return;
            }
            boundary = upTo;
        } finally {
            lock.unlock();
        }
        moveDurableEnd(upTo.end());
    }

    private void moveDurableEnd(long end) {
        durableEnd = end;
        UnifiedLog now = files;
        if (now != null) {
            try {
                now.updateHighWatermark(end);
            } catch (IOException e) {
                disk.takeOffline("moving the high watermark of " + name(), e);
                return;
            }
        }
        for (LongConsumer listener : listeners) {
            listener.accept(end);
        }
    }

    // ---- rows

    /// What the journal's handle says: everything below its end is on disk.
    LogRow row() {
        return row;
    }

    LogRow boundary() {
        return boundary;
    }

    boolean closedCleanly() {
        return closedCleanly;
    }

    long visibleBase() {
        return visibleBase;
    }

    void flushedTo(LogRow upTo) {
        lock.lock();
        try {
            if (upTo.supersedes(row)) {
                row = upTo.withLogStart(row.logStart());
            }
        } finally {
            lock.unlock();
        }
    }

    /// The row is in the journal: segments below its base may be offloaded, compacted and deleted
    /// (L9).
    void visibleFrom(LogRow durable) {
        visibleBase = Math.max(visibleBase, durable.segmentBase());
    }

    void cleanedTo(long offset) {
        lock.lock();
        try {
            row = row.withCleanedTo(offset);
        } finally {
            lock.unlock();
        }
    }

    private void settleQuietly() {
        try {
            settle().whenComplete((done, error) -> settling = false);
        } catch (IOException | RuntimeException e) {
            disk.takeOffline("flushing closed segments of " + name(), e);
        }
    }

    /// Flushes closed segments and journals a row that begins at the active one; the future ends
    /// when it is durable.
    CompletableFuture<Void> settle() throws IOException {
        LogRow next;
        UnifiedLog now = files;
        lock.lock();
        try {
            if (now == null
                    || now != files
                    || now.activeSegment().baseOffset() <= visibleBase) {
                return CompletableFuture.completedFuture(null);
            }
            next = LogFiles.captureClosed(row, now);
        } finally {
            lock.unlock();
        }
        if (!flush(now, () -> LogFiles.flushClosed(now, next.segmentBase()))) {
            return CompletableFuture.completedFuture(null);
        }
        var done = new CompletableFuture<Void>();
        thread.offerAlways(new Work.Row(this, next, done));
        return done;
    }

    // ---- offsets

    @Override
    public long logStartOffset() {
        UnifiedLog now = files;
        if (now != null) {
            return now.logStartOffset();
        }
        LogRow known = row;
        return config.remoteStorageEnable()
                ? known.logStart()
                : Math.max(known.logStart(), known.localStart());
    }

    @Override
    public long localLogStartOffset() {
        UnifiedLog now = files;
        return now == null ? Math.max(row.localStart(), 0) : now.localLogStartOffset();
    }

    @Override
    public long endOffset() {
        return appendedEnd;
    }

    @Override
    public long durableEnd() {
        return durableEnd;
    }

    @Override
    public long highWatermark() {
        return durableEnd;
    }

    @Override
    public long lastStableOffset() {
        UnifiedLog now = files;
        if (now != null) {
            return now.lastStableOffset();
        }
        return lastStable >= 0 ? lastStable : files().lastStableOffset();
    }

    @Override
    public void onHighWatermark(LongConsumer listener) {
        listeners.add(listener);
    }

    @Override
    public void removeListener(LongConsumer listener) {
        listeners.remove(listener);
    }

    @Override
    public void becomeLeader(int epoch) {
        leaderEpoch = Math.max(leaderEpoch, epoch);
    }

    int leaderEpoch() {
        return leaderEpoch;
    }

    // ---- reads

    @Override
    public LogRead read(long offset, int maxBytes, boolean atLeastOneBatch, Isolation isolation) {
        return disk.undisturbed(
                () -> LogReads.read(this, offset, maxBytes, atLeastOneBatch, isolation));
    }

    @Override
    public Optional<TimestampOffset> offsetForTimestamp(long timestamp) {
        return disk.undisturbed(() -> LogReads.offsetForTimestamp(files(), timestamp, durableEnd));
    }

    @Override
    public TimestampOffset maxTimestamp() {
        return disk.undisturbed(() -> LogReads.maxTimestamp(files(), durableEnd));
    }

    @Override
    public EpochEnd endOffsetForEpoch(int epoch) {
        if (epoch == leaderEpoch && epoch >= 0) {
            return new EpochEnd(epoch, durableEnd);
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
        return disk.undisturbed(() -> LogReads.producerSnapshot(files(), atOffset));
    }

    @Override
    public Optional<ActiveSegment> active() { // does not keep an idle log open
        UnifiedLog now = files;
        if (now == null && row.position() == 0) {
            return Optional.empty();
        }
        return LogReads.active(now == null ? files() : now, firstAppendMillis);
    }

    @Override
    public List<ClosedSegment> closed() {
        UnifiedLog now = files;
        if (now == null && closedCleanly && (row.size() == 0 || tiered >= row.end())) {
            return List.of();
        }
        return disk.undisturbed(
                () ->
                        LogReads.closed(
                                now == null ? files() : now, Math.min(visibleBase, durableEnd)));
    }

    @Override
    public List<AbortedTxn> aborted(long start, long end) {
        return disk.undisturbed(() -> LogReads.aborted(files(), start, end));
    }

    @Override
    public long sizeBytes() {
        UnifiedLog now = files;
        return now == null ? row.size() : now.size();
    }

    // ---- changes

    @Override
    public void deleteRecordsBefore(long offset) {
        requireUsable();
        if (offset > highWatermark()) {
            throw new OffsetOutOfRangeException(
                    "Cannot delete records of %s before %d: the high watermark is %d"
                            .formatted(name(), offset, highWatermark()));
        }
        if (offset <= logStartOffset()) {
            return;
        }
        mark(
                Type.LOG_START,
                offset,
                () -> {
                    lock.lock();
                    try {
                        files().maybeIncrementLogStartOffset(
                                        offset, LogStartOffsetIncrementReason.ClientRecordDeletion);
                        row = row.withLogStart(offset);
                        boundary = boundary.withLogStart(offset);
                    } finally {
                        lock.unlock();
                    }
                });
    }

    @Override
    public void restartAt(long offset, long logStart) {
        if (logStart > offset) {
            throw new IllegalArgumentException(
                    "Cannot restart %s at %d: its log start %d lies above"
                            .formatted(name(), offset, logStart));
        }
        files(); // the folder is there before the mark
        mark(
                Type.RESTART,
                offset,
                logStart,
                () -> {
                    lock.lock();
                    try {
                        UnifiedLog now = files();
                        now.truncateFullyAndStartAt(offset, Optional.of(logStart));
                        LogFiles.flush(now);
                        row = row.restartedAt(offset, logStart, thread.lastSeq());
                        boundary = row;
                        stagedBoundary = null;
                        appendedEnd = offset;
                        visibleBase = offset;
                        firstAppendMillis = 0;
                    } catch (IOException e) {
                        disk.takeOffline("restarting " + name(), e);
                        return;
                    } finally {
                        lock.unlock();
                    }
                    moveDurableEnd(offset);
                });
    }

    /// Journals the mark, waits until it is durable and its effect has happened (L6).
    void mark(Type type, long offset, Runnable effect) {
        mark(type, offset, offset, effect);
    }

    private void mark(Type type, long offset, long logStart, Runnable effect) {
        join(startMark(type, offset, logStart, effect));
    }

    /// Journals the mark; the future ends when it is durable and its effect has happened (L6).
    CompletableFuture<Void> startMark(Type type, Runnable effect) {
        return startMark(type, 0, 0, effect);
    }

    private CompletableFuture<Void> startMark(
            Type type, long offset, long logStart, Runnable effect) {
        var done = new CompletableFuture<Void>();
        thread.offerAlways(new Work.Mark(this, type, offset, logStart, effect, done));
        return done;
    }

    static void join(CompletableFuture<Void> done) {
        try {
            done.join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof KafkaStorageException storage) {
                throw storage;
            }
            throw new KafkaStorageException("The journal refused a mark", e.getCause());
        }
    }

    @Override
    public void roll() {
        disk.undisturbed(
                () -> {
                    rollNow();
                    return true;
                });
    }

    private void rollNow() {
        lock.lock();
        try {
            UnifiedLog now = files();
            if (now.activeSegment().size() > 0) {
                now.roll();
                firstAppendMillis = 0;
            }
        } catch (IOException e) {
            disk.takeOffline("rolling " + name(), e);
            throw new KafkaStorageException("Cannot roll " + name(), e);
        } finally {
            lock.unlock();
        }
        awaitSettled();
    }

    private void awaitSettled() {
        try {
            join(settle());
        } catch (IOException e) {
            disk.takeOffline("flushing closed segments of " + name(), e);
            throw new KafkaStorageException("Cannot flush " + name(), e);
        }
    }

    @Override
    public void tieredUpTo(long offset) {
        tiered = Math.max(tiered, offset);
        UnifiedLog now = files;
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
                            applyRetentionNow(nowMillis);
                        } finally {
                            upkeep.unlock();
                        }
                    }
                    return true;
                });
    }

    private void applyRetentionNow(long nowMillis) {
        requireUsable();
        if (disk.deletionsHeld && config.remoteStorageEnable()) {
            return;
        }
        if (files == null && !Retention.due(row, config, nowMillis)) {
            return;
        }
        UnifiedLog now = files;
        now = now == null ? files() : now;
        try {
            if (Retention.rollFirst(now, nowMillis)) {
                roll();
            } else {
                awaitSettled();
            }
            lock.lock();
            try {
                UnifiedLog still = files;
                if (still != null && still.activeSegment().baseOffset() == visibleBase) {
                    disk.failures.contained(still::deleteOldSegments);
                }
            } finally {
                lock.unlock();
            }
        } catch (IOException e) {
            throw new KafkaStorageException("Cannot delete segments of " + name(), e);
        }
    }

    /// Gives back memory that appended bytes no longer need (L10).
    void trimBuffer() throws IOException {
        UnifiedLog now = files;
        if (now != null && now.activeSegment().log().channel() instanceof SegmentChannel channel) {
            try {
                channel.trim();
            } catch (ClosedChannelException closed) {
                // its files closed in between, which gave everything back
            }
        }
    }

    // ---- closing

    boolean idleFor(long nanos) {
        return files != null && System.nanoTime() - lastUsed > nanos;
    }

    /// Rolls first, so that freshness and retention go on without the files (L9), then closes.
    ///
    /// @return false when somebody used it in between
    boolean closeIdle(long idleNanos) throws IOException {
        if (broken != null || !idleFor(idleNanos) || durableEnd != appendedEnd) {
            return false;
        }
        if (!upkeep.tryLock()) {
            return false; // it is being compacted
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
        lock.lock();
        try {
            UnifiedLog now = files;
            if (now == null
                    || lastUsed != used
                    || now.activeSegment().size() > 0
                    || durableEnd != appendedEnd
                    || now.activeSegment().baseOffset() != visibleBase) {
                return false;
            }
            closeNow(now);
            return true;
        } finally {
            lock.unlock();
        }
    }

    /// Under the lock, with nothing staged.
    private void closeNow(UnifiedLog now) throws IOException {
        lastStable = now.lastStableOffset();
        LogFiles.flush(now);
        LogRow last = LogFiles.withSizes(LogFiles.capture(row, now), now);
        LogFiles.close(disk, now);
        LogFiles.syncSnapshots(LogFiles.folder(disk.dir, partition));
        row = last;
        boundary = last;
        closedCleanly = true;
        files = null;
        manifest.put(entry());
        disk.settings.listener().closed(disk.openLogs.decrementAndGet());
    }

    /// At the end of the process.
    void shutDown() throws IOException {
        lock.lock();
        try {
            UnifiedLog now = files;
            if (now == null) {
                return;
            }
            if (broken != null || disk.isOffline()) {
                LogFiles.drop(now);
                files = null;
                return;
            }
            closeNow(now);
        } finally {
            lock.unlock();
        }
    }

    /// The partition is gone: files close without a word, later calls are refused.
    void abandon(String why) {
        lock.lock();
        try {
            broken = why;
            deleted = true;
            manifest.put(ManifestEntry.deleting(row));
            UnifiedLog now = files;
            if (now != null) {
                LogFiles.drop(now);
                files = null;
                disk.settings.listener().closed(disk.openLogs.decrementAndGet());
            }
        } finally {
            lock.unlock();
        }
    }

    /// Recovery found it damaged (R20).
    void refuse(String why) {
        broken = why;
        suspect = true;
    }
}
