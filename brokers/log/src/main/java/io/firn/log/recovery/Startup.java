package io.firn.log.recovery;

import io.firn.log.Durability;
import io.firn.log.Planted;
import io.firn.log.directory.Directory;
import io.firn.log.directory.Disk;
import io.firn.log.directory.Folders;
import io.firn.log.directory.ManifestEntry;
import io.firn.log.directory.ManifestEntry.State;
import io.firn.log.directory.ManifestFile;
import io.firn.log.directory.PartitionFolder;
import io.firn.log.journal.Journal;
import io.firn.log.journal.JournalFile;
import io.firn.log.journal.JournalFormat.Header;
import io.firn.log.journal.JournalReader;
import io.firn.log.journal.LogCheckpoint;
import io.firn.log.journal.Ring;
import io.firn.log.partition.LogConfigs;
import io.firn.log.partition.LogFiles;

import org.apache.kafka.common.TopicIdPartition;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// From a folder to a journal that is empty and logs that are where they were (L7, L12).
public final class Startup {
    private static final Logger log = LoggerFactory.getLogger(Startup.class);

    /// @param entries what every partition is now, not written yet
    /// @param closedBefore whether the last process closed everything
    public record Found(
            Directory directory,
            Ring ring,
            Journal journal,
            long firstSeq,
            long firstPosition,
            ManifestFile manifest,
            List<ManifestEntry> entries,
            boolean closedBefore) {
        public boolean anySuspect() {
            return entries.stream().anyMatch(entry -> entry.state() == State.SUSPECT);
        }
    }

    private final Disk disk;
    private final Directory directory;
    private final Map<TopicIdPartition, ManifestEntry> entries = new LinkedHashMap<>();
    private boolean closedBefore = true;

    private Startup(Disk disk, Directory directory) {
        this.disk = disk;
        this.directory = directory;
    }

    public static Found run(Disk disk, Directory directory) throws IOException {
        return new Startup(disk, directory).run();
    }

    private Found run() throws IOException {
        Path path = disk.dir.resolve("journal");
        long ringBytes = disk.settings.ringBytes();
        Header header = null;
        if (Files.exists(path)) {
            try (JournalFile file = JournalFile.open(path, ringBytes, Durability.REPLICATED)) {
                header = JournalReader.header(file);
            }
        }
        if (ManifestFile.exists(disk.dir)) {
            entries.putAll(manifest());
        } else if (header != null) {
            throw new IOException(
                    "Cannot use %s: its manifest is missing, which names its logs. Restore the file from a copy of the folder, or move the folder away to start empty."
                            .formatted(disk.dir));
        }
        if (header == null) {
            requireEmpty(path);
            return found(path, ringBytes, null, 0);
        }
        if (header.directoryHigh() != directory.id().getMostSignificantBits()
                || header.directoryLow() != directory.id().getLeastSignificantBits()) { // L12
            throw new IOException(
                    "Cannot use the journal %s: it belongs to another directory than %s. Put the folder together again."
                            .formatted(path, directory.id()));
        }
        long last = recover(path, header);
        if (header.ringBytes() != ringBytes) {
            log.info(
                    "The journal changes its size from {} to {} bytes",
                    header.ringBytes(),
                    ringBytes);
            return found(disk.dir.resolve("journal.new"), ringBytes, header, last);
        }
        return found(path, ringBytes, header, last);
    }

    private Map<TopicIdPartition, ManifestEntry> manifest() throws IOException {
        ManifestFile.Contents contents = ManifestFile.read(disk.dir, directory.id());
        String owner = contents.clusterId();
        if (!owner.isEmpty() && !owner.equals(directory.clusterId())) {
            throw new IOException(
                    "Cannot use %s: its manifest is of cluster %s and its meta.properties of '%s'. Put the folder together again."
                            .formatted(disk.dir, owner, directory.clusterId()));
        }
        return contents.entries();
    }

    /// A missing journal with logs present is damage, never "empty" (L7).
    private void requireEmpty(Path journal) throws IOException {
        if (!entries.isEmpty() || !Directory.partitions(disk.dir).isEmpty()) {
            throw new IOException(
                    "Cannot use %s: it has logs, and its journal, which has their newest records, %s. Restore %s from a copy of the folder, or move the folder away to start empty."
                            .formatted(
                                    disk.dir,
                                    Files.exists(journal) ? "has no header" : "is missing",
                                    journal));
        }
    }

    private long recover(Path path, Header header) throws IOException {
        if (disk.planted.contains(Planted.SUSPECT_IS_FORGOTTEN)) {
            entries.values().removeIf(e -> e.state() == State.SUSPECT || e.state() == State.BROKEN);
        }
        var recovery = new Recovery(disk, LogConfigs.UNKNOWN, disk.retired);
        closedBefore = header.closed();
        if (!closedBefore) {
            log.info(
                    "{} was not closed: recovering from its journal; it names {} logs",
                    disk.dir,
                    entries.size());
        }
        try (JournalFile file = JournalFile.open(path, header.ringBytes(), Durability.REPLICATED)) {
            recovery.run(new JournalReader(file, new Ring(header.ringBytes())), header, entries);
        }
        compareWithFolders();
        return recovery.lastSeq();
    }

    /// L14: a log whose folder is gone, and a folder that no entry names, are suspect and never
    /// empty.
    private void compareWithFolders() throws IOException {
        Map<TopicPartition, TopicIdPartition> named = new HashMap<>();
        entries.values().stream()
                .filter(entry -> !entry.isStray())
                .map(ManifestEntry::partition)
                .forEach(tp -> named.put(tp.topicPartition(), tp));
        Map<TopicPartition, Path> folders = new HashMap<>();
        for (Path folder : Directory.partitions(disk.dir)) {
            folders.put(Directory.partition(folder).orElseThrow(), folder);
        }
        for (ManifestEntry entry : List.copyOf(entries.values())) {
            boolean gone = !folders.containsKey(entry.partition().topicPartition());
            boolean known = entry.state() == State.SUSPECT || entry.isStray();
            if (gone && !known && entry.checkpoint().hasLocalRecords()) {
                suspect(entry.checkpoint(), "its folder is missing");
            }
        }
        for (Map.Entry<TopicPartition, Path> one : folders.entrySet()) {
            if (!named.containsKey(one.getKey())) {
                unnamed(one.getKey(), one.getValue());
            }
        }
    }

    private void unnamed(TopicPartition name, Path folder) throws IOException {
        Optional<Uuid> id = PartitionFolder.idOf(folder);
        if (id.isEmpty()) {
            log.warn("{} is named as a partition's folder and is none; it stays as it is", folder);
            return;
        }
        TopicIdPartition partition = new TopicIdPartition(id.get(), name);
        ManifestEntry stray = entries.get(partition);
        if (stray != null) {
            log.warn("{} was a stray and is in its place again", folder);
            entries.put(partition, stray.takenBack());
            return;
        }
        LogCheckpoint checkpoint = LogCheckpoint.empty(partition, 0);
        if (disk.planted.contains(Planted.OPENED_IS_FORGOTTEN)
                || disk.planted.contains(Planted.SUSPECT_IS_FORGOTTEN)) {
            entries.put(checkpoint.partition(), ManifestEntry.open(checkpoint));
            return;
        }
        suspect(checkpoint, "the manifest does not name its folder");
    }

    private void suspect(LogCheckpoint checkpoint, String why) {
        String told = String.valueOf(LogFiles.suspect(checkpoint, why).getMessage());
        log.error("{}", told);
        entries.put(checkpoint.partition(), ManifestEntry.suspect(checkpoint, told));
    }

    /// The ring begins anew at its start; only the header written later says so.
    private Found found(Path path, long ringBytes, @Nullable Header before, long lastSeq)
            throws IOException {
        Ring ring = new Ring(ringBytes);
        JournalFile file = JournalFile.open(path, ringBytes, disk.settings.durability());
        try {
            file.prepare();
            long generation = new SecureRandom().nextLong();
            long first = lastSeq + 1;
            var journal =
                    new Journal(
                            file,
                            ring,
                            disk.settings.durability(),
                            directory.id(),
                            disk.settings.nodeId(),
                            generation,
                            before == null ? 0 : before.turn(),
                            first,
                            ring.start(0));
            var manifest = new ManifestFile(disk.dir, directory.id(), directory.clusterId());
            if (path.getFileName().toString().endsWith(".new")) {
                replaceJournal(manifest, journal, path, first, ring);
            }
            return new Found(
                    directory,
                    ring,
                    journal,
                    first,
                    ring.start(0),
                    manifest,
                    new ArrayList<>(entries.values()),
                    closedBefore);
        } catch (IOException | RuntimeException e) {
            file.close();
            if (before == null) {
                Files.deleteIfExists(path); // a disk that is full leaves nothing half-made
            }
            throw e;
        }
    }

    /// Everything is replayed and synced; entries go out before the old ring does (L12).
    private void replaceJournal(
            ManifestFile manifest, Journal journal, Path path, long first, Ring ring)
            throws IOException {
        manifest.replace(entries.values());
        journal.writeHeader(first, ring.start(0));
        Files.move(
                path,
                disk.dir.resolve("journal"),
                StandardCopyOption.ATOMIC_MOVE,
                StandardCopyOption.REPLACE_EXISTING);
        Folders.sync(disk.dir);
    }
}
