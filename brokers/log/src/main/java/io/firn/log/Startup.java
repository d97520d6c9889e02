package io.firn.log;

import io.firn.log.JournalFormat.Header;

import org.apache.kafka.common.TopicIdPartition;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.SecureRandom;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// From a folder to a journal that is empty and logs that are where they were (L7, L12).
final class Startup {
    private static final Logger log = LoggerFactory.getLogger(Startup.class);

    /// @param clean closed logs, by their rows
    /// @param unclean logs that were open at a crash and have nothing to replay
    /// @param suspect logs that may not be used, and why (R20)
    /// @param closedBefore whether the last process closed everything
    record Found(
            Directory directory,
            Ring ring,
            Journal journal,
            long firstSeq,
            long firstPosition,
            RowFile checkpoint,
            RowFile state,
            Map<TopicIdPartition, LogRow> clean,
            Map<TopicIdPartition, LogRow> unclean,
            Map<TopicIdPartition, String> suspect,
            boolean closedBefore) {}

    private final Disk disk;
    private final Directory directory;
    private final RowFile checkpoint;
    private final RowFile state;
    private final Map<TopicIdPartition, LogRow> clean = new LinkedHashMap<>();
    private final Map<TopicIdPartition, LogRow> unclean = new LinkedHashMap<>();
    private final Map<TopicIdPartition, String> suspect = new LinkedHashMap<>();
    private boolean closedBefore = true;

    private Startup(Disk disk, Directory directory) {
        this.disk = disk;
        this.directory = directory;
        this.checkpoint = new RowFile(disk.dir, "checkpoint", directory.id());
        this.state = new RowFile(disk.dir, "state", directory.id());
    }

    static Found run(Disk disk, Directory directory) throws IOException {
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
        if (header == null) {
            requireEmpty(path);
            return found(path, ringBytes, null, 0);
        }
        if (header.directoryHigh() != directory.id().getMostSignificantBits()
                || header.directoryLow() != directory.id().getLeastSignificantBits()) { // L12
            throw new IOException(
                    "The journal %s belongs to another directory than %s. Put the folder together again."
                            .formatted(path, directory.id()));
        }
        if (!checkpoint.exists()) {
            throw new IOException(
                    "%s has a journal but no checkpoint. Restore the file, or move the folder away to start empty."
                            .formatted(disk.dir));
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

    /// A missing journal with segments present is damage, never "empty" (L7).
    private void requireEmpty(Path journal) throws IOException {
        if (checkpoint.exists() || Directory.hasPartitions(disk.dir)) {
            throw new IOException(
                    "%s has logs but no usable journal (%s). Restore the file, or move the folder away to start empty."
                            .formatted(disk.dir, journal));
        }
    }

    private long recover(Path path, Header header) throws IOException {
        List<LogRow> open = checkpoint.read();
        Map<TopicIdPartition, LogRow> closed = new LinkedHashMap<>();
        if (state.exists()) {
            state.read().forEach(row -> closed.put(row.partition(), row));
        }
        var recovery = new Recovery(disk, HotLog.DEFAULTS);
        Map<TopicIdPartition, Recovery.Result> results;
        try (JournalFile file = JournalFile.open(path, header.ringBytes(), Durability.REPLICATED)) {
            results =
                    recovery.run(
                            new JournalReader(file, new Ring(header.ringBytes())),
                            header,
                            open,
                            closed);
        }
        closedBefore = header.closed() && results.isEmpty();
        results.forEach(
                (tp, result) -> {
                    closed.remove(tp);
                    if (result.suspect() != null) {
                        suspect.put(tp, result.suspect());
                    } else if (result.replayed()) {
                        clean.put(tp, result.row());
                    } else if (!result.deleted()) {
                        unclean.put(tp, result.row());
                    }
                });
        Map<TopicIdPartition, LogRow> named = new LinkedHashMap<>(closed);
        named.putAll(clean);
        named.putAll(unclean);
        suspect.keySet().forEach(tp -> named.put(tp, LogRow.empty(tp, 0)));
        Set<TopicIdPartition> onDisk = Directory.partitions(disk.dir, named).keySet();
        closed.forEach(
                (tp, row) -> {
                    if (onDisk.contains(tp) || row.end() > 0) { // else never appended to
                        clean.put(tp, row);
                    }
                });
        for (TopicIdPartition tp : onDisk) {
            if (!clean.containsKey(tp) && !unclean.containsKey(tp) && !suspect.containsKey(tp)) {
                unclean.put(tp, LogRow.empty(tp, 0)); // created, never appended to
            }
        }
        return recovery.lastSeq();
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
            if (path.getFileName().toString().endsWith(".new")) {
                replaceJournal(journal, path, first, ring);
            }
            return new Found(
                    directory,
                    ring,
                    journal,
                    first,
                    ring.start(0),
                    checkpoint,
                    state,
                    clean,
                    unclean,
                    suspect,
                    closedBefore);
        } catch (IOException | RuntimeException e) {
            file.close();
            if (before == null) {
                Files.deleteIfExists(path); // a disk that is full leaves nothing half-made
            }
            throw e;
        }
    }

    /// Everything is replayed and synced; rows go out before the old ring does (L12).
    private void replaceJournal(Journal journal, Path path, long first, Ring ring)
            throws IOException {
        state.write(clean.values());
        checkpoint.write(unclean.values());
        journal.writeHeader(first, ring.start(0));
        Files.move(
                path,
                disk.dir.resolve("journal"),
                StandardCopyOption.ATOMIC_MOVE,
                StandardCopyOption.REPLACE_EXISTING);
        Folders.sync(disk.dir);
    }
}
