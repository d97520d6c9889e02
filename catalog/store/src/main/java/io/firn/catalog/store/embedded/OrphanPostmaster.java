package io.firn.catalog.store.embedded;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;

/// `kill -9` of the JVM leaves its PostgreSQL running, and the next start would wait for it in
/// vain.
final class OrphanPostmaster {
    private static final Logger LOG = LoggerFactory.getLogger(OrphanPostmaster.class);

    private OrphanPostmaster() {}

    /// Stops the postmaster that owns `data`, if one runs; waits until it has gone.
    static void stop(Path data) throws IOException {
        Path pidFile = data.resolve("postmaster.pid");
        List<String> lines;
        try {
            lines = Files.readAllLines(pidFile);
        } catch (NoSuchFileException e) {
            return;
        }
        // Line 1 is the process id, line 2 its data folder: both must match, pids are reused.
        if (lines.size() < 2) {
            return;
        }
        Optional<ProcessHandle> process =
                parse(lines.get(0))
                        .flatMap(ProcessHandle::of)
                        .filter(p -> p.info().command().orElse("").endsWith("/postgres"));
        if (process.isEmpty() || !sameFolder(lines.get(1), data)) {
            return;
        }
        LOG.info("Stopping PostgreSQL {} that an earlier process left in {}", lines.get(0), data);
        process.get().destroy();
        if (!gone(process.get(), 10)) {
            process.get().destroyForcibly();
            if (!gone(process.get(), 5)) {
                throw new IOException(
                        "PostgreSQL process %s still holds %s; stop it and start again"
                                .formatted(lines.get(0), data));
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

    private static boolean gone(ProcessHandle process, int seconds) {
        try {
            process.onExit().orTimeout(seconds, TimeUnit.SECONDS).join();
            return true;
        } catch (CompletionException e) {
            return !process.isAlive();
        }
    }
}
