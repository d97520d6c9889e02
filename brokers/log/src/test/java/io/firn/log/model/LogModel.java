package io.firn.log.model;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;

import io.firn.log.HotLog;
import io.firn.log.LogSettings;

import org.slf4j.LoggerFactory;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;

/// Many random sequences, or one again.
///
/// @param start seed of the first sequence
/// @param next how much higher the seed of each next one is; 0 for the same one again and again
/// @param sequences at most so many
/// @param seconds at most so long; 0 for no bound
/// @param failures ends after so many
record LogModel(long start, int next, long sequences, long seconds, int failures) {
    static final int STEPS = 50;

    /// On a machine that has other things to do, fewer sequences are enough.
    private static final long MOST_SECONDS = 240;

    /// What was found, and how much was looked at.
    record Result(List<Runner.Failure> found, long sequences, long millis) {}

    /// As the system properties `firn.model.*` say: `seed` for one sequence again, and `times` how
    /// often; or `start`, `sequences`, `seconds`, `failures`.
    static LogModel configured(long sequences) {
        Long only = Long.getLong("firn.model.seed");
        if (only != null) {
            return new LogModel(only, 0, Long.getLong("firn.model.times", 1), 0, 1);
        }
        Long seconds = Long.getLong("firn.model.seconds");
        return new LogModel(
                Long.getLong("firn.model.start", System.nanoTime() & 0xFFFF_FFFFL),
                1,
                Long.getLong("firn.model.sequences", seconds == null ? sequences : Long.MAX_VALUE),
                seconds == null ? MOST_SECONDS : seconds,
                Integer.getInteger("firn.model.failures", 1));
    }

    /// How often a failing sequence is run again to make it shorter.
    static final int SHORTER = 150;

    static final int AS_FOUND = 0;

    Result run() throws IOException, InterruptedException {
        return run(HotLog::open, failures == 1 ? SHORTER : AS_FOUND);
    }

    /// @param opener of a log, perhaps one with a fault
    Result run(Function<LogSettings, HotLog> opener, int shorter)
            throws IOException, InterruptedException {
        Path base = Runner.fastFolder();
        var logger = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
        Level before = logger.getLevel();
        logger.setLevel(Level.OFF); // each fault would be in it
        try {
            return run(new Runner(base, STEPS, opener), shorter);
        } finally {
            logger.setLevel(before);
            Trees.delete(base);
        }
    }

    private Result run(Runner runner, int shorter) throws InterruptedException {
        long begun = System.nanoTime();
        var count = new AtomicLong();
        var found = new ConcurrentLinkedQueue<Runner.Failure>();
        Runnable work =
                () -> {
                    while (found.size() < failures && !isOver(begun)) {
                        long number = count.getAndIncrement();
                        if (number >= sequences) {
                            return;
                        }
                        Runner.Failure failure = runner.run(start + number * next);
                        if (failure != null) {
                            found.add(failure);
                        }
                    }
                };
        List<Thread> threads = new ArrayList<>();
        long most = Math.min(sequences, Runtime.getRuntime().availableProcessors());
        for (int i = 0; i < most; i++) {
            threads.add(Thread.ofPlatform().name("model-" + i).start(work));
        }
        for (Thread thread : threads) {
            thread.join();
        }
        long millis = (System.nanoTime() - begun) / 1_000_000;
        long done = Math.min(count.get(), sequences);
        System.out.printf(
                "Log model: %d sequences of %d steps from seed %d in %.1f s%n",
                done, STEPS, start, millis / 1e3);
        List<Runner.Failure> shrunk =
                found.stream().map(each -> runner.shrink(each, shorter)).toList();
        return new Result(shrunk, done, millis);
    }

    private boolean isOver(long begun) {
        return seconds > 0 && System.nanoTime() - begun > seconds * 1_000_000_000L;
    }

    /// The same outside the suite, for hours.
    public static void main(String[] args) throws IOException, InterruptedException {
        Result result = configured(2_000).run();
        for (Runner.Failure failure : result.found()) {
            System.out.println(failure.text());
            failure.why().printStackTrace(System.out);
        }
        System.exit(result.found().isEmpty() ? 0 : 1);
    }
}
