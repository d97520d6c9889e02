package io.firn.log.housekeeping;

import io.firn.log.partition.OwnedLog;

import org.apache.kafka.common.utils.Time;
import org.apache.kafka.storage.internals.log.Cleaner;
import org.apache.kafka.storage.internals.log.LogCleaningAbortedException;
import org.apache.kafka.storage.internals.log.LogSegment;
import org.apache.kafka.storage.internals.log.LogToClean;
import org.apache.kafka.storage.internals.log.SkimpyOffsetMap;
import org.apache.kafka.storage.internals.log.UnifiedLog;
import org.apache.kafka.storage.internals.utils.Throttler;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.IOException;
import java.security.DigestException;
import java.security.NoSuchAlgorithmException;
import java.util.Map;
import java.util.WeakHashMap;
import java.util.concurrent.TimeUnit;

/// Compacts logs with Kafka's `Cleaner`, one at a time. Kafka's own `LogCleaner` chooses the range
/// itself; here it ends at the last segment that is flushed and out of the checkpoint (L9).
///
/// A log whose files are closed is opened for it once, and again when somebody has appended or an
/// hour has gone: nothing else changes what there is to do.
final class Compactor {
    private static final Logger log = LoggerFactory.getLogger(Compactor.class);
    private static final int BUFFER = 256 << 10;

    private static final long LOOK_AGAIN_NANOS = TimeUnit.HOURS.toNanos(1);

    /// @param end of the log, which had nothing to do then
    private record Look(long end, long nanos) {}

    private final Cleaner cleaner;
    private final Map<OwnedLog, Look> looks = new WeakHashMap<>();
    private volatile boolean stopping;

    /// @param bytesPerSecond that it reads and writes at most, as
    // `log.cleaner.io.max.bytes.per.second`
    Compactor(long mapBytes, int maxBatch, double bytesPerSecond) {
        try {
            this.cleaner =
                    new Cleaner(
                            0,
                            new SkimpyOffsetMap((int) Math.min(mapBytes, Integer.MAX_VALUE)),
                            BUFFER,
                            maxBatch,
                            0.9,
                            new Throttler(
                                    bytesPerSecond, 300, "firn-log-cleaner", "bytes", Time.SYSTEM),
                            Time.SYSTEM,
                            partition -> requireGoingOn());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(
                    "Java has no MD5, which the cleaner's offset map needs", e);
        }
    }

    /// What is being compacted stays as it was, and nothing more is.
    void stop() {
        stopping = true;
    }

    private void requireGoingOn() {
        if (stopping) {
            throw new LogCleaningAbortedException();
        }
    }

    /// Compacts when enough of the log is dirty, or some of it dirty for too long.
    ///
    /// @return whether it did
    synchronized boolean compact(OwnedLog owned, long nowMillis) throws IOException {
        if (stopping || !owned.config().compact || !mayHaveToDo(owned)) {
            return false;
        }
        if (!owned.upkeep.tryLock()) {
            return false; // the next round does
        }
        try {
            boolean did = compact(owned, owned.life.files(), nowMillis);
            looks.put(owned, new Look(owned.endOffset(), System.nanoTime()));
            return did;
        } finally {
            owned.upkeep.unlock();
        }
    }

    private boolean mayHaveToDo(OwnedLog owned) {
        if (owned.life.openFiles() != null) {
            return true;
        }
        Look last = looks.get(owned);
        boolean same =
                last != null
                        && last.end() == owned.endOffset()
                        && System.nanoTime() - last.nanos() < LOOK_AGAIN_NANOS;
        return !same
                && owned.checkpoint().size() > 0
                && owned.checkpoint().cleanedTo() < owned.checkpoint().end();
    }

    private boolean compact(OwnedLog owned, UnifiedLog files, long nowMillis) throws IOException {
        long dirty = Math.max(owned.checkpoint().cleanedTo(), files.logStartOffset());
        long end = end(owned, files, nowMillis);
        if (dirty > end) {
            dirty = files.logStartOffset();
        }
        if (dirty >= end) {
            return false;
        }
        var range = new LogToClean(files, dirty, end, false);
        boolean late = lateSince(owned, files, dirty, nowMillis);
        if (range.cleanableBytes() == 0
                || (range.cleanableRatio() < owned.config().minCleanableRatio && !late)) {
            return false;
        }
        try {
            owned.disk.failures.contained(() -> clean(owned, range));
            return true;
        } catch (LogCleaningAbortedException e) {
            log.info("Compaction of {} ended early", owned.name());
            return false;
        } catch (IOException | RuntimeException e) {
            if (owned.life.hasClosed(files)) { // restarted, deleted
                log.info("Compaction of {} ended early: {}", owned.name(), e.getMessage());
                return false;
            }
            throw e;
        }
    }

    private void clean(OwnedLog owned, LogToClean range) throws IOException {
        try {
            long cleaned = cleaner.clean(range).getKey();
            owned.cleanedTo(cleaned);
            log.debug("Compacted {} up to {}", owned.name(), cleaned);
        } catch (DigestException e) {
            throw new IOException("Cannot compact " + owned.name(), e);
        }
    }

    private static long end(OwnedLog owned, UnifiedLog files, long nowMillis) throws IOException {
        long end =
                Math.min(
                        owned.sealedOffset(),
                        Math.min(files.lastStableOffset(), owned.durableEnd()));
        long lag = owned.config().compactionLagMs;
        if (lag > 0) {
            for (LogSegment segment : files.logSegments()) {
                if (segment.largestTimestamp() > nowMillis - lag) {
                    return Math.min(end, segment.baseOffset());
                }
            }
        }
        return end;
    }

    private static boolean lateSince(OwnedLog owned, UnifiedLog files, long dirty, long nowMillis) {
        long most = owned.config().maxCompactionLagMs;
        if (most <= 0 || most > TimeUnit.DAYS.toMillis(36_500)) {
            return false;
        }
        for (LogSegment segment : files.nonActiveLogSegmentsFrom(dirty)) {
            if (nowMillis - segment.getFirstBatchTimestamp() > most) {
                return true;
            }
        }
        return false;
    }
}
