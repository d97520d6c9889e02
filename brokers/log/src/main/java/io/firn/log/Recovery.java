package io.firn.log;

import io.firn.log.JournalFormat.Header;
import io.firn.log.JournalReader.Entry;

import org.apache.kafka.common.TopicIdPartition;
import org.apache.kafka.common.errors.KafkaStorageException;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.storage.internals.log.LogConfig;
import org.apache.kafka.storage.internals.log.UnifiedLog;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;

/// Puts the logs back to where the journal ends (L7): reads all marks first, then replays what is
/// above each log's boundary. Idempotent: nothing it does moves a boundary before the caller writes
/// the new checkpoint.
final class Recovery {
    private static final Logger log = LoggerFactory.getLogger(Recovery.class);

    /// What is known of one log after the first pass.
    private static final class Plan {
        LogRow row;
        long restartSeq = -1;
        long restartOrdinal = -1;
        long restartOffset;
        long restartLogStart;
        long logStart;
        boolean deleted;
        @Nullable UnifiedLog files;
        @Nullable String suspect;

        Plan(LogRow row) {
            this.row = row;
        }

        void consider(LogRow other) {
            if (other.supersedes(row)) {
                row = other;
            }
        }

        boolean restarted() {
            return restartSeq > row.lineage();
        }
    }

    /// What became of one log.
    ///
    /// @param row where it stands; flushed and closed if `replayed`, else still as the crash left
    ///     it
    /// @param suspect why it may not be used, or null
    record Result(LogRow row, boolean replayed, boolean deleted, @Nullable String suspect) {}

    private final Disk disk;
    private final LogConfig config;
    private final Map<TopicIdPartition, Plan> plans = new LinkedHashMap<>();
    private long ordinal;
    private int replayedEntries;
    private long lastSeq = -1;

    Recovery(Disk disk, LogConfig config) {
        this.disk = disk;
        this.config = config;
    }

    /// @param checkpoint rows of the logs that were open
    /// @param closed rows of those that were closed. One that the journal names may have been
    ///     flushed and closed after its handle was written: what is between the two rows is
    ///     released, so the handle alone would find a gap (L7)
    Map<TopicIdPartition, Result> run(
            JournalReader reader,
            Header header,
            Collection<LogRow> checkpoint,
            Map<TopicIdPartition, LogRow> closed)
            throws IOException {
        for (LogRow row : checkpoint) {
            plans.put(row.partition(), new Plan(row));
        }
        JournalReader.Tail end;
        try {
            reader.read(header, this::mark);
            ordinal = 0;
            for (Plan plan : plans.values()) {
                LogRow whenClosed = closed.get(plan.row.partition());
                if (whenClosed != null) {
                    plan.consider(whenClosed);
                }
                begin(plan);
            }
            end = reader.read(header, this::replay);
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
        lastSeq = end.lastSeq();
        Map<TopicIdPartition, Result> results = new LinkedHashMap<>();
        for (Map.Entry<TopicIdPartition, Plan> one : plans.entrySet()) {
            results.put(one.getKey(), finish(one.getValue()));
        }
        if (replayedEntries > 0) {
            log.info(
                    "Replayed {} journal entries up to group {} into {} logs",
                    replayedEntries,
                    end.lastSeq(),
                    tailLogs());
        }
        return results;
    }

    /// Sequence of the last group found.
    long lastSeq() {
        return lastSeq;
    }

    private long tailLogs() {
        return plans.values().stream().filter(p -> p.files != null).count();
    }

    private void mark(Entry entry) {
        ordinal++;
        Plan plan = plans.get(entry.partition());
        if (entry.row() != null) {
            if (plan == null) {
                plan = new Plan(entry.row());
                plans.put(entry.partition(), plan);
            } else {
                plan.consider(entry.row());
            }
        }
        if (plan == null) {
            throw new IllegalStateException("Entry of an unnamed log: " + entry);
        }
        switch (entry.type()) {
            case DATA, HANDLE -> {}
            case RESTART -> {
                plan.restartSeq = entry.seq();
                plan.restartOrdinal = ordinal;
                plan.restartOffset = entry.before();
                plan.restartLogStart = entry.after();
                plan.logStart = 0;
            }
            case LOG_START -> plan.logStart = Math.max(plan.logStart, entry.before());
            case DELETE -> plan.deleted = true;
        }
    }

    /// Applies marks to what is on disk before any data is replayed (L6, L13).
    private void begin(Plan plan) {
        Path folder = LogFiles.folder(disk.dir, plan.row.partition());
        try {
            boolean ours =
                    !Files.exists(folder)
                            || LogFiles.idOf(folder)
                                    .map(id -> id.equals(plan.row.partition().topicId()))
                                    .orElse(true);
            if (plan.deleted || !ours) {
                plan.deleted = true;
                if (ours && Files.exists(folder)) {
                    Folders.deleteTree(folder);
                    Folders.sync(disk.dir);
                }
                return;
            }
            if (plan.restarted()) {
                wipe(folder);
                plan.row =
                        plan.row.restartedAt(
                                plan.restartOffset, plan.restartLogStart, plan.restartSeq);
            }
            plan.row = plan.row.withLogStart(plan.logStart);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void wipe(Path folder) throws IOException {
        if (Files.exists(folder)) {
            for (Path file : Folders.list(folder)) {
                if (!file.getFileName().toString().equals("partition.metadata")) {
                    Files.delete(file);
                }
            }
        }
    }

    private void replay(Entry entry) {
        ordinal++;
        Plan plan = plans.get(entry.partition());
        if (entry.type() != JournalFormat.Type.DATA
                || plan == null
                || plan.deleted
                || plan.suspect != null) {
            return;
        }
        boolean voided = ordinal < plan.restartOrdinal; // by a later mark
        if (voided || entry.after() <= plan.row.end()) {
            return;
        }
        try {
            UnifiedLog files = plan.files;
            if (files == null) {
                files = LogFiles.open(disk, plan.row, () -> config, false);
                plan.files = files;
            }
            if (entry.before() != files.logEndOffset()) {
                if (entry.after() <= files.logEndOffset()) {
                    return;
                }
                plan.suspect =
                        "Cannot recover %s: it ends at offset %d and the journal goes on at %d."
                                        .formatted(
                                                entry.partition(),
                                                files.logEndOffset(),
                                                entry.before())
                                + " Restore its folder from a copy or delete the topic.";
                log.error("{}", plan.suspect);
                return;
            }
            files.appendAsFollower(
                    MemoryRecords.readableRecords(entry.records()), Integer.MAX_VALUE);
            if (files.logEndOffset() != entry.after()) {
                plan.suspect =
                        "Cannot recover %s: it ends at offset %d after a replay up to %d."
                                .formatted(entry.partition(), files.logEndOffset(), entry.after());
                log.error("{}", plan.suspect);
                return;
            }
            files.updateHighWatermark(files.logEndOffset());
            replayedEntries++;
        } catch (KafkaStorageException e) {
            plan.suspect = e.getMessage();
            log.error("Cannot recover {}", entry.partition(), e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Result finish(Plan plan) throws IOException {
        UnifiedLog files = plan.files;
        if (files == null) {
            return new Result(plan.row, false, plan.deleted, plan.suspect);
        }
        if (plan.suspect != null) {
            files.removeLogMetrics();
            files.closeQuietly();
            return new Result(plan.row, false, plan.deleted, plan.suspect);
        }
        LogFiles.flush(files);
        // The log start is the row's: without its topic's settings a tiered log would begin at its
        // local start here.
        long start = plan.row.logStart();
        LogRow row = LogFiles.withSizes(LogFiles.capture(plan.row, files), files);
        row =
                new LogRow(
                        row.partition(),
                        start,
                        row.segmentBase(),
                        row.end(),
                        row.position(),
                        row.lastEpoch(),
                        row.lastEpochStart(),
                        row.lineage(),
                        row.size(),
                        row.oldestMax(),
                        row.cleanedTo(),
                        row.localStart());
        LogFiles.close(disk, files);
        LogFiles.syncSnapshots(LogFiles.folder(disk.dir, row.partition()));
        return new Result(row, true, false, null);
    }
}
