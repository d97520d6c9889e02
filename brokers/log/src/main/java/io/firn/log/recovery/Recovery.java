package io.firn.log.recovery;

import io.firn.log.Planted;
import io.firn.log.directory.Disk;
import io.firn.log.directory.FolderScan;
import io.firn.log.directory.Folders;
import io.firn.log.directory.ManifestEntry;
import io.firn.log.directory.ManifestEntry.State;
import io.firn.log.directory.PartitionFolder;
import io.firn.log.directory.RetiredFolders;
import io.firn.log.journal.JournalFormat;
import io.firn.log.journal.JournalFormat.Header;
import io.firn.log.journal.JournalReader;
import io.firn.log.journal.JournalReader.Entry;
import io.firn.log.journal.LogCheckpoint;
import io.firn.log.partition.LogFiles;

import org.apache.kafka.common.TopicIdPartition;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
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
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Puts the logs back to where the journal ends (L7): reads all marks first, in their order, then
/// replays what is above each log's checkpoint. Idempotent: nothing it does moves a checkpoint
/// before the caller writes the new manifest.
final class Recovery {
    private static final Logger log = LoggerFactory.getLogger(Recovery.class);

    /// What is known of one log after the first pass. Marks count in their order, each only for
    /// what was before it: a log that was deleted and made again, or begun anew, is the last one.
    private static final class Plan {
        final TopicIdPartition partition;
        final @Nullable ManifestEntry named;
        @Nullable LogCheckpoint checkpoint;
        long deletedSeq = -1;
        long restartSeq = -1;
        long restartOffset;
        long restartLogStart;
        long logStart;
        /// It was suspect, and its folder was restored or is accepted as it is.
        boolean repaired;
        /// What the journal has below is on disk.
        long replayFrom;
        @Nullable UnifiedLog files;
        @Nullable String suspect;

        Plan(TopicIdPartition partition, @Nullable ManifestEntry named) {
            this.partition = partition;
            this.named = named;
            this.checkpoint =
                    named == null || named.state() == State.DELETING ? null : named.checkpoint();
            this.deletedSeq =
                    checkpoint == null && named != null ? named.checkpoint().lineage() + 1 : -1;
        }

        /// Whether a mark is older than the log: the checkpoint contains it.
        private boolean contains(long seq) {
            LogCheckpoint now = checkpoint;
            return now != null && seq <= now.lineage();
        }

        void see(Entry entry) {
            LogCheckpoint told = entry.checkpoint();
            if (told != null && told.lineage() >= deletedSeq) {
                LogCheckpoint now = checkpoint;
                checkpoint = now == null || told.supersedes(now) ? told : now;
            }
            if (contains(entry.seq())) {
                return;
            }
            switch (entry.type()) {
                case DATA, HANDLE -> {}
                case RESTART -> {
                    restartSeq = entry.seq();
                    restartOffset = entry.before();
                    restartLogStart = entry.after();
                    logStart = 0;
                }
                case LOG_START -> logStart = Math.max(logStart, entry.before());
                case DELETE -> {
                    checkpoint = null;
                    deletedSeq = entry.seq();
                    restartSeq = -1;
                    logStart = 0;
                }
            }
        }

        State was() {
            return named == null ? State.OPEN : named.state();
        }
    }

    /// An operator's file in the folder of a suspect log: use what is there, whatever is lost.
    static final String ACCEPT = "accept-loss";

    private final Disk disk;
    private final LogConfig config;
    private final KeptEntries kept;
    private final RetiredFolders retired;
    private final Map<TopicIdPartition, Plan> plans = new LinkedHashMap<>();
    /// Of the logs that the manifest has in their places.
    private final Set<TopicPartition> names = new HashSet<>();
    private int replayedEntries;
    private long lastSeq = -1;

    Recovery(Disk disk, LogConfig config, RetiredFolders retired) {
        this.disk = disk;
        this.config = config;
        this.retired = retired;
        this.kept = new KeptEntries(disk.dir);
    }

    /// @param entries what the manifest says of each partition; afterwards what each is now
    void run(JournalReader reader, Header header, Map<TopicIdPartition, ManifestEntry> entries)
            throws IOException {
        entries.forEach(
                (tp, entry) -> {
                    if (entry.state() != State.DELETING && !entry.isStray()) {
                        names.add(tp.topicPartition());
                    }
                    if (entry.state() != State.CLOSED && !entry.isStray()) {
                        plans.put(tp, new Plan(tp, entry));
                    }
                });
        JournalReader.Tail end;
        try {
            reader.read(header, entry -> mark(entry, entries));
            for (Plan plan : plans.values()) {
                begin(plan);
            }
            end = reader.read(header, this::replay);
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
        lastSeq = end.lastSeq();
        for (Plan plan : plans.values()) {
            ManifestEntry now = finish(plan);
            if (now == null) {
                entries.remove(plan.partition);
            } else {
                entries.put(plan.partition, now);
            }
        }
        if (replayedEntries > 0) {
            log.info(
                    "Replayed {} journal entries up to group {} into {} logs",
                    replayedEntries,
                    end.lastSeq(),
                    plans.values().stream().filter(p -> p.files != null).count());
        }
    }

    private void mark(Entry entry, Map<TopicIdPartition, ManifestEntry> entries) {
        ManifestEntry named = entries.get(entry.partition());
        if (named != null && named.isStray()) { // all of it is in its folder
            return;
        }
        Plan plan = plans.computeIfAbsent(entry.partition(), tp -> new Plan(tp, entries.get(tp)));
        plan.see(entry);
        if (entry.type() == JournalFormat.Type.DELETE
                && disk.planted.contains(Planted.DELETED_FOR_GOOD)) {
            plan.checkpoint = null;
            plan.deletedSeq = Long.MAX_VALUE;
        }
    }

    /// Sequence of the last group found.
    long lastSeq() {
        return lastSeq;
    }

    /// Applies marks to what is on disk before any data is replayed (L6, L13).
    private void begin(Plan plan) {
        Path folder = PartitionFolder.of(disk.dir, plan.partition);
        try {
            Optional<Uuid> owner =
                    Files.exists(folder) ? PartitionFolder.idOf(folder) : Optional.empty();
            boolean ours = owner.map(plan.partition.topicId()::equals).orElse(mayOwn(plan));
            boolean here = ours && Files.exists(folder);
            LogCheckpoint checkpoint = plan.checkpoint;
            if (checkpoint == null || (plan.named == null && !here)) {
                // Its entry went after its folder had gone; the one there is another topic's (L6).
                plan.checkpoint = null;
                if (here) {
                    retired.retireDeleted(plan.partition);
                    Folders.sync(disk.dir);
                }
                return;
            }
            if (plan.named == null) {
                throw LogFiles.suspect(checkpoint, "the manifest does not name it");
            }
            if (!ours) {
                throw LogFiles.suspect(
                        checkpoint, "its folder belongs to topic id " + owner.orElseThrow());
            } else if (plan.restartSeq > checkpoint.lineage()) {
                wipe(folder);
                checkpoint =
                        checkpoint.restartedAt(
                                plan.restartOffset, plan.restartLogStart, plan.restartSeq);
            }
            plan.checkpoint = checkpoint.withLogStart(plan.logStart);
            plan.replayFrom = checkpoint.end();
            if (plan.was() == State.SUSPECT) {
                plan.replayFrom = checkpoint.position() == Long.MAX_VALUE ? 0 : checkpoint.end();
                lookAgain(plan, plan.checkpoint, folder);
            }
        } catch (KafkaStorageException e) {
            suspect(plan, String.valueOf(e.getMessage()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Whether a folder that does not say whose it is may be this log's: not when another topic of
    /// its name was being made.
    private boolean mayOwn(Plan plan) {
        return plan.named != null || !names.contains(plan.partition.topicPartition());
    }

    /// A suspect log whose folder was restored with all that is known of it is one no more (L14).
    private static void lookAgain(Plan plan, LogCheckpoint checkpoint, Path folder)
            throws IOException {
        FolderScan found =
                Files.exists(folder.resolve(ACCEPT)) ? FolderScan.all(checkpoint, folder) : null;
        if (FolderScan.holds(checkpoint, folder)) {
            plan.repaired = true;
            log.warn("{} is whole again and is used again", folder);
        } else if (found != null && found.start() >= 0) {
            plan.repaired = true;
            plan.checkpoint = found.accept(checkpoint);
            log.error(
                    "{} is used with what it has, offsets {} to {}, as its file '{}' asks for; {} were known to be acknowledged",
                    folder,
                    found.start(),
                    found.end(),
                    ACCEPT,
                    checkpoint.end());
        } else {
            plan.suspect = plan.named == null ? "unnamed" : plan.named.why();
        }
    }

    private static void suspect(Plan plan, String why) {
        plan.suspect = why;
        log.error("{}", why);
    }

    private static void wipe(Path folder) throws IOException {
        if (Files.exists(folder)) {
            for (Path file : Folders.list(folder)) {
                if (!file.getFileName().toString().equals(PartitionFolder.OWNER)) {
                    Files.delete(file);
                }
            }
        }
    }

    private void replay(Entry entry) {
        Plan plan = plans.get(entry.partition());
        LogCheckpoint checkpoint = plan == null ? null : plan.checkpoint;
        if (entry.type() != JournalFormat.Type.DATA
                || plan == null
                || checkpoint == null
                || entry.seq() <= checkpoint.lineage() // of one that was deleted or restarted since
                || entry.after() <= plan.replayFrom) {
            return;
        }
        try {
            if (plan.suspect != null) {
                keep(entry);
                return;
            }
            UnifiedLog files = open(plan, checkpoint);
            if (entry.before() != files.logEndOffset()) {
                if (entry.after() > files.logEndOffset() && !plan.repaired) {
                    keep(entry);
                    plan.checkpoint = checkpoint.lackingUpTo(entry.after());
                    suspect(
                            plan,
                            "Cannot recover %s: it ends at offset %d and the journal goes on at %d. %s"
                                    .formatted(
                                            entry.partition(),
                                            files.logEndOffset(),
                                            entry.before(),
                                            LogFiles.WAY_OUT));
                }
                return;
            }
            files.appendAsFollower(
                    MemoryRecords.readableRecords(entry.records()), Integer.MAX_VALUE);
            if (files.logEndOffset() != entry.after()) {
                plan.checkpoint = checkpoint.lackingUpTo(entry.after());
                suspect(
                        plan,
                        "Cannot recover %s: it ends at offset %d after a replay up to %d. %s"
                                .formatted(
                                        entry.partition(),
                                        files.logEndOffset(),
                                        entry.after(),
                                        LogFiles.WAY_OUT));
                return;
            }
            files.updateHighWatermark(files.logEndOffset());
            replayedEntries++;
        } catch (KafkaStorageException e) {
            suspect(plan, String.valueOf(e.getMessage()));
            keep(entry);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void keep(Entry entry) {
        try {
            kept.keep(entry);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private UnifiedLog open(Plan plan, LogCheckpoint checkpoint) throws IOException {
        UnifiedLog files = plan.files;
        if (files == null) {
            files = LogFiles.open(disk, checkpoint, () -> config, false);
            plan.files = files;
            if (plan.repaired) {
                kept.replay(plan.partition, files);
            }
        }
        return files;
    }

    /// What the partition is now; null when it was deleted.
    private @Nullable ManifestEntry finish(Plan plan) throws IOException {
        LogCheckpoint checkpoint = plan.checkpoint;
        if (checkpoint == null) {
            kept.forget(plan.partition);
            return null;
        }
        if (plan.repaired && plan.suspect == null) {
            open(plan, checkpoint);
        }
        UnifiedLog files = plan.files;
        String suspect = plan.suspect;
        if (suspect != null) {
            if (files != null) {
                LogFiles.drop(files);
            }
            return ManifestEntry.suspect(checkpoint, suspect);
        }
        if (files == null) {
            boolean asClosed =
                    plan.was() == State.CLOSED
                            && plan.named != null
                            && !checkpoint.supersedes(plan.named.checkpoint());
            return asClosed ? ManifestEntry.closed(checkpoint) : ManifestEntry.open(checkpoint);
        }
        LogFiles.flush(files);
        LogCheckpoint last = LogFiles.withSizes(LogFiles.capture(checkpoint, files), files);
        LogFiles.close(disk, files);
        LogFiles.syncSnapshots(PartitionFolder.of(disk.dir, checkpoint.partition()));
        if (plan.repaired) {
            kept.forget(plan.partition);
            Files.deleteIfExists(PartitionFolder.of(disk.dir, plan.partition).resolve(ACCEPT));
        }
        return ManifestEntry.closed(last);
    }
}
