package io.firn.log;

import org.apache.kafka.common.TopicIdPartition;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;

/// The folder of one disk: who owns it and what is in it (L12).
final class Directory implements AutoCloseable {
    private static final String META = "meta.properties";

    private final FileChannel lockFile;
    private final Uuid id;
    private final boolean isNew;

    private Directory(FileChannel lockFile, Uuid id, boolean isNew) {
        this.lockFile = lockFile;
        this.id = id;
        this.isNew = isNew;
    }

    /// One owner, from before recovery until exit.
    static Directory take(Path dir) throws IOException {
        Files.createDirectories(dir);
        FileChannel channel =
                FileChannel.open(
                        dir.resolve("LOCK"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        try {
            if (tryLock(channel) == null) {
                throw new IOException(
                        "Cannot use %s: another process has it open. Stop that one or choose another folder."
                                .formatted(dir));
            }
            Path meta = dir.resolve(META);
            boolean isNew = !Files.exists(meta);
            return new Directory(channel, isNew ? create(dir, meta) : read(meta), isNew);
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    private static @Nullable FileLock tryLock(FileChannel channel) throws IOException {
        try {
            return channel.tryLock();
        } catch (OverlappingFileLockException e) {
            return null;
        }
    }

    private static Uuid create(Path dir, Path meta) throws IOException {
        Uuid id = Uuid.randomUuid();
        Path temporary = dir.resolve(META + ".tmp");
        Files.writeString(
                temporary, "version=1\ndirectory.id=" + id + "\n", StandardCharsets.UTF_8);
        Folders.syncFile(temporary);
        Files.move(temporary, meta);
        Folders.sync(dir);
        return id;
    }

    private static Uuid read(Path meta) throws IOException {
        var properties = new Properties();
        try (var in = Files.newBufferedReader(meta)) {
            properties.load(in);
        }
        String id = properties.getProperty("directory.id");
        if (id == null) {
            throw new IOException(
                    "Cannot read %s: directory.id is missing. Restore the file.".formatted(meta));
        }
        return Uuid.fromString(id);
    }

    Uuid id() {
        return id;
    }

    boolean isNew() {
        return isNew;
    }

    /// Folders of partitions, by what their `partition.metadata` says; leftovers of deletions go.
    static Map<TopicIdPartition, Path> partitions(Path dir, Map<TopicIdPartition, LogRow> named)
            throws IOException {
        Map<Path, TopicIdPartition> known = new LinkedHashMap<>();
        named.keySet().forEach(tp -> known.put(LogFiles.folder(dir, tp), tp));
        Map<TopicIdPartition, Path> found = new LinkedHashMap<>();
        for (Path folder : folders(dir)) {
            String name = folder.getFileName().toString();
            if (name.endsWith("-delete")) {
                Folders.deleteTree(folder);
                continue;
            }
            TopicIdPartition row = known.get(folder);
            Optional<TopicIdPartition> partition =
                    row != null ? Optional.of(row) : identify(folder, name);
            partition.ifPresent(tp -> found.put(tp, folder));
        }
        return found;
    }

    static boolean hasPartitions(Path dir) throws IOException {
        return folders(dir).stream()
                .anyMatch(f -> identify(f, f.getFileName().toString()).isPresent());
    }

    private static List<Path> folders(Path dir) throws IOException {
        try {
            return Folders.list(dir).stream().filter(Files::isDirectory).toList();
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    private static Optional<TopicIdPartition> identify(Path folder, String name) {
        int dash = name.lastIndexOf('-');
        if (dash <= 0 || !name.substring(dash + 1).matches("\\d+")) {
            return Optional.empty();
        }
        var tp =
                new TopicPartition(
                        name.substring(0, dash), Integer.parseInt(name.substring(dash + 1)));
        return LogFiles.idOf(folder).map(id -> new TopicIdPartition(id, tp));
    }

    @Override
    public void close() throws IOException {
        lockFile.close();
    }
}
