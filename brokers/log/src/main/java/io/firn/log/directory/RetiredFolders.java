package io.firn.log.directory;

import io.firn.log.partition.LogFiles;

import org.apache.kafka.common.TopicIdPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;

/// Partitions' folders that are no log's any more: deleted ones on their way out, and strays, which
/// are kept for a while because nobody asked for their deletion (L14).
///
/// `<topic>-<partition>.<uuid>-delete` and `-stray`, as Kafka names them; a long topic is cut, so
/// that no name exceeds what file systems take (L15).
public final class RetiredFolders {
    private static final Logger log = LoggerFactory.getLogger(RetiredFolders.class);
    private static final int LONGEST_NAME = 255;
    private static final String DELETED = "-delete";
    private static final String STRAY = "-stray";

    /// In a stray's folder: whose it was, since when it is one, and why.
    private static final String NOTE = "stray.properties";

    private final Path dir;

    RetiredFolders(Path dir) {
        this.dir = dir;
    }

    static boolean isRetired(Path folder) {
        String name = folder.getFileName().toString();
        return name.endsWith(DELETED) || name.endsWith(STRAY);
    }

    /// Renames the partition's folder; whoever calls syncs the directory.
    public Path retireDeleted(TopicIdPartition partition) throws IOException {
        return move(LogFiles.folder(dir, partition), partition, DELETED);
    }

    /// Renames a folder that nobody knows, or whose topic the cluster does not know.
    public Path retireStray(Path folder, TopicIdPartition partition, String why)
            throws IOException {
        Path note = folder.resolve(NOTE);
        Files.writeString(
                note,
                "topic=%s%npartition=%d%ntopic.id=%s%nsince=%s%nwhy=%s%n"
                        .formatted(
                                partition.topic(),
                                partition.partition(),
                                partition.topicId(),
                                Instant.now(),
                                why),
                StandardOpenOption.CREATE,
                StandardOpenOption.TRUNCATE_EXISTING,
                StandardOpenOption.WRITE);
        Folders.syncFile(note);
        Folders.sync(folder);
        Path stray = move(folder, partition, STRAY);
        log.warn("Kept {} as {}: {}", folder.getFileName(), stray.getFileName(), why);
        return stray;
    }

    private Path move(Path folder, TopicIdPartition partition, String suffix) throws IOException {
        Path to = dir.resolve(name(partition, suffix));
        Files.move(folder, to);
        return to;
    }

    /// As long as a file name may be, at most.
    static String name(TopicIdPartition partition, String suffix) {
        String end =
                "-%d.%s%s"
                        .formatted(
                                partition.partition(),
                                UUID.randomUUID().toString().replace("-", ""),
                                suffix);
        String topic = partition.topic(); // topics are ASCII
        return topic.substring(0, Math.min(topic.length(), LONGEST_NAME - end.length())) + end;
    }

    /// Deletes what deletions left. An error leaves it to the next start.
    public void sweepDeleted() {
        for (Path folder : ending(DELETED)) {
            deleteTree(folder);
        }
    }

    void deleteTree(Path folder) {
        try {
            Folders.deleteTree(folder);
        } catch (IOException e) {
            log.warn("Cannot delete {} yet ({}); the next start does", folder, e.getMessage());
        }
    }

    /// Deletes strays that were kept for long enough.
    ///
    /// @return how many are left
    public int sweepStrays(Duration keep, Instant now) {
        int left = 0;
        for (Path folder : ending(STRAY)) {
            if (since(folder).plus(keep).isAfter(now)) {
                left++;
            } else {
                log.warn("Deletes {}: it was kept for {}", folder.getFileName(), keep);
                deleteTree(folder);
            }
        }
        return left;
    }

    private static Instant since(Path folder) {
        Path note = folder.resolve(NOTE);
        try {
            return Files.getLastModifiedTime(Files.exists(note) ? note : folder).toInstant();
        } catch (IOException e) {
            return Instant.now(); // unknown: kept
        }
    }

    private List<Path> ending(String suffix) {
        try {
            return Folders.list(dir).stream()
                    .filter(path -> path.getFileName().toString().endsWith(suffix))
                    .filter(Files::isDirectory)
                    .toList();
        } catch (IOException e) {
            log.warn("Cannot list {}: {}", dir, e.getMessage());
            return List.of();
        }
    }
}
