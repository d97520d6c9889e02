package io.firn.benchmarks.loads;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

class MemoryBudgetTest {
    @Test
    void aHundredThousandIdlePartitionsFitIntoAGibibyteOfHeap() {
        assertThat(new MemoryBudget(1_000, 100_000, 1_000, 1_000).heapBytes())
                .isLessThan(700L << 20);
    }

    @Test
    void theHandbookStatesTheSameBudget() throws IOException {
        String page = Files.readString(Path.of("../../docs/operating/memory.md"));
        Map.of(
                        "a client connection", MemoryBudget.HEAP_CONNECTION,
                        "an idle partition", MemoryBudget.HEAP_IDLE_PARTITION,
                        "a partition whose files are open", MemoryBudget.HEAP_OPEN_PARTITION,
                        "a request in flight", MemoryBudget.HEAP_REQUEST)
                .forEach(
                        (what, heap) ->
                                assertThat(page)
                                        .containsPattern(
                                                "\\| "
                                                        + what
                                                        + " \\| "
                                                        + (heap >> 10)
                                                        + " KiB \\|"));
        assertThat(page).contains("| fixed | %d MiB |".formatted(MemoryBudget.HEAP_FIXED >> 20));
    }
}
