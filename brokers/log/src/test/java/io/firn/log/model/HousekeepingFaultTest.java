package io.firn.log.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.firn.log.Appended;
import io.firn.log.HotLog;
import io.firn.log.LogListener;
import io.firn.log.LogSettings;
import io.firn.log.PartitionLog;
import io.firn.log.ProduceCheck;

import org.apache.kafka.common.TopicIdPartition;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.protocol.Errors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/// What a fault reaches: one log's housekeeping, or the whole directory (L4, R20).
class HousekeepingFaultTest {
    private static final TopicIdPartition GOOD = partition("good");
    private static final TopicIdPartition BAD = partition("bad");

    @TempDir Path dir;
    private final DiskFaults faults = new DiskFaults();
    private final AtomicInteger uncleanable = new AtomicInteger();
    private LogSettings settings;

    @BeforeEach
    void set() {
        settings =
                LogSettings.of(new FaultyFiles(dir, faults).path(dir))
                        .withRingBytes(256 << 10)
                        .withHousekeeping(Duration.ZERO)
                        .withIdleClose(Duration.ofDays(1))
                        .withMinFreeBytes(1 << 20)
                        .withListener(
                                new LogListener() {
                                    @Override
                                    public void uncleanable(int logs) {
                                        uncleanable.set(logs);
                                    }
                                });
    }

    private static TopicIdPartition partition(String name) {
        return new TopicIdPartition(Uuid.randomUuid(), new TopicPartition(name, 0));
    }

    private static Appended append(PartitionLog log, String key, String value, long timestamp)
            throws Exception {
        var sent = new Sent(List.of(new Rec(key, value, timestamp)));
        return log.append(Records.batch(sent, 0), 0, ProduceCheck.RECORDS)
                .get(20, TimeUnit.SECONDS);
    }

    private static void fill(PartitionLog log) throws Exception {
        for (int i = 0; i < 30; i++) {
            append(log, "k" + i % 3, i + "x".repeat(900), System.currentTimeMillis());
        }
        log.roll();
    }

    @Test
    void aLogThatCannotBeCompactedIsLeftAloneAndTheOthersGoOn() throws Exception {
        try (HotLog hot = HotLog.open(settings)) {
            PartitionLog bad = hot.open(BAD, Topic.COMPACTED.config());
            PartitionLog good = hot.open(GOOD, Topic.COMPACTED.config());
            fill(bad);
            fill(good);
            long before = good.sizeBytes();
            damageFirstSegment("bad-0");
            hot.housekeep();
            assertThat(hot.isOffline()).isFalse();
            assertThat(hot.uncleanable()).containsOnlyKeys(BAD);
            assertThat(hot.uncleanable().get(BAD)).contains("compaction");
            assertThat(uncleanable).hasValue(1);
            assertThat(good.sizeBytes()).isLessThan(before / 2);
            assertThat(append(bad, "k", "still", 1L).error()).isEqualTo(Errors.NONE);
            hot.housekeep();
            assertThat(uncleanable).hasValue(1);
        }
    }

    /// Of a batch in the middle: its length says more than there is.
    private void damageFirstSegment(String folder) throws IOException {
        Path segment = dir.resolve(folder).resolve("00000000000000000000.log");
        byte[] bytes = Files.readAllBytes(segment);
        for (int i = 8; i < 12; i++) {
            bytes[i] = 0x7f;
        }
        Files.write(segment, bytes);
    }

    @Test
    void aFailedWriteOfTheJournalTakesTheDirectoryOfflineAndSaysSo() throws Exception {
        try (HotLog hot = HotLog.open(settings)) {
            PartitionLog log = hot.open(GOOD, Topic.PLAIN.config());
            append(log, "k", "kept", 1L);
            faults.arm(DiskFaults.Kind.ERROR_ONCE, 0, null, () -> {});
            assertThat(append(log, "k", "lost", 1L).error()).isEqualTo(Errors.KAFKA_STORAGE_ERROR);
            assertThat(hot.failed().get(20, TimeUnit.SECONDS)).contains("offline");
            assertThat(hot.offlineReason()).isPresent();
            faults.disarm();
            assertThat(append(log, "k", "lost", 1L).error()).isEqualTo(Errors.KAFKA_STORAGE_ERROR);
        }
        try (HotLog again = HotLog.open(settings)) {
            PartitionLog log = again.open(GOOD, Topic.PLAIN.config());
            assertThat(log.endOffset()).isEqualTo(1);
            assertThat(append(log, "k", "next", 1L).baseOffset()).isEqualTo(1);
        }
    }

    @Test
    void anIdleLogWhoseFilesAreClosedStillFinishesCompacting() throws Exception { // D6
        try (HotLog hot = HotLog.open(settings.withIdleClose(Duration.ZERO))) {
            PartitionLog log = hot.open(GOOD, Topic.PLAIN.config());
            fill(log);
            closeIdle(hot);
            long before = log.sizeBytes();
            hot.open(GOOD, Topic.COMPACTED.config());
            hot.housekeep();
            assertThat(log.sizeBytes()).isLessThan(before / 2);
            closeIdle(hot);
            List<String> values = new ArrayList<>();
            Records.read(log).values().forEach(r -> values.add(String.valueOf(r.offset())));
            assertThat(values).containsExactly("27", "28", "29");
        }
    }

    /// A log whose last segment is being sealed closes a round later.
    private static void closeIdle(HotLog hot) throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        do {
            hot.housekeep();
            Thread.sleep(5);
        } while (hot.openLogs() > 0 && System.nanoTime() < deadline);
        assertThat(hot.openLogs()).isZero();
    }
}
