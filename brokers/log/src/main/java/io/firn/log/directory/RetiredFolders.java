package io.firn.log.directory;

import org.apache.kafka.common.TopicIdPartition;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/// Partitions' folders that are no log's any more: deleted ones on their way out, and strays, which
/// are kept for a while because nobody asked for their deletion (L14).
///
/// `<topic>-<partition>.<uuid>-delete` and `-stray`, as Kafka names them; a stray's uuid is its
/// topic id, as long as it is known. A long topic is cut, so that no name exceeds what file
/// systems take (L15).
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
        Path to = dir.resolve(name(partition.topicPartition(), random(), DELETED));
        Files.move(PartitionFolder.of(dir, partition), to);
        return to;
    }

    /// Where the partition's folder is while it is a stray.
    public Path strayFolder(TopicIdPartition partition) {
        return dir.resolve(name(partition.topicPartition(), hex(partition.topicId()), STRAY));
    }

    /// Says in a folder whose it is and why it is out of use.
    ///
    /// @param id null when nobody knows
    public static void note(Path folder, TopicPartition partition, @Nullable Uuid id, String why)
            throws IOException {
        Path note = folder.resolve(NOTE);
        Files.writeString(
                note,
                "topic=%s%npartition=%d%ntopic.id=%s%nsince=%s%nwhy=%s%n"
                        .formatted(
                                partition.topic(),
                                partition.partition(),
                                id == null ? "" : id,
                                Instant.now(),
                                why),
                StandardOpenOption.CREATE,
                StandardOpenOption.TRUNCATE_EXISTING,
                StandardOpenOption.WRITE);
        Folders.syncFile(note);
        Folders.sync(folder);
    }

    /// Moves the partition's folder to its stray's place; durable on return.
    public void keep(TopicIdPartition partition) throws IOException {
        Path to = strayFolder(partition);
        if (Files.exists(to)) { // of which no entry says anything
            Files.move(to, dir.resolve(name(partition.topicPartition(), random(), STRAY)));
        }
        Files.move(PartitionFolder.of(dir, partition), to);
        Folders.sync(dir);
    }

    /// Moves a stray's folder to its own place; durable on return.
    public void putBack(TopicIdPartition partition) throws IOException {
        Path folder = PartitionFolder.of(dir, partition);
        Files.move(strayFolder(partition), folder);
        Folders.sync(dir);
        Files.deleteIfExists(folder.resolve(NOTE));
    }

    /// Takes a folder out of the way that is not this partition's and that no entry names.
    ///
    /// @return whose it is, if it says so
    public Optional<Uuid> retireUnnamed(Path folder, TopicPartition name, String why)
            throws IOException {
        Optional<Uuid> owner = PartitionFolder.idOf(folder);
        note(folder, name, owner.orElse(null), why);
        if (owner.isPresent()) {
            keep(new TopicIdPartition(owner.get(), name));
        } else {
            Files.move(folder, dir.resolve(name(name, random(), STRAY)));
            Folders.sync(dir);
        }
        log.warn("Keeps {} as a stray: {}", folder.getFileName(), why);
        return owner;
    }

    private static String random() {
        return UUID.randomUUID().toString().replace("-", "");
    }

    private static String hex(Uuid id) {
        return "%016x%016x".formatted(id.getMostSignificantBits(), id.getLeastSignificantBits());
    }

    /// As long as a file name may be, at most.
    static String name(TopicPartition partition, String unique, String suffix) {
        String end = "-%d.%s%s".formatted(partition.partition(), unique, suffix);
        String topic = partition.topic(); // topics are ASCII
        return topic.substring(0, Math.min(topic.length(), LONGEST_NAME - end.length())) + end;
    }

    /// Deletes what deletions left. An error leaves it to the next start.
    public void sweepDeleted() {
        for (Path folder : ending(DELETED)) {
            deleteTree(folder);
        }
    }

    public void deleteTree(Path folder) {
        try {
            Folders.deleteTree(folder);
        } catch (IOException e) {
            log.warn("Cannot delete {} yet ({}); the next start does", folder, e.getMessage());
        }
    }

    /// Deletes strays that no entry names and that were kept for long enough.
    ///
    /// @param named belong to entries
    /// @return how many are left
    public int sweepUnnamed(Set<Path> named, Duration keep, Instant now) {
        int left = 0;
        for (Path folder : ending(STRAY)) {
            if (named.contains(folder)) {
                continue;
            }
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
