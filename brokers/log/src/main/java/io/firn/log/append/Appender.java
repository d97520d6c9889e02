package io.firn.log.append;

import io.firn.log.Appended;
import io.firn.log.LogListener;
import io.firn.log.journal.Journal;
import io.firn.log.journal.JournalFormat;
import io.firn.log.partition.LogFiles;
import io.firn.log.partition.OpenFiles;
import io.firn.log.partition.OwnedLog;

import org.apache.kafka.common.errors.ApiException;
import org.apache.kafka.common.errors.CorruptRecordException;
import org.apache.kafka.common.errors.KafkaStorageException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.MutableRecordBatch;
import org.apache.kafka.common.record.internal.RecordBatch;
import org.apache.kafka.server.common.RequestLocal;
import org.apache.kafka.server.common.TransactionVersion;
import org.apache.kafka.storage.internals.log.AppendOrigin;
import org.apache.kafka.storage.internals.log.LogAppendInfo;
import org.apache.kafka.storage.internals.log.LogSegment;
import org.apache.kafka.storage.internals.log.RecordValidationException;
import org.apache.kafka.storage.internals.log.UnifiedLog;
import org.apache.kafka.storage.internals.log.VerificationGuard;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/// Appends what one drain has for one log and stages the same bytes for the journal (L2, L3).
/// Confined to its log thread; called under the log's lock.
///
/// Batches are copied once, into the group's buffer, stamped there, and go to `UnifiedLog` from
/// there in one call a chunk: a run of accepted batches that fits into the active segment. That
/// call checks their CRCs, the only time anyone does; when one of them does not hold, it refuses
/// the chunk before it appends anything, and the chunk goes in again batch by batch.
public final class Appender {
    /// Where a leader append put its bytes.
    ///
    /// @param position of the first byte in the active segment's file
    public record Written(LogAppendInfo info, long after, int position, int bytes) {}

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

    private static final Logger LOG = LoggerFactory.getLogger(Appender.class);

    private static final SequenceCheck.Verdict NOT_IN_TRANSACTION =
            new SequenceCheck.Verdict.Refuse(
                    Errors.INVALID_TXN_STATE, "The transaction was not added to this partition");

    private final RequestLocal local = RequestLocal.withThreadConfinedCaching();
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
    boolean before(OwnedLog log, OpenFiles files) throws IOException {
        for (OpenFiles.Before one = files.pollBefore(); one != null; one = files.pollBefore()) {
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
            files.removeBefore();
        }
        return true;
    }

    /// The first time in a half, a log is named with its row (L5).
    void name(OwnedLog log) throws IOException {
        if (log.namedInTurn != journal.turn()) {
            log.namedInTurn = journal.turn();
            journal.handle(log.handle, log.row());
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
        if (!log.disk.hasSpace(work.records().sizeInBytes())) { // L13
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
        if (!work.asLeader() && BatchCheck.needsLeaderAppend(log.config())) {
            refuse(
                    work,
                    Errors.NOT_LEADER_OR_FOLLOWER, // clients send again
                    "The topic's settings changed after the batch was checked",
                    files.logStartOffset());
            return;
        }
        if (work.asLeader()) {
            flushChunk(log, files);
            asLeader(log, files, work);
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
        int at = open.position();
        open.put(work.records().buffer());
        while (at < open.position()) {
            BatchBytes.stamp(open, at, next, work.leaderEpoch());
            next += BatchBytes.span(open, at);
            at += BatchBytes.size(open, at);
            chunkBatches++;
        }
        chunkAnswers.add(Answer.taken(work, base, next - 1, RecordBatch.NO_TIMESTAMP, files));
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
                                    RecordBatch.NO_TIMESTAMP,
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

    private void asLeader(OwnedLog log, UnifiedLog files, Work.Append work) throws IOException {
        long start = files.logEndOffset();
        LogSegment segment = files.activeSegment();
        int size = segment.size();
        Written written;
        try {
            written =
                    leaderAppend(
                            log,
                            files,
                            work.records(),
                            work.leaderEpoch(),
                            AppendOrigin.CLIENT,
                            local);
        } catch (RecordValidationException refused) {
            listener.refused(Errors.forException(refused.invalidException()).name());
            work.done().complete(refused(refused, files.logStartOffset()));
            return;
        } catch (KafkaStorageException broken) {
            throw broken;
        } catch (RuntimeException failed) {
            if (files.logEndOffset() != start || bytesAfter(files, segment, size) != 0) {
                throw failed;
            }
            refuse(work, problemOf(log, failed), files.logStartOffset());
            return;
        }
        LogAppendInfo info = written.info();
        if (written.after() > start) {
            name(log);
            if (!journal.fits(written.bytes() + JournalFormat.ENTRY_HEADER)) {
                throw new KafkaStorageException(
                        "a batch of %d bytes was written anew with %d, more than was held for it"
                                .formatted(work.records().sizeInBytes(), written.bytes()));
            }
            readBack(files, written, journal.space(written.bytes()));
            stage(log, files, work.leaderEpoch(), start, 1, written.bytes());
        }
        next = files.logEndOffset();
        answers.add(
                Answer.taken(
                        work, info.firstOffset(), info.lastOffset(), info.logAppendTime(), files));
    }

    /// Kafka's own verdict on records: its code, its words, and which records they were (KIP-467).
    private static Appended refused(RecordValidationException refused, long logStart) {
        ApiException why = refused.invalidException();
        return Appended.failed(Errors.forException(why), why.getMessage(), logStart)
                .because(refused.recordErrors());
    }

    /// What an append that wrote nothing says of its batch; the log is as it was and goes on (L2).
    private static BatchCheck.Problem problemOf(OwnedLog log, RuntimeException failed) {
        if (failed instanceof ApiException) {
            return new BatchCheck.Problem(
                    Errors.forException(failed), String.valueOf(failed.getMessage()));
        }
        LOG.warn("Refused a batch for {}: its append failed before it wrote", log.name(), failed);
        return new BatchCheck.Problem(
                Errors.UNKNOWN_SERVER_ERROR,
                "The batch cannot be appended to %s: %s".formatted(log.name(), failed));
    }

    /// How many bytes the log's files gained since its active segment was this one of this size.
    public static int bytesAfter(UnifiedLog files, LogSegment segment, int size) {
        LogSegment now = files.activeSegment();
        return now == segment ? now.size() - size : now.size();
    }

    /// Kafka's own append; says where the bytes went, since it may have rewritten them (L3).
    public static Written leaderAppend(
            OwnedLog log,
            UnifiedLog files,
            MemoryRecords records,
            int epoch,
            AppendOrigin origin,
            RequestLocal local) {
        if (records.sizeInBytes()
                > log.config().segmentSize()) { // UnifiedLog would assign the epoch first (L2)
            throw new RecordTooLargeException(
                    "%d bytes do not fit into a segment".formatted(records.sizeInBytes()));
        }
        LogSegment segment = files.activeSegment();
        int size = segment.size();
        LogAppendInfo info =
                files.appendAsLeader(
                        records,
                        epoch,
                        origin,
                        local,
                        VerificationGuard.SENTINEL,
                        TransactionVersion.TV_UNKNOWN);
        int bytes = bytesAfter(files, segment, size);
        return new Written(info, files.logEndOffset(), files.activeSegment().size() - bytes, bytes);
    }

    /// Reads the appended bytes from the segment's file (from the page cache: they were written
    /// just now).
    public static void readBack(UnifiedLog files, Written written, ByteBuffer into)
            throws IOException {
        var channel = files.activeSegment().log().channel();
        int at = written.position();
        while (into.hasRemaining()) {
            int read = channel.read(into, at);
            if (read < 0) {
                throw new IOException(
                        "The segment of %s ends before what was appended".formatted(files.name()));
            }
            at += read;
        }
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
