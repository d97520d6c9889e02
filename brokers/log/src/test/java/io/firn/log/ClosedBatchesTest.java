package io.firn.log;

import static io.firn.log.Batches.batch;
import static io.firn.log.Batches.config;
import static io.firn.log.Batches.partition;
import static io.firn.log.Batches.read;

import static org.assertj.core.api.Assertions.assertThat;

import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

class ClosedBatchesTest {
    @TempDir Path dir;

    private HotLog open() {
        return HotLog.open(
                LogSettings.of(dir)
                        .withRingBytes(16 << 20)
                        .withHousekeeping(Duration.ZERO)
                        .withIdleClose(Duration.ZERO)
                        .withMinFreeBytes(1 << 20));
    }

    private static PartitionLog filled(HotLog hot, String... values) {
        PartitionLog log = hot.open(partition("orders", 0), config());
        for (int i = 0; i < values.length; i++) {
            assertThat(log.append(batch(values[i]), 0, ProduceCheck.RECORDS).join().error())
                    .isEqualTo(Errors.NONE);
            if (i % 3 == 2) {
                log.roll();
            }
        }
        log.roll();
        return log;
    }

    private static List<String> values(ClosedBatches batches) {
        var values = new ArrayList<String>();
        while (batches.hasNext()) {
            ByteBuffer bytes = batches.next();
            MemoryRecords.readableRecords(bytes)
                    .records()
                    .forEach(record -> values.add(text(record.value())));
        }
        return values;
    }

    private static String text(ByteBuffer value) {
        byte[] bytes = new byte[value.remaining()];
        value.get(bytes);
        return new String(bytes);
    }

    @Test
    void batchesOfSeveralSegmentsAreReadFromStartToEnd() {
        String large = "x".repeat(700_000); // two do not fit into one piece
        String larger = "y".repeat(1_048_000); // one hardly does
        try (HotLog hot = open()) {
            PartitionLog log = filled(hot, "a", "b", large, large, large, larger, "g", "h");
            assertThat(log.closed()).hasSize(3);
            assertThat(values(new ClosedBatches(log.closed(), 0, 8)))
                    .containsExactly("a", "b", large, large, large, larger, "g", "h");
            assertThat(values(new ClosedBatches(log.closed(), 1, 4)))
                    .containsExactly("b", large, large);
            assertThat(values(new ClosedBatches(log.closed(), 6, 7))).containsExactly("g");
            assertThat(values(new ClosedBatches(log.closed(), 8, 9))).isEmpty();
        }
    }

    @Test
    void theBatchThatContainsTheStartComesFirst() { // C17
        try (HotLog hot = open()) {
            PartitionLog log = hot.open(partition("orders", 0), config());
            log.append(batch("a", "b", "c"), 0, ProduceCheck.RECORDS).join();
            log.append(batch("d", "e"), 0, ProduceCheck.RECORDS).join();
            log.roll();
            log.append(batch("f"), 0, ProduceCheck.RECORDS).join();
            log.roll();
            assertThat(values(new ClosedBatches(log.closed(), 1, 6)))
                    .containsExactly("a", "b", "c", "d", "e", "f");
            assertThat(values(new ClosedBatches(log.closed(), 4, 5))).containsExactly("d", "e");
            assertThat(headers(log, 1, 6)).containsExactly("0-2", "3-4", "5-5");
            assertThat(headers(log, 4, 5)).containsExactly("3-4");
            assertThat(headers(log, 5, 9)).containsExactly("5-5");
        }
    }

    private static List<String> headers(PartitionLog log, long start, long end) {
        var found = new ArrayList<String>();
        ClosedHeaders.visit(
                log.closed(),
                start,
                end,
                (base, last, size, crc) -> {
                    var bytes = new ClosedBatches(log.closed(), base, base + 1).next();
                    assertThat(size).isEqualTo(bytes.remaining());
                    assertThat(crc)
                            .isEqualTo(
                                    (int)
                                            MemoryRecords.readableRecords(bytes)
                                                    .batches()
                                                    .iterator()
                                                    .next()
                                                    .checksum());
                    found.add(base + "-" + last);
                });
        return found;
    }

    @Test
    void anInterruptedThreadReadsOnAndTheSegmentStaysOpenForOthers() throws Exception { // R20, C10
        String large = "x".repeat(700_000);
        try (HotLog hot = open()) {
            PartitionLog log = filled(hot, "a", large, large, large);
            var found = new ArrayList<String>();
            Thread offload =
                    Thread.ofVirtual()
                            .start(
                                    () -> {
                                        var batches = new ClosedBatches(log.closed(), 0, 4);
                                        Thread.currentThread().interrupt();
                                        found.addAll(values(batches));
                                    });
            offload.join();
            assertThat(found).containsExactly("a", large, large, large);
            assertThat(log.closed()).allMatch(segment -> segment.records().channel().isOpen());
            assertThat(read(log, Isolation.UNCOMMITTED)).isEqualTo(found);
            assertThat(hot.isOffline()).isFalse();
        }
    }
}
