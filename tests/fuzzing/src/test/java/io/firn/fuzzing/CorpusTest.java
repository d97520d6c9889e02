package io.firn.fuzzing;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;

/// Replays the corpus in the tree, each input as it is and in a few hundred mutations that are the
/// same every day. `tests/fuzz` looks for new ones.
class CorpusTest {
    private static final Path CORPUS = Path.of("src/test/resources/corpus");
    /// The same on every machine: the seed is fixed, and time does not end it.
    private static final int ROUNDS = Integer.getInteger("firn.fuzz.rounds", 4);

    @ParameterizedTest
    @EnumSource(FuzzTarget.class)
    void everyInputOfTheCorpusIsReadOrRefused(FuzzTarget target) throws Throwable {
        List<Path> files = files(target);
        assertThat(files).isNotEmpty();
        FuzzTarget.Run run = target.run();
        for (Path file : files) {
            check(run, Files.readAllBytes(file), file.getFileName().toString());
        }
        Random random = new Random(20261126);
        for (int i = 0; i < ROUNDS; i++) {
            for (Path file : files) {
                byte[] mutated = mutate(Files.readAllBytes(file), random);
                check(run, mutated, file.getFileName() + " mutated, round " + i);
            }
        }
    }

    private static void check(FuzzTarget.Run run, byte[] input, String name) {
        try {
            run.on(input);
        } catch (Throwable found) {
            throw new AssertionError(
                    "%s: %s fails on %s".formatted(name, found, HexFormat.of().formatHex(input)),
                    found);
        }
    }

    private static List<Path> files(FuzzTarget target) throws IOException {
        try (Stream<Path> files = Files.list(CORPUS.resolve(target.label()))) {
            return files.sorted().toList();
        }
    }

    private static byte[] mutate(byte[] input, Random random) {
        byte[] out = input.clone();
        for (int i = 1 + random.nextInt(3); i > 0 && out.length > 0; i--) {
            int at = random.nextInt(out.length);
            switch (random.nextInt(4)) {
                case 0 -> out[at] ^= (byte) (1 << random.nextInt(8));
                case 1 -> out[at] = (byte) random.nextInt();
                case 2 -> out[at] = (byte) (random.nextBoolean() ? 0xff : 0x7f);
                default -> out = Arrays.copyOf(out, at + random.nextInt(8));
            }
        }
        return out;
    }
}
