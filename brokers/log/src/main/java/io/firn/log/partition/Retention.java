package io.firn.log.partition;

import io.firn.log.directory.Disk;
import io.firn.log.journal.LogCheckpoint;

import org.apache.kafka.common.errors.KafkaStorageException;
import org.apache.kafka.storage.internals.log.LogConfig;
import org.apache.kafka.storage.internals.log.LogSegment;
import org.apache.kafka.storage.internals.log.UnifiedLog;

import java.io.IOException;

/// Kafka's retention, and when it would find something to do.
public final class Retention {
    /// What is about to expire is closed too: the deletion that follows looks at its own clock.
    private static final long MARGIN_MILLIS = 10_000;

    private Retention() {}

    /// Deletes what is due, in the log's local segments only.
    public static void apply(OwnedLog log, long nowMillis) {
        Disk disk = log.disk;
        disk.requireOnline();
        log.life.state().requireUsable();
        if (disk.deletionsHeld && log.config().remoteStorageEnable()) {
            return;
        }
        if (log.life.opened() == null && !due(log.checkpoint(), log.config(), nowMillis)) {
            return;
        }
        try {
            if (rollFirst(log.life.files(), nowMillis)) {
                log.roll();
            } else {
                log.sealNow();
            }
            log.lock.lock();
            try {
                OpenFiles still = log.life.opened();
                if (still != null
                        && still.unified().activeSegment().baseOffset() == still.sealedOffset()) {
                    deleteOld(still, disk);
                }
            } finally {
                log.lock.unlock();
            }
        } catch (IOException e) {
            throw new KafkaStorageException("Cannot delete segments of " + log.name(), e);
        }
    }

    /// Of a log without a table the start moves with what goes.
    private static void deleteOld(OpenFiles files, Disk disk) throws IOException {
        long before = files.unified().logStartOffset();
        disk.failures.contained(files.unified()::deleteOldSegments);
        long now = files.unified().logStartOffset();
        if (now > before) {
            files.startsAt(now);
        }
    }

    /// For a log whose files are closed: whether opening them could free anything.
    static boolean due(LogCheckpoint checkpoint, LogConfig config, long nowMillis) {
        if (checkpoint.size() == 0) {
            return false;
        }
        if (checkpoint.logStart() >= checkpoint.end()) {
            return true;
        }
        if (!config.delete && !config.remoteStorageEnable()) {
            return false;
        }
        long keepMillis = UnifiedLog.localRetentionMs(config, config.remoteStorageEnable());
        long keepBytes = UnifiedLog.localRetentionSize(config, config.remoteStorageEnable());
        boolean old =
                keepMillis >= 0
                        && checkpoint.oldestMax() >= 0
                        && nowMillis - checkpoint.oldestMax() > keepMillis;
        boolean large = keepBytes >= 0 && checkpoint.size() > keepBytes;
        return old || large;
    }

    /// Whether deletion would reach the active segment: it is closed first, so that only closed
    /// ones go (L9).
    static boolean rollFirst(UnifiedLog files, long nowMillis) throws IOException {
        LogSegment active = files.activeSegment();
        if (active.size() == 0) {
            return false;
        }
        if (files.logStartOffset() >= files.logEndOffset()) {
            return true;
        }
        LogConfig config = files.config();
        if (!config.delete && !files.remoteLogEnabled()) {
            return false;
        }
        long keepMillis = UnifiedLog.localRetentionMs(config, files.remoteLogEnabled());
        long keepBytes = UnifiedLog.localRetentionSize(config, files.remoteLogEnabled());
        return (keepMillis >= 0
                        && nowMillis + MARGIN_MILLIS - active.largestTimestamp() > keepMillis)
                || (keepBytes == 0);
    }
}
