package io.firn.log.partition;

import io.firn.log.Appended;
import io.firn.log.journal.JournalFormat.Type;
import io.firn.log.journal.LogCheckpoint;

import org.apache.kafka.common.errors.KafkaStorageException;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.storage.internals.log.LogConfig;
import org.jspecify.annotations.Nullable;

import java.util.List;
import java.util.concurrent.CompletableFuture;

/// What waits for a log thread.
public sealed interface Work {
    /// Of its entry, and of the one that names its log.
    int OVERHEAD = 512;

    OwnedLog log();

    /// Upper bound of what it takes in a group, and while it waits (L10).
    int bytes();

    /// Nothing of these is acknowledged (L4).
    static void fail(List<Work> works, @Nullable String why) {
        for (Work work : works) {
            switch (work) {
                case Append append -> append.refuse(why);
                case Staged staged -> {}
                case Checkpoint newer -> refuse(newer.done, why);
                case Mark mark -> refuse(mark.done, why);
            }
        }
    }

    private static void refuse(CompletableFuture<Void> done, @Nullable String why) {
        done.completeExceptionally(new KafkaStorageException(why));
    }

    /// Its batches have been checked on their sender's thread (`BatchCheck`, `BatchRewriter`); only
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

        /// Nothing of it is acknowledged (L4).
        public void refuse(@Nullable String why) {
            done.complete(Appended.failed(Errors.KAFKA_STORAGE_ERROR, why, -1));
        }

        /// Whether the log gives its records their time.
        public boolean restamps() {
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
        public boolean mayShare(@Nullable Work next) {
            return type == Type.DELETE
                    && next instanceof Mark other
                    && other.type == Type.DELETE
                    && other.log != log;
        }
    }

    /// A newer checkpoint of the log: what is below its end is flushed (L5, L9).
    record Checkpoint(OwnedLog log, LogCheckpoint checkpoint, CompletableFuture<Void> done)
            implements Work {
        @Override
        public int bytes() {
            return OVERHEAD;
        }
    }
}
