package io.firn.log.partition;

import io.firn.log.journal.JournalFormat.Type;

import org.apache.kafka.common.errors.KafkaStorageException;
import org.apache.kafka.common.errors.OffsetOutOfRangeException;
import org.apache.kafka.storage.internals.log.LogStartOffsetIncrementReason;
import org.apache.kafka.storage.internals.log.UnifiedLog;

import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/// What moves a log's start or begins it anew: journaled as a mark, which has its effect once that
/// is durable (L6).
final class LogMarks {
    private final OwnedLog log;
    private final LogQueue thread;
    private final DurableProgress progress;

    LogMarks(OwnedLog log, LogQueue thread, DurableProgress progress) {
        this.log = log;
        this.thread = thread;
        this.progress = progress;
    }

    void deleteRecordsBefore(long offset) {
        log.life.state().requireUsable();
        if (offset > log.highWatermark()) {
            throw new OffsetOutOfRangeException(
                    "Cannot delete records of %s before %d: the high watermark is %d"
                            .formatted(log.name(), offset, log.highWatermark()));
        }
        if (offset <= log.logStartOffset()) {
            return;
        }
        mark(Type.LOG_START, offset, offset, () -> startAt(offset));
    }

    private void startAt(long offset) {
        log.lock.lock();
        try {
            OpenFiles files = log.life.requireOpened();
            files.unified()
                    .maybeIncrementLogStartOffset(
                            offset, LogStartOffsetIncrementReason.ClientRecordDeletion);
            files.startsAt(offset);
        } finally {
            log.lock.unlock();
        }
    }

    void restartAt(long offset, long logStart) {
        if (logStart > offset) {
            throw new IllegalArgumentException(
                    "Cannot restart %s at %d: its log start %d lies above"
                            .formatted(log.name(), offset, logStart));
        }
        mark(Type.RESTART, offset, logStart, () -> restartNow(offset, logStart));
    }

    private void restartNow(long offset, long logStart) {
        UnifiedLog unified;
        log.lock.lock();
        try {
            OpenFiles files = log.life.requireOpened();
            unified = files.unified();
            unified.truncateFullyAndStartAt(offset, Optional.of(logStart));
            files.restartedAt(offset, logStart, thread.lastSeq());
            files.flush();
            progress.appendedTo(offset);
        } catch (IOException e) {
            log.disk.takeOffline("restarting " + log.name(), e);
            return;
        } finally {
            log.lock.unlock();
        }
        log.moveDurableEnd(unified, offset);
    }

    /// Journals the mark, waits until it is durable and its effect has happened (L6). The files are
    /// open before.
    private void mark(Type type, long offset, long logStart, Runnable effect) {
        var done = new CompletableFuture<Void>();
        String refusal = log.life.offer(new Work.Mark(log, type, offset, logStart, effect, done));
        if (refusal != null) {
            throw new KafkaStorageException(refusal);
        }
        OwnedLog.join(done);
    }
}
