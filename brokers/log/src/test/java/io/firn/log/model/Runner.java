package io.firn.log.model;

import io.firn.log.HotLog;
import io.firn.log.LogSettings;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;

/// Runs sequences, each in a folder of its own.
final class Runner {
    /// @param at the step that failed
    /// @param asFound what the whole sequence failed with
    record Failure(long seed, List<Step> steps, int at, Throwable why, String asFound) {
        String text() {
            var lines = new StringBuilder();
            lines.append("seed %d, step %d of %d: %s%n".formatted(seed, at, steps.size(), why));
            if (!why.toString().equals(asFound)) {
                lines.append("  in the whole sequence: %s%n".formatted(asFound));
            }
            for (int i = 0; i < steps.size() && i <= at; i++) {
                lines.append("  %2d %s%n".formatted(i, steps.get(i)));
            }
            return lines.append(
                            "  again: -Dtest=LogModelTest -Dfirn.model.seed=%d%n".formatted(seed))
                    .toString();
        }
    }

    private static final AtomicInteger FOLDERS = new AtomicInteger();

    private final Path base;
    private final int steps;
    private final Function<LogSettings, HotLog> opener;

    Runner(Path base, int steps, Function<LogSettings, HotLog> opener) {
        this.base = base;
        this.steps = steps;
        this.opener = opener;
    }

    /// In memory where there is such a place: thousands of syncs a second.
    static Path fastFolder() throws IOException {
        Path memory = Path.of("/dev/shm");
        return Files.isWritable(memory)
                ? Files.createTempDirectory(memory, "firn-model")
                : Files.createTempDirectory("firn-model");
    }

    /// What went wrong, or null.
    @Nullable Failure run(long seed) {
        return run(seed, Generator.sequence(seed, steps));
    }

    @Nullable Failure run(long seed, List<Step> sequence) {
        int at = 0;
        Path folder = base.resolve("world-" + FOLDERS.incrementAndGet());
        var random = new Random(seed);
        try (World world = new World(folder, opener, random)) {
            for (; at < sequence.size(); at++) {
                world.perform(sequence.get(at));
            }
            world.end(random);
            return null;
        } catch (Throwable e) { // whatever it is, it is a finding
            return new Failure(seed, sequence, at, e, e.toString());
        }
    }

    /// The same failure with as few steps as may be, within so many runs.
    Failure shrink(Failure found, int mostRuns) {
        Failure best = found;
        int runs = 0;
        for (int piece = Math.max(1, best.steps().size() / 2); piece > 0; piece /= 2) {
            for (int from = 0; from < best.steps().size() && runs < mostRuns; runs++) {
                var fewer = new ArrayList<>(best.steps());
                fewer.subList(from, Math.min(fewer.size(), from + piece)).clear();
                Failure still = run(best.seed(), fewer);
                if (still != null) {
                    best =
                            new Failure(
                                    still.seed(),
                                    still.steps(),
                                    still.at(),
                                    still.why(),
                                    found.asFound());
                } else {
                    from += piece;
                }
            }
        }
        return best;
    }
}
