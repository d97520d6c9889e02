package io.firn.log.append;

import io.firn.log.Appended;
import io.firn.log.journal.JournalFormat.Type;
import io.firn.log.partition.LogRow;
import io.firn.log.partition.OwnedLog;

import org.apache.kafka.common.record.internal.MemoryRecords;
import org.jspecify.annotations.Nullable;

import java.util.concurrent.CompletableFuture;

/// What waits for a log thread.
public sealed interface Work {
    /// Of its entry, and of the one that names its log.
    int OVERHEAD = 512;

    OwnedLog log();

    /// Upper bound of what it takes in a group.
    int bytes();

    /// What it holds while it waits (L10).
    default int waitingBytes() {
        return bytes();
    }

    /// Its batches have been checked on their sender's thread ([BatchCheck]); only what depends on
    /// the log is left.
    ///
    /// @param asLeader Kafka's own leader append must do the work
    /// @param replicated keeps the offsets and epochs that the batches carry
    record Append(
            OwnedLog log,
            MemoryRecords records,
            int leaderEpoch,
            boolean asLeader,
            boolean replicated,
            int bytes,
            CompletableFuture<Appended> done)
            implements Work {
        @Override
        public int waitingBytes() {
            return records.sizeInBytes() + OVERHEAD;
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
