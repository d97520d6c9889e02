package io.firn.log.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.firn.log.AppendGate;
import io.firn.log.Appended;
import io.firn.log.HotLog;
import io.firn.log.Isolation;
import io.firn.log.LogSettings;
import io.firn.log.PartitionLog;
import io.firn.log.ProduceCheck;

import org.apache.kafka.common.TopicIdPartition;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.protocol.Errors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/// A disk that takes long for every write (L10).
@Timeout(60)
class SlowDiskTest {
    private static final int MOST_WAITING = 64 << 10;
    private static final int BATCHES = 600;

    @Test
    void producersWaitForASlowDiskAndNobodyIsRefusedAndReadersGoOn(@TempDir Path dir)
            throws Exception {
        var faults = new DiskFaults();
        Path slow = new FaultyFiles(dir, faults).path(dir);
        try (HotLog hot = HotLog.open(settings(slow))) {
            PartitionLog log =
                    hot.open(
                            new TopicIdPartition(
                                    Uuid.randomUuid(), new TopicPartition("orders", 0)),
                            Topic.PLAIN.config());
            append(log, 0).get(20, TimeUnit.SECONDS);
            faults.slow(Duration.ofMillis(5));
            AppendGate gate = hot.appendGate();
            List<CompletableFuture<Appended>> answers = new ArrayList<>();
            int pauses = 0;
            long most = 0;
            for (int i = 1; i < BATCHES; i++) {
                if (!gate.isOpen()) {
                    pauses++;
                    assertThat(
                                    log.read(0, 100, true, Isolation.UNCOMMITTED)
                                            .records()
                                            .sizeInBytes())
                            .isPositive();
                    var open = new CountDownLatch(1);
                    gate.whenOpen(open::countDown);
                    assertThat(open.await(20, TimeUnit.SECONDS)).isTrue();
                    assertThat(hot.queuedBytes()).isLessThanOrEqualTo(MOST_WAITING);
                }
                answers.add(append(log, i));
                most = Math.max(most, hot.queuedBytes());
            }
            for (CompletableFuture<Appended> answer : answers) {
                Appended appended = answer.get(20, TimeUnit.SECONDS);
                assertThat(appended.error()).as(appended.message()).isEqualTo(Errors.NONE);
            }
            assertThat(pauses).isPositive();
            assertThat(most).isLessThan(MOST_WAITING + 4_096); // the batch that closed it
            assertThat(log.durableEnd()).isEqualTo(BATCHES);
            assertThat(gate.isOpen()).isTrue();
            while (hot.queuedBytes() > 0) { // a checkpoint of a closed segment may be on its way
                Thread.onSpinWait();
            }
        }
    }

    private static CompletableFuture<Appended> append(PartitionLog log, int number) {
        var sent = new Sent(List.of(new Rec("k", number + "x".repeat(1_000), 1_000_000L + number)));
        return log.append(Records.batch(sent, 0), 0, ProduceCheck.RECORDS);
    }

    private static LogSettings settings(Path dir) {
        return LogSettings.of(dir)
                .withRingBytes(256 << 10)
                .withHousekeeping(Duration.ZERO)
                .withMaxQueuedBytes(MOST_WAITING)
                .withCleanerBytes(0)
                .withMinFreeBytes(1 << 20)
                .withSegmentBufferBytes(2 << 20);
    }
}
