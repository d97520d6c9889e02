package io.firn.log.append;

import io.firn.log.Appended;
import io.firn.log.LogListener;
import io.firn.log.batch.BatchBytes;
import io.firn.log.batch.BatchCheck;
import io.firn.log.batch.SequenceCheck;
import io.firn.log.journal.Journal;
import io.firn.log.partition.LogFiles;
import io.firn.log.partition.OpenFiles;
import io.firn.log.partition.OwnedLog;
import io.firn.log.partition.Work;

import org.apache.kafka.common.errors.CorruptRecordException;
import org.apache.kafka.common.errors.KafkaStorageException;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.MutableRecordBatch;
import org.apache.kafka.common.record.internal.RecordBatch;
import org.apache.kafka.storage.internals.log.UnifiedLog;
import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/// Appends what one drain has for one log and stages the same bytes for the journal (L2, L3).
/// Confined to its log thread; called under the log's lock.
///
/// Batches are copied once, into the group's buffer, stamped there, and go to `UnifiedLog` from
/// there in one call a chunk: a run of accepted batches that fits into the active segment. That
/// call checks their CRCs, the only time anyone does of batches that `BatchRewriter` has not seen;
/// when one of them does not hold, it refuses the chunk before it appends anything, and the chunk
/// goes in again batch by batch.
public final class Appender {
    /// What is answered once the group is durable.
    record Answer(Work.Append to, Appended with) {
        /// @param appendTime that the log gave; [RecordBatch#NO_TIMESTAMP] where it gave none
        static Answer taken(
                Work.Append work, long first, long last, long appendTime, UnifiedLog files) {
            return new Answer(
                    work,
                    new Appended(
                            Errors.NONE, null, first, last, appendTime, files.logStartOffset()));
        }
    }

    private static final SequenceCheck.Verdict NOT_IN_TRANSACTION =
            new SequenceCheck.Verdict.Refuse(
                    Errors.INVALID_TXN_STATE, "The transaction was not added to this partition");

    private final Journal journal;
    private final int maxBatch;
    private final LogListener listener;
    private final List<Answer> answers = new ArrayList<>();
    private int batches;
    private long bytes;

    // The chunk being filled.
    private @Nullable ByteBuffer chunk;
    private final List<Answer> chunkAnswers = new ArrayList<>();
    private int chunkBatches;
    private long chunkStart;
    private long next;
    private int chunkEpoch;
    /// Bytes that the active segment still takes; a single batch may be larger and rolls it.
    private int chunkMost;
    private final SequenceCheck sequences = new SequenceCheck();

    Appender(Journal journal, int maxBatch, LogListener listener) {
        this.journal = journal;
        this.maxBatch = maxBatch;
        this.listener = listener;
    }

    /// Answers for the group so far; taken and cleared when it is committed.
    List<Answer> takeAnswers() {
        List<Answer> taken = List.copyOf(answers);
        answers.clear();
        return taken;
    }

    int takeBatches() {
        int taken = batches;
        batches = 0;
        return taken;
    }

    long takeBytes() {
        long taken = bytes;
        bytes = 0;
        return taken;
    }

    /// Stages what coordinators appended before (their order in the journal is the order in the
    /// log), as far as the group has room.
    ///
    /// @return whether that was all
    boolean journalRest(OwnedLog log, OpenFiles files) throws IOException {
        for (OpenFiles.Unjournaled one = files.peekUnjournaled();
                one != null;
                one = files.peekUnjournaled()) {
            if (!journal.fits(one.bytes())) {
                return false;
            }
            name(log);
            journal.space(one.records().remaining()).put(one.records().duplicate());
            journal.data(
                    log.handle,
                    one.leaderEpoch(),
                    one.before(),
                    one.after(),
                    1,
                    one.records().remaining());
            files.staged(one.upTo());
            batches++;
            bytes += one.records().remaining();
            files.removeUnjournaled();
        }
        return true;
    }

    /// The first time in a half, a log is named with its checkpoint (L5).
    void name(OwnedLog log) throws IOException {
        if (log.namedInHalf != journal.halvesEntered()) {
            log.namedInHalf = journal.halvesEntered();
            journal.handle(log.handle, log.checkpoint());
        }
    }

    void append(OwnedLog log, List<Work.Append> works) throws IOException {
        UnifiedLog files = log.life.openFiles();
        if (files == null) { // it broke or was deleted since they passed its gate
            works.forEach(work -> refuseBroken(log, work));
            return;
        }
        LogFiles.requireGathered(log.disk, files);
        next = files.logEndOffset();
        sequences.forgetPending();
        int left = 0;
        for (Work.Append work : works) {
            left += work.records().sizeInBytes();
        }
        for (Work.Append work : works) {
            try {
                if (log.life.brokenReason() != null) {
                    refuseBroken(log, work);
                } else {
                    one(log, files, work, left);
                }
            } catch (RuntimeException e) {
                abort(log, e);
                refuseBroken(log, work);
            }
            left -= work.records().sizeInBytes();
        }
        if (log.life.brokenReason() == null) {
            flushChunk(log, files);
        } else {
            refuseChunk(log);
        }
    }

    private void one(OwnedLog log, UnifiedLog files, Work.Append work, int left)
            throws IOException {
        if (!log.disk.space.has(work.records().sizeInBytes())) { // L13
            refuse(
                    work,
                    Errors.KAFKA_STORAGE_ERROR,
                    "The disk of %s is full".formatted(log.disk.dir),
                    files.logStartOffset());
            return;
        }
        if (work.replicated()) {
            flushChunk(log, files);
            replicated(log, files, work);
            return;
        }
        int epoch = files.latestEpoch().orElse(-1);
        if (work.leaderEpoch() < Math.max(epoch, log.leaderEpoch())) {
            refuse(
                    work,
                    Errors.NOT_LEADER_OR_FOLLOWER,
                    "Leader epoch %d is over".formatted(work.leaderEpoch()),
                    -1);
            return;
        }
        if (work.records().sizeInBytes() > log.config().segmentSize()) {
            refuse(
                    work,
                    Errors.RECORD_LIST_TOO_LARGE,
                    "%d bytes do not fit into a segment of segment.bytes = %d"
                            .formatted(work.records().sizeInBytes(), log.config().segmentSize()),
                    files.logStartOffset());
            return;
        }
        if (work.settings() != log.config() && BatchCheck.mustRewrite(log.config())) {
            refuse(
                    work,
                    Errors.NOT_LEADER_OR_FOLLOWER, // clients send again
                    "The topic's settings changed after the batch was checked",
                    files.logStartOffset());
            return;
        }
        asFollower(log, files, work, left);
    }

    private void asFollower(OwnedLog log, UnifiedLog files, Work.Append work, int left)
            throws IOException {
        if (!fits(work.leaderEpoch(), work.records().sizeInBytes())) {
            flushChunk(log, files);
        }
        MutableRecordBatch first = work.records().batches().iterator().next();
        if (first.hasProducerId() && !follows(log, files, work, first)) {
            return;
        }
        ByteBuffer open = chunk;
        if (open == null) {
            name(log);
            open = journal.space(left);
            chunk = open;
            chunkStart = next;
            chunkEpoch = work.leaderEpoch();
            chunkMost = log.config().segmentSize() - files.activeSegment().size();
        }
        long base = next;
        long time = work.restamps() ? log.disk.time.milliseconds() : RecordBatch.NO_TIMESTAMP;
        int at = open.position();
        open.put(work.records().buffer());
        while (at < open.position()) {
            BatchBytes.stamp(open, at, next, work.leaderEpoch());
            if (work.restamps()) {
                BatchBytes.stampTime(open, at, time);
            }
            next += BatchBytes.span(open, at);
            at += BatchBytes.size(open, at);
            chunkBatches++;
        }
        chunkAnswers.add(Answer.taken(work, base, next - 1, time, files));
    }

    /// Whether so many bytes can go into the chunk that is open, if one is.
    private boolean fits(int epoch, int bytes) {
        ByteBuffer open = chunk;
        return open == null
                || (chunkEpoch == epoch
                        && open.remaining() >= bytes
                        && chunkMost - open.position() >= bytes);
    }

    /// Whether an idempotent producer's batch is the one that comes next; else it is answered here.
    private boolean follows(OwnedLog log, UnifiedLog files, Work.Append work, RecordBatch batch)
            throws IOException {
        SequenceCheck.Verdict verdict = sequence(files, batch);
        if (chunk != null && !(verdict instanceof SequenceCheck.Verdict.Accept)) {
            flushChunk(log, files); // what it was compared with may itself be refused
            verdict = sequence(files, batch);
        }
        if (log.life.brokenReason() != null) {
            refuseBroken(log, work);
            return false;
        }
        if (verdict instanceof SequenceCheck.Verdict.Accept) {
            return true;
        }
        if (!batch.isValid()) { // its producer and sequence mean nothing
            refuse(work, BatchCheck.DAMAGED, files.logStartOffset());
            return false;
        }
        switch (verdict) {
            case SequenceCheck.Verdict.Duplicate same -> // L3: when the original is durable
                    answers.add(
                            Answer.taken(
                                    work,
                                    same.firstOffset(),
                                    same.lastOffset(),
                                    work.restamps() ? same.timestamp() : RecordBatch.NO_TIMESTAMP,
                                    files));
            case SequenceCheck.Verdict.Refuse no ->
                    refuse(work, no.error(), no.message(), files.logStartOffset());
            case SequenceCheck.Verdict.Accept yes -> {}
        }
        return false;
    }

    private SequenceCheck.Verdict sequence(UnifiedLog files, RecordBatch batch) {
        return batch.isTransactional()
                        && !files.hasOngoingTransaction(batch.producerId(), batch.producerEpoch())
                ? NOT_IN_TRANSACTION
                : sequences.check(files.producerStateManager(), batch, next);
    }

    /// One append for the whole chunk; afterwards the log must be where the offsets say (L3).
    private void flushChunk(OwnedLog log, UnifiedLog files) throws IOException {
        ByteBuffer open = chunk;
        if (open == null) {
            return;
        }
        chunk = null;
        int length = open.position();
        try {
            files.appendAsFollower(
                    MemoryRecords.readableRecords(open.duplicate().flip().slice()), chunkEpoch);
            if (files.logEndOffset() != next) {
                throw new KafkaStorageException(
                        "its end is %d after an append up to %d"
                                .formatted(files.logEndOffset(), next));
            }
        } catch (CorruptRecordException damaged) {
            singly(log, files, damaged);
            return;
        } catch (RuntimeException e) {
            abort(log, e);
            refuseChunk(log);
            return;
        }
        sequences.forgetPending();
        stage(log, files, chunkEpoch, chunkStart, chunkBatches, length);
        answers.addAll(chunkAnswers);
        dropChunk();
    }

    /// A CRC of the chunk does not hold, and nothing of it was appended: takes its batches one by
    /// one, so that only those are refused which are damaged (L2).
    private void singly(OwnedLog log, UnifiedLog files, CorruptRecordException damaged)
            throws IOException {
        if (files.logEndOffset() != chunkStart) {
            abort(log, damaged);
            refuseChunk(log);
            return;
        }
        List<Answer> again = List.copyOf(chunkAnswers);
        dropChunk();
        sequences.forgetPending();
        next = chunkStart;
        for (Answer answer : again) {
            Work.Append work = answer.to();
            if (log.life.brokenReason() != null) {
                refuseBroken(log, work);
            } else if (isDamaged(work.records())) {
                refuse(work, BatchCheck.DAMAGED, files.logStartOffset());
            } else if (again.size() == 1) { // the batch is fine, so something else is not
                abort(log, damaged);
                refuseBroken(log, work);
            } else {
                asFollower(log, files, work, work.records().sizeInBytes());
                flushChunk(log, files);
            }
        }
    }

    private static boolean isDamaged(MemoryRecords records) {
        for (MutableRecordBatch batch : records.batches()) {
            if (!batch.isValid()) {
                return true;
            }
        }
        return false;
    }

    /// The log broke: nothing of what was to be appended is.
    private void refuseChunk(OwnedLog log) {
        for (Answer answer : chunkAnswers) {
            refuseBroken(log, answer.to());
        }
        dropChunk();
    }

    private void dropChunk() {
        chunk = null;
        chunkAnswers.clear();
        chunkBatches = 0;
    }

    private void stage(
            OwnedLog log, UnifiedLog files, int epoch, long start, int count, int length) {
        journal.data(log.handle, epoch, start, files.logEndOffset(), count, length);
        OpenFiles open = log.life.opened();
        if (open != null) {
            open.staged(LogFiles.capture(open.checkpoint(), files));
            log.appendedTo(open);
        }
        batches += count;
        bytes += length;
    }

    private void replicated(OwnedLog log, UnifiedLog files, Work.Append work) throws IOException {
        long start = files.logEndOffset();
        long first = -1;
        long last = -1;
        int count = 0;
        for (MutableRecordBatch batch : work.records().batches()) {
            boolean fits =
                    batch.magic() == RecordBatch.MAGIC_VALUE_V2
                            && batch.isValid()
                            && batch.baseOffset() > last
                            && batch.baseOffset() >= start
                            && batch.partitionLeaderEpoch() <= work.leaderEpoch()
                            && batch.sizeInBytes() <= maxBatch;
            if (!fits) {
                refuse(
                        work,
                        Errors.INVALID_RECORD,
                        "Batch at %d does not follow %d".formatted(batch.baseOffset(), start),
                        -1);
                return;
            }
            first = first < 0 ? batch.baseOffset() : first;
            last = batch.lastOffset();
            count++;
        }
        int size = work.records().sizeInBytes();
        if (count == 0 || size > log.config().segmentSize()) {
            refuse(work, Errors.INVALID_RECORD, "No batches, or more than a segment holds", -1);
            return;
        }
        name(log);
        ByteBuffer space = journal.space(size);
        for (MutableRecordBatch batch : work.records().batches()) {
            batch.writeTo(space);
        }
        files.appendAsFollower(MemoryRecords.readableRecords(space.flip()), work.leaderEpoch());
        if (files.logEndOffset() != last + 1) {
            throw new KafkaStorageException(
                    "its end is %d after an append up to %d"
                            .formatted(files.logEndOffset(), last + 1));
        }
        stage(log, files, work.leaderEpoch(), start, count, size);
        next = last + 1;
        answers.add(Answer.taken(work, first, last, RecordBatch.NO_TIMESTAMP, files));
    }

    private void abort(OwnedLog log, RuntimeException why) {
        log.life.breakDown(String.valueOf(why.getMessage()), why);
    }

    private void refuseBroken(OwnedLog log, Work.Append work) {
        refuse(work, Errors.KAFKA_STORAGE_ERROR, log.life.brokenReason(), -1);
    }

    private void refuse(Work.Append work, BatchCheck.Problem problem, long logStart) {
        refuse(work, problem.error(), problem.message(), logStart);
    }

    /// A refused batch leaves no trace (L2).
    private void refuse(Work.Append work, Errors error, @Nullable String message, long logStart) {
        listener.refused(error.name());
        work.done().complete(Appended.failed(error, message, logStart));
    }
}
