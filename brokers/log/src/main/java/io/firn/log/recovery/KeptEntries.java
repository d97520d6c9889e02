package io.firn.log.recovery;

import io.firn.log.directory.Folders;
import io.firn.log.journal.JournalReader.Entry;

import org.apache.kafka.common.TopicIdPartition;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.storage.internals.log.UnifiedLog;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;

/// What the journal has of suspect logs: the ring is used anew after a start, so their acknowledged
/// batches go to files of their own until the log is whole again or is deleted (L14).
///
/// `kept/<topic id>-<partition>-<log end before them>`: batches as they are in segments.
final class KeptEntries {
    private final Path folder;

    KeptEntries(Path dir) {
        this.folder = dir.resolve("kept");
    }

    /// Durable on return; repeating it does no harm.
    void keep(Entry entry) throws IOException {
        Files.createDirectories(folder);
        Path file = folder.resolve(prefix(entry.partition()) + "%020d".formatted(entry.before()));
        try (FileChannel out =
                FileChannel.open(
                        file,
                        StandardOpenOption.CREATE,
                        StandardOpenOption.TRUNCATE_EXISTING,
                        StandardOpenOption.WRITE)) {
            ByteBuffer batches = entry.records().duplicate();
            while (batches.hasRemaining()) {
                out.write(batches);
            }
            out.force(true);
        }
        Folders.sync(folder);
    }

    /// Appends what follows the log's end, as far as it follows.
    void replay(TopicIdPartition partition, UnifiedLog log) throws IOException {
        for (Path file : files(partition)) {
            String name = file.getFileName().toString();
            long before = Long.parseLong(name.substring(prefix(partition).length()));
            if (before == log.logEndOffset()) {
                ByteBuffer batches = ByteBuffer.wrap(Files.readAllBytes(file));
                log.appendAsFollower(MemoryRecords.readableRecords(batches), Integer.MAX_VALUE);
                log.updateHighWatermark(log.logEndOffset());
            }
        }
    }

    void forget(TopicIdPartition partition) throws IOException {
        for (Path file : files(partition)) {
            Files.deleteIfExists(file);
        }
    }

    private List<Path> files(TopicIdPartition partition) throws IOException {
        String prefix = prefix(partition);
        return Files.exists(folder)
                ? Folders.list(folder).stream()
                        .filter(file -> file.getFileName().toString().startsWith(prefix))
                        .toList()
                : List.of();
    }

    private static String prefix(TopicIdPartition partition) {
        return partition.topicId() + "-" + partition.partition() + "-";
    }
}
