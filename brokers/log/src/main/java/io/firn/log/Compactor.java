package io.firn.log;

import org.apache.kafka.common.errors.KafkaStorageException;
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
import java.util.concurrent.TimeUnit;

/// Compacts logs with Kafka's `Cleaner`, one at a time. Kafka's own `LogCleaner` chooses the range
/// itself; here it ends at the last segment that is flushed and out of the checkpoint (L9).
final class Compactor {
    private static final Logger log = LoggerFactory.getLogger(Compactor.class);
    private static final int BUFFER = 256 << 10;

    private final Cleaner cleaner;

    Compactor(long mapBytes, int maxBatch) {
        try {
            this.cleaner =
                    new Cleaner(
                            0,
                            new SkimpyOffsetMap((int) Math.min(mapBytes, Integer.MAX_VALUE)),
                            BUFFER,
                            maxBatch,
                            0.9,
                            new Throttler(
                                    Double.MAX_VALUE,
                                    300,
                                    "firn-log-cleaner",
                                    "bytes",
                                    Time.SYSTEM),
                            Time.SYSTEM,
                            partition -> {});
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(
                    "Java has no MD5, which the cleaner's offset map needs", e);
        }
    }

    /// Compacts when enough of the log is dirty, or some of it dirty for too long.
    ///
    /// @return whether it did
    boolean compact(OwnedLog owned, long nowMillis) throws IOException {
        UnifiedLog files = owned.openFiles();
        if (files == null || !owned.config().compact || owned.brokenReason() != null) {
            return false;
        }
        long dirty = Math.max(owned.row().cleanedTo(), files.logStartOffset());
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
            long cleaned = cleaner.clean(range).getKey();
            owned.cleanedTo(cleaned);
            log.debug("Compacted {} from {} to {}", owned.name(), dirty, cleaned);
            return true;
        } catch (DigestException e) {
            throw new IOException("Cannot compact " + owned.name(), e);
        } catch (LogCleaningAbortedException | KafkaStorageException e) {
            log.info("Compaction of {} ended early: {}", owned.name(), e.getMessage());
            return false;
        }
    }

    private static long end(OwnedLog owned, UnifiedLog files, long nowMillis) throws IOException {
        long end =
                Math.min(
                        owned.visibleBase(),
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
