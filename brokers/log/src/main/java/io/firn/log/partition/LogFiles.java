package io.firn.log.partition;

import io.firn.log.directory.Disk;
import io.firn.log.directory.Folders;
import io.firn.log.producer.KnownProducers;
import io.firn.log.segment.GatheredSegments;
import io.firn.log.segment.SegmentBuffers;
import io.firn.log.segment.SegmentChannel;

import org.apache.kafka.common.TopicIdPartition;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
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

import java.io.File;
import java.io.IOException;
import java.io.RandomAccessFile;
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

    /// Kafka's file that says whose a folder is.
    public static final String OWNER = "partition.metadata";

    private static final int PRODUCER_EXPIRY_MS = 86_400_000;
    private static final int PRODUCER_CHECK_MS = 600_000;
    private static final int MAX_TRANSACTION_MS = 900_000;

    private LogFiles() {}

    public static Path folder(Path dir, TopicIdPartition partition) {
        return dir.resolve(partition.topic() + "-" + partition.partition());
    }

    /// Opens a log that closed cleanly as `row` says; anything that does not fit is opened as after
    /// a crash.
    public static UnifiedLog open(Disk disk, LogRow row, Supplier<LogConfig> config, boolean clean)
            throws IOException {
        Path folder = folder(disk.dir, row.partition());
        boolean fresh = !Files.exists(folder);
        if (fresh && row.hasLocalRecords()) { // L14
            throw suspect(row, "its folder is missing");
        }
        if (!fresh) {
            requireId(row, folder);
        }
        boolean trusted = clean && !fresh && closedAs(row, folder);
        if (!trusted && !fresh) {
            if (clean) {
                requireNothingAbove(row, folder);
            }
            cut(row, folder); // L7
        }
        nameFolder(row, folder);
        UnifiedLog opened = create(disk, row, config, folder, trusted);
        if (opened.logEndOffset() != row.end()) {
            long end = opened.logEndOffset();
            if (opened.isEmpty()
                    && row.end() > 0
                    && row.position() == 0
                    && opened.logSegments().size() == 1) {
                opened.truncateFullyAndStartAt(row.end(), Optional.of(row.logStart()));
            } else {
                close(disk, opened);
                throw suspect(row, "it ends at offset %d after recovery".formatted(end));
            }
        }
        if (row.lastEpoch() >= 0 && opened.latestEpoch().orElse(-1) < row.lastEpoch()) {
            opened.assignEpochStartOffset(row.lastEpoch(), row.lastEpochStart());
        }
        if (opened.logStartOffset() < row.logStart()) {
            opened.updateHighWatermark(row.end());
            opened.maybeIncrementLogStartOffset(
                    Math.min(row.logStart(), row.end()),
                    LogStartOffsetIncrementReason.ClientRecordDeletion);
        }
        opened.updateHighWatermark(opened.logEndOffset());
        return opened;
    }

    /// Says in a new folder whose it is. Without a sync: the manifest says it too, and until the
    /// first flush, which comes with [#syncPlace], nothing else of it counts either.
    private static void nameFolder(LogRow row, Path folder) throws IOException {
        if (idOf(folder).isEmpty()) {
            Files.createDirectories(folder);
            Files.writeString(
                    folder.resolve(OWNER),
                    "version: 0\ntopic_id: %s".formatted(row.partition().topicId()));
        }
    }

    /// The folder's name and its place in the directory are on disk when this returns (L5).
    static void syncPlace(Path folder, Path dir) throws IOException {
        Folders.syncFile(dir.resolve(folder.getFileName().toString()).resolve(OWNER));
        Folders.sync(dir);
    }

    /// What `UnifiedLog.create` does, with segments of our choice.
    private static UnifiedLog create(
            Disk disk, LogRow row, Supplier<LogConfig> settings, Path folder, boolean clean)
            throws IOException {
        Files.createDirectories(folder);
        File dir = folder.toFile();
        LogConfig config = settings.get();
        TopicPartition partition = row.partition().topicPartition();
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
            return create(disk, row, config, dir, clean, segments, epochs, producers);
        } catch (IOException | RuntimeException | Error e) {
            producers.release();
            throw e;
        }
    }

    private static UnifiedLog create(
            Disk disk,
            LogRow row,
            LogConfig config,
            File dir,
            boolean clean,
            LogSegments segments,
            LeaderEpochFileCache epochs,
            KnownProducers producers)
            throws IOException {
        TopicPartition partition = row.partition().topicPartition();
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
                                Math.min(row.logStart(), row.end()),
                                row.end(),
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
                Optional.of(row.partition().topicId()),
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

    private static void requireId(LogRow row, Path folder) throws IOException {
        Optional<Uuid> id = idOf(folder);
        if (id.isPresent() && !id.get().equals(row.partition().topicId())) {
            throw suspect(row, "its folder belongs to topic id " + id.get());
        }
    }

    /// The topic id that a partition's folder names; empty when it names none that can be read.
    public static Optional<Uuid> idOf(Path folder) throws IOException {
        Path file = folder.resolve(OWNER);
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        String key = "topic_id:";
        try {
            return Files.readString(file, StandardCharsets.ISO_8859_1)
                    .lines()
                    .filter(line -> line.startsWith(key))
                    .map(line -> Uuid.fromString(line.substring(key.length()).strip()))
                    .findFirst();
        } catch (IllegalArgumentException noId) {
            return Optional.empty();
        }
    }

    /// Whether the folder looks as a clean close left it: the active segment ends where the row
    /// says and its indexes are trimmed (an index of zeros counts as full and answers wrong
    /// positions).
    private static boolean closedAs(LogRow row, Path folder) throws IOException {
        Path segment = LogFileUtils.logFile(folder.toFile(), row.segmentBase()).toPath();
        if (!Files.exists(segment) || Files.size(segment) != row.position()) {
            return false;
        }
        for (Path file : Folders.list(folder)) {
            String name = file.getFileName().toString();
            if (name.endsWith(".log")
                    && LogFileUtils.offsetFromFile(file.toFile()) > row.segmentBase()) {
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

    /// L14: what lies above a row is cut after a crash only, when it was never acknowledged or the
    /// journal has it. In a folder that was closed it came from somewhere else, and who put it
    /// there decides.
    private static void requireNothingAbove(LogRow row, Path folder) throws IOException {
        for (Path file : Folders.list(folder)) {
            String name = file.getFileName().toString();
            if (!name.endsWith(".log") || !Character.isDigit(name.charAt(0))) {
                continue;
            }
            long base = LogFileUtils.offsetFromFile(file.toFile());
            long most = base > row.segmentBase() ? 0 : row.position();
            if (base >= row.segmentBase() && Files.size(file) > most) {
                throw suspect(
                        row,
                        "segment %s has %d bytes, it was closed with %d"
                                .formatted(name, Files.size(file), most));
            }
        }
    }

    /// Removes what lies above the row's boundary, so that Kafka's recovery ends exactly there and
    /// the journal goes on.
    private static void cut(LogRow row, Path folder) throws IOException {
        boolean found = false;
        for (Path file : Folders.list(folder)) {
            String name = file.getFileName().toString();
            if (name.isEmpty() || !Character.isDigit(name.charAt(0))) {
                continue;
            }
            long base = LogFileUtils.offsetFromFile(file.toFile());
            boolean above =
                    name.endsWith(".snapshot") ? base > row.end() : base > row.segmentBase();
            if (above) {
                Files.delete(file);
            } else if (name.endsWith(".log") && base == row.segmentBase()) {
                found = true;
                cutFile(row, file);
            }
        }
        if (!found && row.position() > 0) {
            throw suspect(row, "segment %020d.log is missing".formatted(row.segmentBase()));
        }
        if (!found && row.end() > 0) {
            Files.createFile(LogFileUtils.logFile(folder.toFile(), row.segmentBase()).toPath());
        }
        Folders.sync(folder);
    }

    private static void cutFile(LogRow row, Path file) throws IOException {
        long size = Files.size(file);
        if (size < row.position()) {
            throw suspect(
                    row,
                    "segment %s has %d bytes, %d were synced"
                            .formatted(file.getFileName(), size, row.position()));
        }
        if (size > row.position()) {
            try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
                channel.truncate(row.position());
                channel.force(true);
            }
        }
    }

    /// R20, R21: not led and not served; a replica or a copy has to help.
    public static SuspectLogException suspect(LogRow row, String why) {
        return new SuspectLogException(
                "Cannot open the log of %s-%d (%s) at offset %d: %s. %s"
                        .formatted(
                                row.partition().topic(),
                                row.partition().partition(),
                                row.partition().topicId(),
                                row.end(),
                                why,
                                WAY_OUT));
    }

    /// What the next start may rely on; call under the log's lock with everything appended flushed.
    public static LogRow capture(LogRow before, UnifiedLog opened) {
        return capture(
                before,
                opened,
                opened.logEndOffset(),
                opened.activeSegment().size(),
                opened.leaderEpochCache().latestEntry());
    }

    /// The same without the active segment: up to its base.
    static LogRow captureClosed(LogRow before, UnifiedLog opened) {
        long base = opened.activeSegment().baseOffset();
        var below = opened.leaderEpochCache().latestEntry().filter(e -> e.startOffset() < base);
        return capture(before, opened, base, 0, below);
    }

    private static LogRow capture(
            LogRow before,
            UnifiedLog opened,
            long end,
            long position,
            Optional<org.apache.kafka.storage.internals.log.EpochEntry> last) {
        return new LogRow(
                before.partition(),
                opened.logStartOffset(),
                opened.activeSegment().baseOffset(),
                end,
                position,
                last.map(e -> e.epoch()).orElse(-1),
                last.map(e -> e.startOffset()).orElse(-1L),
                before.lineage(),
                before.size(),
                before.oldestMax(),
                before.cleanedTo(),
                opened.localLogStartOffset());
    }

    /// Completes a row with what only a closed log needs to answer.
    public static LogRow withSizes(LogRow row, UnifiedLog opened) throws IOException {
        long oldest = -1;
        for (var segment : opened.logSegments()) {
            if (segment.size() > 0) {
                oldest = segment.largestTimestamp();
                break;
            }
        }
        return new LogRow(
                row.partition(),
                row.logStart(),
                row.segmentBase(),
                row.end(),
                row.position(),
                row.lastEpoch(),
                row.lastEpochStart(),
                row.lineage(),
                opened.size(),
                oldest,
                row.cleanedTo(),
                row.localStart());
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
