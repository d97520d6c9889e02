package io.firn.log.partition;

import io.firn.log.EpochEntry;
import io.firn.log.directory.Disk;
import io.firn.log.directory.Folders;
import io.firn.log.directory.PartitionFolder;
import io.firn.log.journal.LogCheckpoint;
import io.firn.log.producer.KnownProducers;
import io.firn.log.segment.SegmentBuffers;
import io.firn.log.segment.SegmentChannel;

import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.errors.KafkaStorageException;
import org.apache.kafka.server.common.CheckpointFile;
import org.apache.kafka.storage.internals.checkpoint.LeaderEpochCheckpointFile;
import org.apache.kafka.storage.internals.epoch.LeaderEpochFileCache;
import org.apache.kafka.storage.internals.log.LoadedLogOffsets;
import org.apache.kafka.storage.internals.log.LocalLog;
import org.apache.kafka.storage.internals.log.LogConfig;
import org.apache.kafka.storage.internals.log.LogFileUtils;
import org.apache.kafka.storage.internals.log.LogLoader;
import org.apache.kafka.storage.internals.log.LogOffsetsListener;
import org.apache.kafka.storage.internals.log.LogSegments;
import org.apache.kafka.storage.internals.log.LogStartOffsetIncrementReason;
import org.apache.kafka.storage.internals.log.ProducerStateManagerConfig;
import org.apache.kafka.storage.internals.log.SnapshotFile;
import org.apache.kafka.storage.internals.log.UnifiedLog;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/// Opens and closes one partition's folder: the only place that constructs a `UnifiedLog`.
///
/// Active segments sit on channels of ours ([GatheredSegments]), unless the disk writes buffered.
public final class LogFiles {
    private static final Logger log = LoggerFactory.getLogger(LogFiles.class);

    /// What an operator can do for a suspect log.
    public static final String WAY_OUT =
            "Its files stay as they are. Restore its folder from a copy and restart, or delete the topic (docs/operating says what else can be done).";

    private static final int PRODUCER_EXPIRY_MS = 86_400_000;
    private static final int PRODUCER_CHECK_MS = 600_000;
    private static final int MAX_TRANSACTION_MS = 900_000;

    private LogFiles() {}

    /// Opens a log that closed cleanly as `checkpoint` says; anything that does not fit is opened
    /// as after a crash.
    ///
    /// @throws SuspectLogException whatever else in the folder makes Kafka's code fail: a log is
    ///     open or out of use, never neither (R20)
    public static UnifiedLog open(
            Disk disk, LogCheckpoint checkpoint, Supplier<LogConfig> config, boolean clean)
            throws IOException {
        try {
            return load(disk, checkpoint, config, clean);
        } catch (KafkaStorageException e) {
            throw e;
        } catch (UncheckedIOException e) {
            throw e.getCause();
        } catch (RuntimeException e) {
            throw unreadable(disk, checkpoint, e);
        }
    }

    private static UnifiedLog load(
            Disk disk, LogCheckpoint checkpoint, Supplier<LogConfig> config, boolean clean)
            throws IOException {
        Path folder = PartitionFolder.of(disk.dir, checkpoint.partition());
        boolean fresh = !Files.exists(folder);
        if (fresh && checkpoint.hasLocalRecords()) { // L14
            throw suspect(checkpoint, "its folder is missing");
        }
        if (!fresh) {
            requireId(checkpoint, folder);
            requireEpochs(checkpoint, folder);
        }
        boolean trusted = clean && !fresh && closedAs(checkpoint, folder);
        if (!trusted && !fresh) {
            if (clean) {
                requireNothingAbove(checkpoint, folder);
            }
            cut(checkpoint, folder); // L7
        }
        nameFolder(checkpoint, folder);
        UnifiedLog opened = create(disk, checkpoint, config, folder, trusted);
        if (opened.logEndOffset() != checkpoint.end()) {
            long end = opened.logEndOffset();
            if (opened.isEmpty()
                    && checkpoint.end() > 0
                    && checkpoint.position() == 0
                    && opened.logSegments().size() == 1) {
                opened.truncateFullyAndStartAt(
                        checkpoint.end(), Optional.of(checkpoint.logStart()));
            } else {
                close(disk, opened);
                throw suspect(checkpoint, "it ends at offset %d after recovery".formatted(end));
            }
        }
        if (checkpoint.lastEpoch().epoch() >= 0
                && opened.latestEpoch().orElse(-1) < checkpoint.lastEpoch().epoch()) {
            opened.assignEpochStartOffset(
                    checkpoint.lastEpoch().epoch(), checkpoint.lastEpoch().startOffset());
        }
        if (opened.logStartOffset() < checkpoint.logStart()) {
            opened.updateHighWatermark(checkpoint.end());
            opened.maybeIncrementLogStartOffset(
                    Math.min(checkpoint.logStart(), checkpoint.end()),
                    LogStartOffsetIncrementReason.ClientRecordDeletion);
        }
        opened.updateHighWatermark(opened.logEndOffset());
        return opened;
    }

    /// Says in a new folder whose it is. Without a sync: the manifest says it too, and until the
    /// first flush, which comes with [#syncPlace], nothing else of it counts either.
    private static void nameFolder(LogCheckpoint checkpoint, Path folder) throws IOException {
        if (PartitionFolder.idOf(folder).isEmpty()) {
            Files.createDirectories(folder);
            Files.writeString(
                    folder.resolve(PartitionFolder.OWNER),
                    "version: 0\ntopic_id: %s".formatted(checkpoint.partition().topicId()));
        }
    }

    /// The folder's name and its place in the directory are on disk when this returns (L5).
    static void syncPlace(Path folder, Path dir) throws IOException {
        Folders.syncFile(
                dir.resolve(folder.getFileName().toString()).resolve(PartitionFolder.OWNER));
        Folders.sync(dir);
    }

    /// What `UnifiedLog.create` does, with segments of our choice.
    private static UnifiedLog create(
            Disk disk,
            LogCheckpoint checkpoint,
            Supplier<LogConfig> settings,
            Path folder,
            boolean clean)
            throws IOException {
        Files.createDirectories(folder);
        File dir = folder.toFile();
        LogConfig config = settings.get();
        TopicPartition partition = checkpoint.partition().topicPartition();
        LogSegments segments = segments(disk, partition, folder, settings);
        LeaderEpochFileCache epochs =
                UnifiedLog.createLeaderEpochCache(
                        dir, partition, disk.failures, Optional.empty(), disk.scheduler);
        var producers =
                new KnownProducers(
                        partition,
                        dir,
                        MAX_TRANSACTION_MS,
                        new ProducerStateManagerConfig(PRODUCER_EXPIRY_MS, true),
                        disk.time,
                        disk.producers);
        try {
            return create(disk, checkpoint, config, dir, clean, segments, epochs, producers);
        } catch (IOException | RuntimeException | Error e) {
            producers.release();
            throw e;
        }
    }

    private static UnifiedLog create(
            Disk disk,
            LogCheckpoint checkpoint,
            LogConfig config,
            File dir,
            boolean clean,
            LogSegments segments,
            LeaderEpochFileCache epochs,
            KnownProducers producers)
            throws IOException {
        TopicPartition partition = checkpoint.partition().topicPartition();
        // L7: log start = min(checkpointed, the offset that recovery starts from)
        LoadedLogOffsets offsets =
                new LogLoader(
                                dir,
                                partition,
                                config,
                                disk.scheduler,
                                disk.time,
                                disk.failures,
                                clean,
                                segments,
                                Math.min(checkpoint.logStart(), checkpoint.end()),
                                checkpoint.end(),
                                epochs,
                                producers,
                                new ConcurrentHashMap<>(),
                                UnifiedLog.isRemoteLogEnabled(true, config, partition.topic()))
                        .load();
        if (segments instanceof GatheredSegments gathered) {
            gathered.loaded();
        }
        var local =
                new LocalLog(
                        dir,
                        config,
                        segments,
                        offsets.recoveryPoint(),
                        offsets.nextOffsetMetadata(),
                        disk.scheduler,
                        disk.time,
                        partition,
                        disk.failures);
        return new UnifiedLog(
                offsets.logStartOffset(),
                local,
                disk.topicStats,
                PRODUCER_CHECK_MS,
                epochs,
                producers,
                Optional.of(checkpoint.partition().topicId()),
                true,
                LogOffsetsListener.NO_OP_OFFSETS_LISTENER);
    }

    private static LogSegments segments(
            Disk disk, TopicPartition partition, Path folder, Supplier<LogConfig> config)
            throws IOException {
        SegmentBuffers buffers = disk.buffers;
        return buffers == null
                ? new LogSegments(partition)
                : new GatheredSegments(partition, folder, disk, buffers, config);
    }

    /// L11: call before an append. An active segment that is not ours (recovery cut the one that
    /// was) is closed.
    public static void requireGathered(Disk disk, UnifiedLog opened) throws IOException {
        if (disk.buffers != null
                && !(opened.activeSegment().log().channel() instanceof SegmentChannel)
                && !opened.config().preallocate) {
            opened.roll();
        }
    }

    private static void requireId(LogCheckpoint checkpoint, Path folder) throws IOException {
        Optional<Uuid> id = PartitionFolder.idOf(folder);
        if (id.isPresent() && !id.get().equals(checkpoint.partition().topicId())) {
            throw suspect(checkpoint, "its folder belongs to topic id " + id.get());
        }
    }

    /// Kafka takes the whole disk for lost when this file is malformed. It cannot be made anew:
    /// the epochs of what only the table has are in no segment.
    private static void requireEpochs(LogCheckpoint checkpoint, Path folder) throws IOException {
        Path file = LeaderEpochCheckpointFile.newFile(folder.toFile()).toPath();
        if (!Files.exists(file)) {
            return;
        }
        String text = Files.readString(file, StandardCharsets.ISO_8859_1);
        try (var in = new BufferedReader(new StringReader(text))) {
            new CheckpointFile.CheckpointReadBuffer<>(
                            file.toString(), in, 0, LeaderEpochCheckpointFile.FORMATTER)
                    .read();
        } catch (IOException | RuntimeException e) { // of the text, not of the disk
            throw suspect(checkpoint, "%s is damaged (%s)".formatted(file, e.getMessage()));
        }
    }

    /// Whether the folder looks as a clean close left it: the active segment ends where the
    /// checkpoint says and its indexes are trimmed (an index of zeros counts as full and answers
    /// wrong positions).
    private static boolean closedAs(LogCheckpoint checkpoint, Path folder) throws IOException {
        Path segment = LogFileUtils.logFile(folder.toFile(), checkpoint.segmentBase()).toPath();
        if (!Files.exists(segment) || Files.size(segment) != checkpoint.position()) {
            return false;
        }
        for (Path file : Folders.list(folder)) {
            String name = file.getFileName().toString();
            if (name.endsWith(".log")
                    && LogFileUtils.offsetFromFile(file.toFile()) > checkpoint.segmentBase()) {
                return false;
            }
            int entry = name.endsWith(".index") ? 8 : name.endsWith(".timeindex") ? 12 : 0;
            if (entry > 0 && endsInZeros(file, entry)) {
                return false;
            }
        }
        return true;
    }

    private static boolean endsInZeros(Path file, int bytes) throws IOException {
        try (RandomAccessFile in = new RandomAccessFile(file.toFile(), "r")) {
            if (in.length() < bytes) {
                return false;
            }
            in.seek(in.length() - bytes);
            for (int i = 0; i < bytes; i++) {
                if (in.read() != 0) {
                    return false;
                }
            }
            return true;
        }
    }

    /// L14: what lies above a checkpoint is cut after a crash only, when it was never acknowledged
    /// or the journal has it. In a folder that was closed it came from somewhere else, and who put
    /// it there decides.
    private static void requireNothingAbove(LogCheckpoint checkpoint, Path folder)
            throws IOException {
        for (Path file : Folders.list(folder)) {
            String name = file.getFileName().toString();
            if (!name.endsWith(".log") || !Character.isDigit(name.charAt(0))) {
                continue;
            }
            long base = LogFileUtils.offsetFromFile(file.toFile());
            long most = base > checkpoint.segmentBase() ? 0 : checkpoint.position();
            if (base >= checkpoint.segmentBase() && Files.size(file) > most) {
                throw suspect(
                        checkpoint,
                        "segment %s has %d bytes, it was closed with %d"
                                .formatted(name, Files.size(file), most));
            }
        }
    }

    /// Removes what lies above the checkpoint, so that Kafka's recovery ends exactly there and
    /// the journal goes on.
    private static void cut(LogCheckpoint checkpoint, Path folder) throws IOException {
        boolean found = false;
        for (Path file : Folders.list(folder)) {
            String name = file.getFileName().toString();
            if (name.isEmpty() || !Character.isDigit(name.charAt(0))) {
                continue;
            }
            long base = LogFileUtils.offsetFromFile(file.toFile());
            boolean above =
                    name.endsWith(".snapshot")
                            ? base > checkpoint.end()
                            : base > checkpoint.segmentBase();
            if (above) {
                Files.delete(file);
            } else if (name.endsWith(".log") && base == checkpoint.segmentBase()) {
                found = true;
                cutFile(checkpoint, file);
            }
        }
        if (!found && checkpoint.position() > 0) {
            throw suspect(
                    checkpoint, "segment %020d.log is missing".formatted(checkpoint.segmentBase()));
        }
        if (!found && checkpoint.end() > 0) {
            Files.createFile(
                    LogFileUtils.logFile(folder.toFile(), checkpoint.segmentBase()).toPath());
        }
        Folders.sync(folder);
    }

    private static void cutFile(LogCheckpoint checkpoint, Path file) throws IOException {
        long size = Files.size(file);
        if (size < checkpoint.position()) {
            throw suspect(
                    checkpoint,
                    "segment %s has %d bytes, %d were synced"
                            .formatted(file.getFileName(), size, checkpoint.position()));
        }
        if (size > checkpoint.position()) {
            try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
                channel.truncate(checkpoint.position());
                channel.force(true);
            }
        }
    }

    /// R20, R21: not led and not served; a replica or a copy has to help.
    public static SuspectLogException suspect(LogCheckpoint checkpoint, String why) {
        return new SuspectLogException(
                "Cannot open the log of %s-%d (%s) at offset %d: %s. %s"
                        .formatted(
                                checkpoint.partition().topic(),
                                checkpoint.partition().partition(),
                                checkpoint.partition().topicId(),
                                checkpoint.end(),
                                why,
                                WAY_OUT));
    }

    /// What nobody foresaw of the files of a log.
    static SuspectLogException unreadable(
            Disk disk, LogCheckpoint checkpoint, RuntimeException cause) {
        Path folder = PartitionFolder.of(disk.dir, checkpoint.partition());
        SuspectLogException suspect =
                suspect(checkpoint, "a file in %s cannot be read (%s)".formatted(folder, cause));
        suspect.initCause(cause);
        return suspect;
    }

    /// What the next start may rely on; call under the log's lock with everything appended flushed.
    public static LogCheckpoint capture(LogCheckpoint before, UnifiedLog opened) {
        return capture(
                before,
                opened,
                opened.logEndOffset(),
                opened.activeSegment().size(),
                opened.leaderEpochCache().latestEntry());
    }

    /// The same without the active segment: up to its base.
    static LogCheckpoint captureClosed(LogCheckpoint before, UnifiedLog opened) {
        long base = opened.activeSegment().baseOffset();
        var below = opened.leaderEpochCache().latestEntry().filter(e -> e.startOffset() < base);
        return capture(before, opened, base, 0, below);
    }

    private static LogCheckpoint capture(
            LogCheckpoint before,
            UnifiedLog opened,
            long end,
            long position,
            Optional<org.apache.kafka.storage.internals.log.EpochEntry> last) {
        return new LogCheckpoint(
                before.partition(),
                before.lineage(),
                logStart(before, opened),
                new LogCheckpoint.Flushed(end, opened.activeSegment().baseOffset(), position),
                last.map(e -> new EpochEntry(e.epoch(), e.startOffset()))
                        .orElse(LogCheckpoint.NO_EPOCH),
                before.segments().startingAt(opened.localLogStartOffset()));
    }

    /// Where the log begins, which is told to the catalog: only marks and retention move it (C2,
    /// L6). `UnifiedLog` begins a log without a table at its local segments; that they begin above
    /// its start was so before, and what is below may be in a table that the topic had and has.
    private static long logStart(LogCheckpoint before, UnifiedLog opened) {
        boolean raised =
                !opened.remoteLogEnabled() && opened.logStartOffset() > before.localStart();
        return raised ? Math.max(before.logStart(), opened.logStartOffset()) : before.logStart();
    }

    /// Completes a checkpoint with what only a closed log needs to answer.
    public static LogCheckpoint withSizes(LogCheckpoint checkpoint, UnifiedLog opened)
            throws IOException {
        long oldest = -1;
        for (var segment : opened.logSegments()) {
            if (segment.size() > 0) {
                oldest = segment.largestTimestamp();
                break;
            }
        }
        return checkpoint.withSizes(opened.size(), oldest);
    }

    /// Everything that was appended is on disk when this returns: data, indexes, producer
    /// snapshots, folder (L5).
    public static void flush(UnifiedLog opened) throws IOException {
        opened.flush(true);
        syncSnapshots(opened);
        Folders.sync(opened.dir().toPath());
    }

    /// Closed segments only (L9).
    static void flushClosed(UnifiedLog opened, long activeBase) throws IOException {
        opened.flushUptoOffsetExclusive(activeBase);
        syncSnapshots(opened);
        Folders.sync(opened.dir().toPath());
    }

    private static void syncSnapshots(UnifiedLog opened) throws IOException {
        var latest = opened.latestProducerSnapshotOffset();
        if (latest.isPresent()) {
            Optional<SnapshotFile> file =
                    opened.producerStateManager().snapshotFileForOffset(latest.getAsLong());
            if (file.isPresent() && file.get().file().exists()) {
                Folders.syncFile(file.get().file().toPath());
            }
        }
    }

    /// Closes and forgets the gauges that would keep the whole log (HOT-PATH §4).
    public static void close(Disk disk, UnifiedLog opened) {
        try {
            opened.prepareActiveSegmentForClose();
        } finally {
            opened.removeLogMetrics();
            opened.close();
            forgetProducers(opened);
        }
        if (disk.isOffline()) {
            log.warn("Closed {} on an offline disk", opened.name());
        }
    }

    /// Closes what will never be used again, and forgets what would keep the whole log: its gauges
    /// (HOT-PATH §4) and its periodic task, which `closeQuietly` leaves to the scheduler for good.
    public static void drop(UnifiedLog opened) {
        opened.removeLogMetrics();
        opened.producerExpireCheck().cancel(false);
        opened.closeQuietly();
        forgetProducers(opened);
    }

    private static void forgetProducers(UnifiedLog closed) {
        if (closed.producerStateManager() instanceof KnownProducers known) {
            known.release();
        }
    }

    /// After a close, which writes a snapshot of its own.
    public static void syncSnapshots(Path folder) throws IOException {
        for (Path file : Folders.list(folder)) {
            if (file.getFileName().toString().endsWith(".snapshot")) {
                Folders.syncFile(file);
            }
        }
        Folders.sync(folder);
    }
}
