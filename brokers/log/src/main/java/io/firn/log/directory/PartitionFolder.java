package io.firn.log.directory;

import org.apache.kafka.common.TopicIdPartition;
import org.apache.kafka.common.Uuid;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/// Where a partition's files are, and whose a folder is.
public final class PartitionFolder {
    /// Kafka's file that says whose a folder is.
    public static final String OWNER = "partition.metadata";

    private PartitionFolder() {}

    public static Path of(Path dir, TopicIdPartition partition) {
        return dir.resolve(partition.topic() + "-" + partition.partition());
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
}
