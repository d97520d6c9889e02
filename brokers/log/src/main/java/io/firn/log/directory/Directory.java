package io.firn.log.directory;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Optional;
import java.util.Properties;

/// The folder of one disk: who owns it and what is in it (L12).
public final class Directory implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Directory.class);
    private static final String META = "meta.properties";
    private static final int VERSION = 2;

    private final FileChannel lockFile;
    private final Uuid id;
    private final String clusterId;
    private final boolean isNew;

    private Directory(FileChannel lockFile, Properties meta, boolean isNew) {
        this.lockFile = lockFile;
        this.id = Uuid.fromString(meta.getProperty("directory.id"));
        this.clusterId = meta.getProperty("cluster.id", "");
        this.isNew = isNew;
    }

    /// One owner, from before recovery until exit.
    ///
    /// @param clusterId the cluster that asks; empty: whichever the folder is of
    /// @param newId the folder's id if it has none yet; empty: a random one
    public static Directory take(Path dir, String clusterId, String newId) throws IOException {
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
            boolean isNew = false;
            if (!isWhole(meta)) {
                Optional<ManifestFile.Owner> before = ManifestFile.owner(dir);
                if (before.isPresent()) {
                    LOG.warn(
                            "{} is missing or damaged and is made anew as the manifest says", meta);
                    create(dir, before.get().directoryId().toString(), before.get().clusterId());
                } else {
                    requireNothing(dir);
                    isNew = true;
                    create(dir, newId.isEmpty() ? Uuid.randomUuid().toString() : newId, clusterId);
                }
            }
            Properties found = read(meta);
            requireVersion(dir, found);
            requireCluster(dir, found, clusterId);
            if (found.getProperty("cluster.id", "").isEmpty() && !clusterId.isEmpty()) {
                create(dir, found.getProperty("directory.id"), clusterId);
                found = read(meta);
            }
            return new Directory(channel, found, isNew);
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    /// What was a log directory once is not taken for a new one (L7, L14).
    private static void requireNothing(Path dir) throws IOException {
        if (Files.exists(dir.resolve("journal")) || !partitions(dir).isEmpty()) {
            throw new IOException(
                    "Cannot use %s: it has logs, its meta.properties and its manifest are missing or damaged. Restore both from a copy of the folder, or move the folder away to start empty."
                            .formatted(dir));
        }
    }

    private static void requireVersion(Path dir, Properties meta) throws IOException {
        String version = meta.getProperty("version", "0");
        if (!version.equals(Integer.toString(VERSION))) {
            throw new IOException(
                    "Cannot use %s: its version is %s and this program knows %d. Go on with the Firn that wrote it, or move the folder away to start empty."
                            .formatted(dir, version, VERSION));
        }
    }

    /// Another cluster's image would make strays of all logs here (L14).
    private static void requireCluster(Path dir, Properties meta, String clusterId)
            throws IOException {
        String owner = meta.getProperty("cluster.id", "");
        if (!owner.isEmpty() && !clusterId.isEmpty() && !owner.equals(clusterId)) {
            throw new IOException(
                    "Cannot use %s: its logs are of cluster %s, and this broker is of cluster %s. Give the broker its own folder, or restore the cluster's metadata."
                            .formatted(dir, owner, clusterId));
        }
    }

    private static @Nullable FileLock tryLock(FileChannel channel) throws IOException {
        try {
            return channel.tryLock();
        } catch (OverlappingFileLockException e) {
            return null;
        }
    }

    private static void create(Path dir, String id, String clusterId) throws IOException {
        Path meta = dir.resolve(META);
        Path temporary = meta.resolveSibling(META + ".tmp");
        Files.writeString(
                temporary,
                "version=%d\ndirectory.id=%s\n%s"
                        .formatted(
                                VERSION,
                                id,
                                clusterId.isEmpty() ? "" : "cluster.id=" + clusterId + "\n"),
                StandardCharsets.UTF_8);
        Folders.syncFile(temporary);
        Files.move(
                temporary,
                meta,
                StandardCopyOption.ATOMIC_MOVE,
                StandardCopyOption.REPLACE_EXISTING);
        Folders.sync(dir);
    }

    private static Properties read(Path meta) throws IOException {
        var properties = new Properties();
        try (var in = new InputStreamReader(Files.newInputStream(meta), ISO_8859_1)) {
            properties.load(in);
        }
        return properties;
    }

    /// Whether the file is there, with its last line to the end and a readable id.
    private static boolean isWhole(Path meta) throws IOException {
        if (!Files.exists(meta) || !Files.readString(meta, ISO_8859_1).endsWith("\n")) {
            return false;
        }
        try {
            Properties found = read(meta);
            Uuid.fromString(found.getProperty("directory.id", ""));
            Integer.parseInt(found.getProperty("version", ""));
            return true;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    public Uuid id() {
        return id;
    }

    public boolean isNew() {
        return isNew;
    }

    /// The cluster whose logs these are; empty when nobody said yet.
    public String clusterId() {
        return clusterId;
    }

    /// Folders that are named as partitions' are.
    public static List<Path> partitions(Path dir) throws IOException {
        return folders(dir).stream()
                .filter(folder -> !RetiredFolders.isRetired(folder))
                .filter(folder -> partition(folder).isPresent())
                .toList();
    }

    private static List<Path> folders(Path dir) throws IOException {
        return Folders.list(dir).stream().filter(Files::isDirectory).toList();
    }

    /// The partition that a folder's name means.
    public static Optional<TopicPartition> partition(Path folder) {
        String name = folder.getFileName().toString();
        int dash = name.lastIndexOf('-');
        return dash > 0 && name.substring(dash + 1).matches("\\d{1,9}")
                ? Optional.of(
                        new TopicPartition(
                                name.substring(0, dash),
                                Integer.parseInt(name.substring(dash + 1))))
                : Optional.empty();
    }

    @Override
    public void close() throws IOException {
        lockFile.close();
    }
}
