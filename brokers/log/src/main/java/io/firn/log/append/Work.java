package io.firn.log.append;

import io.firn.log.Appended;
import io.firn.log.journal.JournalFormat.Type;
import io.firn.log.partition.LogRow;
import io.firn.log.partition.OwnedLog;

import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.storage.internals.log.LogConfig;
import org.jspecify.annotations.Nullable;

import java.util.concurrent.CompletableFuture;

/// What waits for a log thread.
public sealed interface Work {
    /// Of its entry, and of the one that names its log.
    int OVERHEAD = 512;

    OwnedLog log();

    /// Upper bound of what it takes in a group, and while it waits (L10).
    int bytes();

    /// Its batches have been checked on their sender's thread ([BatchCheck], [BatchRewriter]); only
    /// what depends on the log is left.
    ///
    /// @param settings of the topic, when they were checked
    /// @param replicated keeps the offsets and epochs that the batches carry
    record Append(
            OwnedLog log,
            MemoryRecords records,
            int leaderEpoch,
            LogConfig settings,
            boolean replicated,
            CompletableFuture<Appended> done)
            implements Work {
        @Override
        public int bytes() {
            return records.sizeInBytes() + OVERHEAD;
        }

        /// Whether the log gives its records their time.
        boolean restamps() {
            return settings.messageTimestampType == TimestampType.LOG_APPEND_TIME;
        }
    }

    /// The log has batches that a coordinator appended already.
    record Staged(OwnedLog log, int bytes) implements Work {}

    /// Journaled first, then done (L6): ends its group, which only further deletions may share.
    ///
    /// @param logStart of a log that restarts; else the offset again
    record Mark(
            OwnedLog log,
            Type type,
            long offset,
            long logStart,
            Runnable effect,
            CompletableFuture<Void> done)
            implements Work {
        @Override
        public int bytes() {
            return OVERHEAD;
        }

        /// Whether the next work may be in the same group, after this: another log's deletion.
        boolean mayShare(@Nullable Work next) {
            return type == Type.DELETE
                    && next instanceof Mark other
                    && other.type == Type.DELETE
                    && other.log != log;
        }
    }

    /// A newer row of the log: what is below its end is flushed (L5, L9).
    record Row(OwnedLog log, LogRow row, CompletableFuture<Void> done) implements Work {
        @Override
        public int bytes() {
            return OVERHEAD;
        }
    }
}
