package io.firn.log;

import io.firn.log.producer.ProducerMemory;

import org.apache.kafka.common.TopicIdPartition;

import java.nio.file.Path;
import java.time.Duration;
import java.util.function.Consumer;
import java.util.function.Predicate;

/// How one data disk's log runs.
///
/// @param dir holds the journal, the checkpoints and a folder for each partition
/// @param ringBytes size of a new journal, a multiple of 8 KiB, at least 64 KiB
/// @param idleClose a log that nobody used for so long is closed (L9)
/// @param maxQueuedBytes when more bytes wait for the log thread, [AppendGate] closes (L10)
/// @param housekeeping how often retention, idle logs and the compaction of logs are looked at
/// @param cleanerBytes memory of the cleaner's offset map; 0 switches compaction off
/// @param cleanerBytesPerSecond that compaction reads and writes at most
/// @param minFreeBytes appends answer a retriable error while the disk has less (L13)
/// @param segmentBufferBytes memory in which all active segments together gather bytes (L10)
/// @param maxProducers whose sequences all logs together remember, each partition's counted (I13,
// G7)
/// @param clusterId whose logs these are (L14); empty: whichever cluster's the folder is
/// @param newDirectoryId the folder's id if it has none yet (L12); empty: a random one
/// @param keepStrays how long logs are kept that the cluster knows nothing of
/// @param mayForget is asked before such a log goes, and again later while it says no; answers at
///     once
public record LogSettings(
        Path dir,
        Durability durability,
        long ringBytes,
        int nodeId,
        Duration idleClose,
        long maxQueuedBytes,
        Duration housekeeping,
        long cleanerBytes,
        long cleanerBytesPerSecond,
        long minFreeBytes,
        LogListener listener,
        SegmentWrite segmentWrite,
        long segmentBufferBytes,
        int maxProducers,
        String clusterId,
        String newDirectoryId,
        Duration keepStrays,
        Predicate<TopicIdPartition> mayForget) {

    public static final Duration DEFAULT_KEEP_STRAYS = Duration.ofDays(7);

    public static final long DEFAULT_RING_BYTES = 256L << 20;

    /// Less than what one address may have in flight at a port, so that a slow disk stops those who
    /// produce and leaves room for the requests of all others (L10, G7).
    public static final long DEFAULT_MAX_QUEUED_BYTES = 32L << 20;

    /// More than what accepted records still take (segments in memory, the tables' files beside the
    /// log), and than what a restart asks for: a disk that refuses produce must start again (C11).
    public static final long DEFAULT_MIN_FREE_BYTES = 256L << 20;

    public LogSettings {
        if (ringBytes < 64 << 10 || ringBytes % 8192 != 0) {
            throw new IllegalArgumentException(
                    "Cannot use a journal of %d bytes: it must be a multiple of 8192 and at least 65536"
                            .formatted(ringBytes));
        }
    }

    /// An eighth of the heap, at most 128 MiB.
    private static long defaultBufferBytes() {
        return Math.min(128L << 20, Runtime.getRuntime().maxMemory() / 8);
    }

    public static LogSettings of(Path dir) {
        return new LogSettings(
                dir,
                Durability.STRICT,
                DEFAULT_RING_BYTES,
                1,
                Duration.ofMinutes(10),
                DEFAULT_MAX_QUEUED_BYTES,
                Duration.ofSeconds(15),
                16L << 20,
                64L << 20,
                DEFAULT_MIN_FREE_BYTES,
                LogListener.NONE,
                SegmentWrite.DIRECT,
                defaultBufferBytes(),
                ProducerMemory.ofHeap(),
                "",
                "",
                DEFAULT_KEEP_STRAYS,
                stray -> true);
    }

    public LogSettings withDurability(Durability mode) {
        return with(f -> f.durability = mode);
    }

    public LogSettings withRingBytes(long bytes) {
        return with(f -> f.ringBytes = bytes);
    }

    public LogSettings withNodeId(int id) {
        return with(f -> f.nodeId = id);
    }

    public LogSettings withIdleClose(Duration idle) {
        return with(f -> f.idleClose = idle);
    }

    public LogSettings withHousekeeping(Duration every) {
        return with(f -> f.housekeeping = every);
    }

    public LogSettings withListener(LogListener told) {
        return with(f -> f.listener = told);
    }

    public LogSettings withMinFreeBytes(long bytes) {
        return with(f -> f.minFreeBytes = bytes);
    }

    public LogSettings withSegmentWrite(SegmentWrite how) {
        return with(f -> f.segmentWrite = how);
    }

    public LogSettings withClusterId(String id) {
        return with(f -> f.clusterId = id);
    }

    public LogSettings withNewDirectoryId(String id) {
        return with(f -> f.newDirectoryId = id);
    }

    public LogSettings withKeepStrays(Duration time) {
        return with(f -> f.keepStrays = time);
    }

    public LogSettings withMayForget(Predicate<TopicIdPartition> stray) {
        return with(f -> f.mayForget = stray);
    }

    public LogSettings withMaxQueuedBytes(long bytes) {
        return with(f -> f.maxQueuedBytes = bytes);
    }

    public LogSettings withCleanerBytes(long bytes) {
        return with(f -> f.cleanerBytes = bytes);
    }

    public LogSettings withSegmentBufferBytes(long bytes) {
        return with(f -> f.segmentBufferBytes = bytes);
    }

    public LogSettings withMaxProducers(int entries) {
        return with(f -> f.maxProducers = entries);
    }

    private LogSettings with(Consumer<Fields> change) {
        var fields = new Fields(this);
        change.accept(fields);
        return fields.together();
    }

    /// What the record has, to be changed one by one.
    private static final class Fields {
        final Path dir;
        Durability durability;
        long ringBytes;
        int nodeId;
        Duration idleClose;
        long maxQueuedBytes;
        Duration housekeeping;
        long cleanerBytes;
        final long cleanerBytesPerSecond;
        long minFreeBytes;
        LogListener listener;
        SegmentWrite segmentWrite;
        long segmentBufferBytes;
        int maxProducers;
        String clusterId;
        String newDirectoryId;
        Duration keepStrays;
        Predicate<TopicIdPartition> mayForget;

        Fields(LogSettings from) {
            dir = from.dir;
            durability = from.durability;
            ringBytes = from.ringBytes;
            nodeId = from.nodeId;
            idleClose = from.idleClose;
            maxQueuedBytes = from.maxQueuedBytes;
            housekeeping = from.housekeeping;
            cleanerBytes = from.cleanerBytes;
            cleanerBytesPerSecond = from.cleanerBytesPerSecond;
            minFreeBytes = from.minFreeBytes;
            listener = from.listener;
            segmentWrite = from.segmentWrite;
            segmentBufferBytes = from.segmentBufferBytes;
            maxProducers = from.maxProducers;
            clusterId = from.clusterId;
            newDirectoryId = from.newDirectoryId;
            keepStrays = from.keepStrays;
            mayForget = from.mayForget;
        }

        LogSettings together() {
            return new LogSettings(
                    dir,
                    durability,
                    ringBytes,
                    nodeId,
                    idleClose,
                    maxQueuedBytes,
                    housekeeping,
                    cleanerBytes,
                    cleanerBytesPerSecond,
                    minFreeBytes,
                    listener,
                    segmentWrite,
                    segmentBufferBytes,
                    maxProducers,
                    clusterId,
                    newDirectoryId,
                    keepStrays,
                    mayForget);
        }
    }
}
