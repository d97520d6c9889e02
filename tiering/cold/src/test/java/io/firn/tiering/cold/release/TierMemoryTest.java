package io.firn.tiering.cold.release;

import static org.assertj.core.api.Assertions.assertThat;

import io.firn.tiering.cold.PartitionKey;
import io.firn.tiering.cold.release.TierMemory.Seen;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.UUID;

class TierMemoryTest {
    private static final PartitionKey ONE = new PartitionKey(UUID.randomUUID(), 0);
    private static final PartitionKey OTHER = new PartitionKey(UUID.randomUUID(), 3);

    @TempDir Path dir;

    @Test
    void whatWasSeenIsKnownAfterARestart() throws Exception { // C16
        Path file = dir.resolve("cold-memory");
        try (var memory = TierMemory.open(file)) {
            memory.remember(ONE, new Seen(1, 10, 0));
            memory.remember(ONE, new Seen(2, 20, 10));
            memory.remember(OTHER, new Seen(7, 70, 70));
        }
        try (var memory = TierMemory.open(file)) {
            assertThat(memory.seen(ONE)).isEqualTo(new Seen(2, 20, 10));
            memory.forget(OTHER.topicId());
        }
        Files.writeString(file, ONE.topicId() + " 0 3 30 3", StandardOpenOption.APPEND); // torn
        try (var memory = TierMemory.open(file)) {
            assertThat(memory.seen(ONE)).isEqualTo(new Seen(2, 20, 10));
            assertThat(memory.seen(OTHER)).isEqualTo(Seen.NOTHING);
        }
    }
}
