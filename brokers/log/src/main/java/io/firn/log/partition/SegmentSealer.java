package io.firn.log.partition;

import io.firn.log.journal.LogCheckpoint;

import org.apache.kafka.common.errors.KafkaStorageException;

import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;

/// Flushes a log's closed segments and moves its checkpoint behind them, so that they may be
/// offloaded, compacted and deleted (L9).
final class SegmentSealer {
    private final OwnedLog log;
    private final LogQueue thread;
    private final AtomicBoolean running = new AtomicBoolean();

    SegmentSealer(OwnedLog log, LogQueue thread) {
        this.log = log;
        this.thread = thread;
    }

    /// In the background, once at a time.
    void sealSoon() {
        if (running.compareAndSet(false, true)) {
            log.disk.background.execute(this::sealQuietly);
        }
    }

    private void sealQuietly() {
        try {
            seal().whenComplete((done, error) -> running.set(false));
        } catch (IOException | RuntimeException e) {
            running.set(false);
            if (log.life.opened() != null) {
                log.disk.takeOffline("flushing closed segments of " + log.name(), e);
            }
        }
    }

    /// Returns when closed segments are sealed.
    void sealNow() {
        try {
            OwnedLog.join(seal());
        } catch (IOException e) {
            log.disk.takeOffline("flushing closed segments of " + log.name(), e);
            throw new KafkaStorageException("Cannot flush " + log.name(), e);
        }
    }

    /// Flushes closed segments and journals a checkpoint that begins at the active one; the future
    /// ends when it is durable.
    private CompletableFuture<Void> seal() throws IOException {
        LogCheckpoint next;
        OpenFiles files;
        log.lock.lock();
        try {
            files = log.life.opened();
            if (files == null
                    || files.unified().activeSegment().baseOffset() <= files.sealedOffset()) {
                return CompletableFuture.completedFuture(null);
            }
            next = LogFiles.captureClosed(files.checkpoint(), files.unified());
        } finally {
            log.lock.unlock();
        }
        long base = next.segmentBase();
        OpenFiles flushed = files;
        if (!log.life.flush(flushed, () -> flushed.flushClosed(base))) {
            return CompletableFuture.completedFuture(null);
        }
        var done = new CompletableFuture<Void>();
        log.life.offerAlways(new Work.Checkpoint(log, next, done));
        return done;
    }
}
