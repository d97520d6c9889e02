package io.firn.log.partition;

import io.firn.log.directory.Disk;
import io.firn.log.directory.Folders;
import io.firn.log.segment.SegmentBuffers;
import io.firn.log.segment.SegmentChannel;

import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.KafkaStorageException;
import org.apache.kafka.common.record.internal.ChannelRecords;
import org.apache.kafka.common.record.internal.FileRecords;
import org.apache.kafka.storage.internals.log.LogConfig;
import org.apache.kafka.storage.internals.log.LogFileUtils;
import org.apache.kafka.storage.internals.log.LogSegment;
import org.apache.kafka.storage.internals.log.LogSegments;

import java.io.File;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.function.Supplier;

/// A log's segments, of which the one that takes appends sits on a [SegmentChannel]. `UnifiedLog`
/// is unchanged: whatever opens a segment (loading, a roll, a restart, an index that counts as
/// full) adds it here, and here it gets our channel (L11). Closed segments, and those that the
/// cleaner puts in place, stay ordinary.
public final class GatheredSegments extends LogSegments {
    private final TopicPartition partition;
    private final Path folder;
    private final Disk disk;
    private final SegmentBuffers buffers;
    private final Supplier<LogConfig> config;
    private final long lastOnDisk;
    private boolean loading = true;

    /// @param folder the partition's, before it is loaded
    public GatheredSegments(
            TopicPartition partition,
            Path folder,
            Disk disk,
            SegmentBuffers buffers,
            Supplier<LogConfig> config)
            throws IOException {
        super(partition);
        this.partition = partition;
        this.folder = folder;
        this.disk = disk;
        this.buffers = buffers;
        this.config = config;
        this.lastOnDisk = lastBase(folder);
    }

    private static long lastBase(Path folder) throws IOException {
        long last = -1;
        for (Path file : Folders.list(folder)) {
            String name = file.getFileName().toString();
            if (name.endsWith(LogFileUtils.LOG_FILE_SUFFIX)) {
                last = Math.max(last, LogFileUtils.offsetFromFile(file.toFile()));
            }
        }
        return last;
    }

    /// Whatever is added from here on takes appends, unless the cleaner adds it.
    public void loaded() {
        loading = false;
    }

    @Override
    public LogSegment add(LogSegment segment) {
        boolean active =
                loading
                        ? segment.baseOffset() >= lastOnDisk
                        : !segment.hasSuffix(LogFileUtils.SWAP_FILE_SUFFIX);
        if (!active || config.get().preallocate) {
            return super.add(segment);
        }
        try {
            LogSegment before = lastSegment().orElse(null);
            if (before != null && before.log().channel() instanceof SegmentChannel closed) {
                closed.seal();
            }
            return super.add(gathered(segment));
        } catch (IOException e) { // L4
            disk.takeOffline("opening segment " + segment.log().file(), e);
            throw new KafkaStorageException("Cannot open segment " + segment.log().file(), e);
        }
    }

    /// The same segment over our channel.
    private LogSegment gathered(LogSegment segment) throws IOException {
        FileRecords plain = segment.log();
        File file = plain.file();
        Path path = folder.resolve(file.getName()); // of the disk's own file system
        FileChannel own = FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE);
        plain.channel().close();
        var channel = new SegmentChannel(path, own, buffers, disk.acceptsDirect());
        return new GatheredSegment(
                partition,
                ChannelRecords.over(file, channel),
                segment,
                config.get(),
                disk.producers,
                disk.time);
    }
}
