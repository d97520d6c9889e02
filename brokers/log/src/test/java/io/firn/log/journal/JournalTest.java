package io.firn.log.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.firn.log.Durability;

import org.apache.kafka.common.Uuid;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Path;

/// The ring itself; what is in it is the logs' ([io.firn.log.CrashTest]).
class JournalTest {
    private static final Ring RING = new Ring(64 << 10);

    /// One release that failed, and whoever appends next: were the ring turned once more, with no
    /// log to flush, its header would pass by all that the first one left.
    @Test
    void whatARingThatFailedHoldsStaysNeeded(@TempDir Path dir) throws IOException { // L4, L5
        Path path = dir.resolve("journal");
        try (JournalFile file = JournalFile.open(path, RING.bytes(), Durability.STRICT);
                Journal journal =
                        new Journal(
                                file,
                                RING,
                                Durability.STRICT,
                                Uuid.randomUuid(),
                                1,
                                1,
                                0,
                                1,
                                RING.start(0))) {
            journal.writeHeader(1, RING.start(0));
            journal.fail();
            assertThatThrownBy(
                            () ->
                                    journal.begin(
                                            1,
                                            (half, seq, position) -> {
                                                throw new AssertionError("it turned");
                                            }))
                    .isInstanceOf(IOException.class);
            assertThatThrownBy(() -> journal.released(0, 14, RING.start(1)))
                    .isInstanceOf(IOException.class);
            assertThat(JournalReader.header(file).oldestSeq()).isEqualTo(1);
        }
    }
}
