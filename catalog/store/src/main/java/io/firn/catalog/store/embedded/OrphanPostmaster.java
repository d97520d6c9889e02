package io.firn.catalog.store.embedded;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// `kill -9` of the JVM leaves its PostgreSQL running, and the next start would wait for it in
/// vain; and what is left of one that has ended can make PostgreSQL refuse to start.
final class OrphanPostmaster {
    private static final Logger LOG = LoggerFactory.getLogger(OrphanPostmaster.class);

    private OrphanPostmaster() {}

    /// Stops the postmaster that owns `data`, if one runs, and waits until it has ended. Then
    /// deletes its lock file: PostgreSQL does not start while the file is empty, as a power cut may
    /// leave it, or any process has the id in it, be it another one that got it since or the
    /// postmaster itself, dead but not yet reaped by its parent. It finds backends that still hold
    /// the shared memory without the file.
    ///
    /// The caller holds the lock of the data folder: nobody else starts a PostgreSQL in it.
    static void stop(Path data) throws IOException {
        Optional<ProcessHandle> postmaster = owner(data).filter(OrphanPostmaster::runs);
        if (postmaster.isPresent()) {
            stop(postmaster.get(), data);
        }
        Files.deleteIfExists(lockFile(data));
    }

    /// Whether the postmaster that owns `data` runs.
    static boolean runsIn(Path data) {
        try {
            return owner(data).filter(OrphanPostmaster::runs).isPresent();
        } catch (IOException e) {
            LOG.debug("Cannot look for PostgreSQL in {}", data, e);
            return true; // an error of reading is no reason to start a second one
        }
    }

    private static Path lockFile(Path data) {
        return data.resolve("postmaster.pid");
    }

    /// The process that the lock file names, if there is any with that id.
    private static Optional<ProcessHandle> owner(Path data) throws IOException {
        List<String> lines;
        try {
            lines = Files.readAllLines(lockFile(data));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
        // Line 1 is the process id, line 2 its data folder: both must match, pids are reused.
        return lines.size() >= 2 && sameFolder(lines.get(1), data)
                ? parse(lines.get(0)).flatMap(ProcessHandle::of)
                : Optional.empty();
    }

    private static void stop(ProcessHandle postmaster, Path data) throws IOException {
        LOG.info("Stopping PostgreSQL {} that an earlier process left in {}", postmaster, data);
        postmaster.destroy();
        if (!ends(postmaster, Duration.ofSeconds(10))) {
            postmaster.destroyForcibly();
            if (!ends(postmaster, Duration.ofSeconds(5))) {
                throw new IOException(
                        "PostgreSQL process %s still holds %s; stop it and start again"
                                .formatted(postmaster, data));
            }
        }
    }

    private static Optional<Long> parse(String pid) {
        try {
            return Optional.of(Long.parseLong(pid.strip()));
        } catch (NumberFormatException e) {
            return Optional.empty();
        }
    }

    private static boolean sameFolder(String line, Path data) throws IOException {
        Path recorded = Path.of(line.strip());
        return Files.exists(recorded) && Files.isSameFile(recorded, data);
    }

    /// Not true of a process that has ended but was not reaped: it has no program any more.
    private static boolean runs(ProcessHandle process) {
        return process.info().command().orElse("").endsWith("/postgres");
    }

    private static boolean ends(ProcessHandle process, Duration longest) throws IOException {
        long deadline = System.nanoTime() + longest.toNanos();
        while (runs(process)) {
            if (System.nanoTime() - deadline > 0) {
                return false;
            }
            try {
                Thread.sleep(10);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new InterruptedIOException("while PostgreSQL " + process + " stops");
            }
        }
        return true;
    }
}
