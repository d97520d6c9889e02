package io.firn.launcher.command;

import io.firn.protocol.CloseStack;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/// Makes the JVM's ahead-of-time cache (JEP 483, 514) on the machine that will use it: some time
/// after the first start a second process, at the lowest priority, runs a Firn on a throwaway
/// folder ([WarmUpCommand]) and writes the cache at its end. The first run waits for nothing of it,
/// a stop ends it, and a half-made cache never gets its name.
///
/// `bin/firn` asks for it with the system property `firn.aot.make`, the path of the cache that it
/// did not find.
final class AotTraining implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(AotTraining.class);
    private static final long PAUSE_SECONDS = Long.getLong("firn.aot.pause.seconds", 20);
    private static final long PATIENCE_MINUTES = 10;

    /// Free memory below which it leaves the machine alone.
    private static final long MIN_FREE_BYTES = 2L << 30;

    private final Path cache;
    private final Thread thread;
    private volatile boolean closed;
    private volatile List<ProcessHandle> running = List.of();

    private AotTraining(Path cache) {
        this.cache = cache;
        this.thread = Thread.ofPlatform().daemon().name("firn-aot").start(this::run);
    }

    static void beginIfAsked(CloseStack parts) {
        String asked = System.getProperty("firn.aot.make", "");
        if (!asked.isEmpty()) {
            parts.add(new AotTraining(Path.of(asked)));
        }
    }

    private void run() {
        try {
            TimeUnit.SECONDS.sleep(PAUSE_SECONDS);
            Path folder = cache.toAbsolutePath().getParent();
            if (folder == null || availableMemory() < MIN_FREE_BYTES) {
                return;
            }
            Files.createDirectories(folder);
            try (FileChannel file =
                            FileChannel.open(
                                    folder.resolve("LOCK"),
                                    StandardOpenOption.CREATE,
                                    StandardOpenOption.WRITE);
                    FileLock lock = file.tryLock()) {
                if (lock != null && !Files.exists(cache)) {
                    clear(folder);
                    train(folder);
                }
            }
        } catch (OverlappingFileLockException | InterruptedException e) {
            LOG.debug("No AOT cache from this run: {}", e.toString());
        } catch (IOException | RuntimeException e) {
            LOG.info("No AOT cache for faster starts in {}: {}", cache, e.toString());
        }
    }

    private void train(Path folder) throws IOException, InterruptedException {
        long begin = System.nanoTime();
        Path half = folder.resolve("making.aot");
        Path data = folder.resolve("warm-up");
        var command = new ArrayList<String>();
        if (Files.isExecutable(Path.of("/usr/bin/chrt"))) {
            command.addAll(List.of("/usr/bin/chrt", "-i", "0"));
        }
        command.addAll(
                List.of(
                        System.getProperty("firn.home", ".") + "/bin/firn",
                        "warm-up",
                        "--data",
                        data.toString()));
        ProcessBuilder builder =
                new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectOutput(folder.resolve("warm-up.log").toFile());
        builder.environment().put("FIRN_AOT_OUTPUT", half.toString());
        Process process = builder.start();
        running = List.of(process.toHandle());
        try {
            boolean ended = process.waitFor(PATIENCE_MINUTES, TimeUnit.MINUTES);
            end();
            delete(data);
            if (ended && process.exitValue() == 0 && Files.exists(half) && !closed) {
                Files.move(half, cache, StandardCopyOption.ATOMIC_MOVE);
                LOG.info(
                        "The next start will be faster: its AOT cache took {} s in the background",
                        TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - begin));
                Files.deleteIfExists(folder.resolve("warm-up.log"));
            } else if (!closed) {
                LOG.info(
                        "No AOT cache for faster starts; what happened is in {}",
                        folder.resolve("warm-up.log"));
            }
        } finally {
            end();
            Files.deleteIfExists(half);
            delete(data);
        }
    }

    /// Caches of other jars, flags or JDKs, and what a killed training left.
    private static void clear(Path folder) throws IOException {
        try (Stream<Path> entries = Files.list(folder)) {
            for (Path entry : (Iterable<Path>) entries::iterator) {
                if (entry.getFileName().toString().contains(".aot")) {
                    Files.delete(entry);
                }
            }
        }
        delete(folder.resolve("warm-up"));
    }

    private static void delete(Path folder) throws IOException {
        if (!Files.exists(folder)) {
            return;
        }
        try (Stream<Path> entries = Files.walk(folder)) {
            for (Path entry :
                    (Iterable<Path>)
                            entries.sorted(java.util.Comparator.reverseOrder())::iterator) {
                Files.deleteIfExists(entry);
            }
        }
    }

    /// As Linux counts it; elsewhere "enough".
    private static long availableMemory() throws IOException {
        Path file = Path.of("/proc/meminfo");
        if (!Files.isReadable(file)) {
            return Long.MAX_VALUE;
        }
        try (Stream<String> lines = Files.lines(file)) {
            return lines.filter(line -> line.startsWith("MemAvailable:"))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("\\D+", "")) << 10)
                    .findFirst()
                    .orElse(Long.MAX_VALUE);
        }
    }

    private void end() {
        for (ProcessHandle process : running) {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
        }
    }

    /// Ends the training, if one runs; a later start makes up for it.
    @Override
    public void close() throws InterruptedException {
        closed = true;
        end();
        thread.interrupt();
        thread.join(TimeUnit.SECONDS.toMillis(1));
    }
}
