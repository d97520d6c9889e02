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
import io.firn.log.ProduceCheck;
import io.firn.log.TimestampOffset;
import io.firn.log.batch.BatchCheck;
import io.firn.log.batch.BatchChecks;
import io.firn.log.batch.BatchRewriter;
import io.firn.log.directory.Disk;
import io.firn.log.directory.Manifest;
import io.firn.log.journal.LogCheckpoint;

import org.apache.kafka.common.TopicIdPartition;
import org.apache.kafka.common.errors.KafkaStorageException;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.storage.internals.log.LogConfig;
import org.apache.kafka.storage.internals.log.UnifiedLog;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongConsumer;

/// One partition's log: its life ([LogLife]), how far it is durable ([DurableProgress]), what
/// readers ask of it ([LogReader]), what is journaled before it happens ([LogMarks]), and its
/// segments on their way to be closed ([SegmentSealer]).
///
/// `lock` guards the state, the files and everything that is staged. The log thread holds it while
/// it appends, coordinators in [#appendNow]. Nobody waits for the log thread while holding it, and
/// the log thread never waits for files that are being opened: its work waits in [OpeningGate].
public final class OwnedLog implements PartitionLog {
    public final Disk disk;
    public final ReentrantLock lock = new ReentrantLock();
    /// Held by whoever removes closed segments or writes them anew, and who closes the files.
    public final ReentrantLock upkeep = new ReentrantLock();
    public final LogLife life;
    private final LogQueue thread;
    private final BatchChecks checks;
    private final TopicIdPartition partition;
    private final DurableProgress progress;
    private final SegmentSealer sealer;
    private final LogReader reader;
    private final LogMarks marks;
    private volatile LogConfig config;
    private volatile int leaderEpoch = -1;
    private volatile long tiered;
    /// The journal's, on the log thread.
    public int handle = -1;
    public int namedInHalf = -1;

    /// @param folderIsFree ends when no other log uses the folder (L15)
    public OwnedLog(
            Disk disk,
            Manifest manifest,
            LogQueue thread,
            BatchChecks checks,
            LogState state,
            LogConfig config,
            CompletableFuture<Void> folderIsFree) {
        LogCheckpoint checkpoint = state.entry().checkpoint();
        this.disk = disk;
        this.thread = thread;
        this.checks = checks;
        this.partition = checkpoint.partition();
        this.config = config;
        this.progress = new DurableProgress(checkpoint.end());
        this.life =
                new LogLife(this, manifest, new OpeningGate(thread), progress, state, folderIsFree);
        this.sealer = new SegmentSealer(this, thread);
        this.reader = new LogReader(this);
        this.marks = new LogMarks(this, thread, progress);
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
            UnifiedLog now = life.openFiles();
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
        boolean rewrites = BatchCheck.mustRewrite(settings);
        BatchCheck checker = checks.check();
        int maxBytes = Math.min(settings.maxMessageSize(), thread.maxBatch());
        var problem =
                checker.check(
                        records,
                        settings,
                        maxBytes,
                        rewrites ? ProduceCheck.RECORDS : check, // it unpacks without a bound
                        disk.time.milliseconds(),
                        budget);
        if (problem != null) {
            return refused(problem);
        }
        if (!rewrites && !checker.mustRewrite()) {
            return enqueue(records, epoch, settings, false);
        }
        var outcome =
                checks.rewriter()
                        .rewrite(
                                records,
                                partition.topicPartition(),
                                settings,
                                checker.unpacked(),
                                maxBytes,
                                disk.time,
                                budget);
        return switch (outcome) {
            case BatchRewriter.Outcome.Refused no -> refused(no.problem());
            case BatchRewriter.Outcome.Written anew ->
                    enqueue(anew.records(), epoch, settings, false);
        };
    }

    /// L2: a refused batch leaves no trace.
    private CompletableFuture<Appended> refused(BatchCheck.Problem problem) {
        disk.settings.listener().refused(problem.error().name());
        return CompletableFuture.completedFuture(
                Appended.failed(problem.error(), problem.message(), logStartOffset())
                        .because(problem.records()));
    }

    @Override
    public CompletableFuture<Appended> appendReplicated(MemoryRecords records, int epoch) {
        return enqueue(records, epoch, config, true);
    }

    /// Hands a batch to the log's thread as it is; whoever calls has checked it.
    private CompletableFuture<Appended> enqueue(
            MemoryRecords records, int epoch, LogConfig settings, boolean replicated) {
        var done = new CompletableFuture<Appended>();
        int bytes = records.sizeInBytes();
        if (bytes > thread.maxAppend()) {
            done.complete(
                    Appended.failed(
                            Errors.MESSAGE_TOO_LARGE,
                            "%d bytes at once are more than a write group takes (%d, an eighth of the journal). Send fewer, or give the broker a larger journal."
                                    .formatted(bytes, thread.maxAppend()),
                            checkpoint().logStart()));
            return done;
        }
        life.used();
        String refusal = thread.refusal();
        refusal = refusal == null ? life.brokenReason() : refusal;
        if (refusal == null) {
            refusal = life.offer(new Work.Append(this, records, epoch, settings, replicated, done));
        }
        if (refusal != null) {
            done.complete(
                    Appended.failed(Errors.KAFKA_STORAGE_ERROR, refusal, checkpoint().logStart()));
        }
        return done;
    }

    @Override
    public long appendNow(MemoryRecords records, int epoch) {
        for (int attempt = 0; ; attempt++) {
            OpenFiles files = life.open(); // not under the lock: others open them
            lock.lock();
            try {
                if (life.opened() == files) {
                    return CoordinatorAppends.append(this, files, records, epoch);
                }
                if (attempt > 2) {
                    life.state().requireUsable();
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
    public void committed(LogCheckpoint upTo) {
        OpenFiles files;
        lock.lock();
        try {
            files = life.opened();
            if (files == null) {
                return;
            }
            files.committed(upTo);
        } finally {
            lock.unlock();
        }
        moveDurableEnd(files.unified(), upTo.end());
    }

    void moveDurableEnd(UnifiedLog files, long end) {
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
    public LogCheckpoint checkpoint() {
        return life.checkpoint();
    }

    /// Where it stood after the last group that is durable.
    public LogCheckpoint durableCheckpoint() {
        OpenFiles files = life.opened();
        return files == null ? checkpoint() : files.durable();
    }

    public void flushedTo(LogCheckpoint upTo) {
        lock.lock();
        try {
            OpenFiles files = life.opened();
            if (files != null) {
                files.flushedTo(upTo);
            }
        } finally {
            lock.unlock();
        }
    }

    /// The checkpoint is in the journal: see [OpenFiles#sealedOffset].
    public void sealed(LogCheckpoint durable) {
        lock.lock();
        try {
            OpenFiles files = life.opened();
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
            OpenFiles files = life.opened();
            if (files != null) {
                files.cleanedTo(offset);
            }
        } finally {
            lock.unlock();
        }
    }

    public long sealedOffset() {
        OpenFiles files = life.opened();
        return files == null ? checkpoint().segmentBase() : files.sealedOffset();
    }

    public void sealNow() {
        sealer.sealNow();
    }

    // ---- offsets

    @Override
    public long logStartOffset() {
        OpenFiles now = life.opened();
        if (now != null) {
            long start = now.unified().logStartOffset();
            return config.remoteStorageEnable() // C2: no higher than what marks have made it
                    ? Math.min(start, now.checkpoint().logStart())
                    : start;
        }
        LogCheckpoint known = checkpoint();
        return config.remoteStorageEnable()
                ? known.logStart()
                : Math.max(known.logStart(), known.localStart());
    }

    @Override
    public long localLogStartOffset() {
        UnifiedLog now = life.openFiles();
        return now == null ? Math.max(checkpoint().localStart(), 0) : now.localLogStartOffset();
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
        return switch (life.state()) {
            case LogState.Open open -> open.files().unified().lastStableOffset();
            case LogState.Closed closed ->
                    closed.lastStableOffset() >= 0
                            ? closed.lastStableOffset()
                            : life.files().lastStableOffset();
            default -> life.files().lastStableOffset();
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
        return reader.read(offset, maxBytes, atLeastOneBatch, isolation);
    }

    @Override
    public Optional<TimestampOffset> offsetForTimestamp(long timestamp) {
        return reader.offsetForTimestamp(timestamp);
    }

    @Override
    public TimestampOffset maxTimestamp() {
        return reader.maxTimestamp();
    }

    @Override
    public EpochEnd endOffsetForEpoch(int epoch) {
        return reader.endOffsetForEpoch(epoch);
    }

    @Override
    public List<EpochEntry> epochs() {
        return reader.epochs();
    }

    @Override
    public List<ActiveProducer> producers() {
        return reader.producers();
    }

    @Override
    public byte[] producerSnapshot(long atOffset) {
        return reader.producerSnapshot(atOffset);
    }

    @Override
    public Optional<ActiveSegment> active() {
        return reader.active();
    }

    @Override
    public List<ClosedSegment> closed() {
        return reader.closed();
    }

    @Override
    public List<AbortedTxn> aborted(long start, long end) {
        return reader.aborted(start, end);
    }

    @Override
    public long sizeBytes() {
        UnifiedLog now = life.openFiles();
        return now == null ? checkpoint().size() : now.size();
    }

    // ---- changes

    @Override
    public void deleteRecordsBefore(long offset) {
        marks.deleteRecordsBefore(offset);
    }

    @Override
    public void restartAt(long offset, long logStart) {
        marks.restartAt(offset, logStart);
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
        OpenFiles files = life.open();
        lock.lock();
        try {
            if (life.opened() == files && files.unified().activeSegment().size() > 0) {
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
        UnifiedLog now = life.openFiles();
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

    long tiered() {
        return tiered;
    }
}
