package io.firn.log;

import static io.firn.log.Batches.batch;
import static io.firn.log.Batches.config;
import static io.firn.log.Batches.partition;
import static io.firn.log.Batches.read;

import static org.assertj.core.api.Assertions.assertThat;

import io.firn.log.directory.Folders;
import io.firn.log.partition.OwnedLog;

import org.apache.kafka.common.TopicIdPartition;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.protocol.Errors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/// Files are opened and created by others than the log thread (F1).
@Timeout(60)
class OpeningTest {
    private static final TopicIdPartition A = partition("a", 0);
    private static final TopicIdPartition B = partition("b", 0);

    @TempDir Path dir;

    private HotLog hot;

    @BeforeEach
    void open() {
        hot = HotLog.open(settings());
    }

    private LogSettings settings() {
        return LogSettings.of(dir)
                .withRingBytes(1 << 20)
                .withHousekeeping(Duration.ZERO)
                .withIdleClose(Duration.ZERO)
                .withMinFreeBytes(1 << 20);
    }

    @AfterEach
    void close() {
        hot.close();
    }

    private static CompletableFuture<Appended> append(PartitionLog log, String value) {
        return log.append(batch(value), 0, ProduceCheck.RECORDS);
    }

    private static Appended get(CompletableFuture<Appended> appended) throws Exception {
        return appended.get(20, TimeUnit.SECONDS);
    }

    @Test
    void appendsWaitInOrderWhileFilesAreOpenedAndOthersGoOn() throws Exception {
        var slow = (OwnedLog) hot.open(A, config());
        PartitionLog other = hot.open(B, config());
        List<CompletableFuture<Appended>> waiting = new ArrayList<>();
        slow.lock.lock(); // its opener waits for us, as for a slow disk
        try {
            for (int i = 0; i < 20; i++) {
                waiting.add(append(slow, "value-" + i));
                assertThat(get(append(other, "other")).error()).isEqualTo(Errors.NONE);
            }
            assertThat(waiting).noneMatch(CompletableFuture::isDone);
            assertThat(hot.queuedBytes()).isPositive(); // they count (L10)
        } finally {
            slow.lock.unlock();
        }
        for (int i = 0; i < waiting.size(); i++) {
            assertThat(get(waiting.get(i)).baseOffset()).isEqualTo(i);
        }
        assertThat(read(slow, Isolation.UNCOMMITTED)).startsWith("value-0", "value-1").hasSize(20);
    }

    @Test
    void aDeletionWaitsForTheOpeningAndRefusesWhatWaits() throws Exception {
        var slow = (OwnedLog) hot.open(A, config());
        PartitionLog other = hot.open(B, config());
        CompletableFuture<Appended> waiting;
        CompletableFuture<Void> gone;
        slow.lock.lock();
        try {
            waiting = append(slow, "value");
            gone = hot.startDelete(A);
            assertThat(get(waiting).error()).isEqualTo(Errors.KAFKA_STORAGE_ERROR);
            assertThat(get(append(other, "other")).error()).isEqualTo(Errors.NONE);
            assertThat(gone).isNotDone();
        } finally {
            slow.lock.unlock();
        }
        gone.get(20, TimeUnit.SECONDS);
        assertThat(hot.known()).containsExactly(B);
        assertThat(get(append(hot.open(A, config()), "anew")).baseOffset()).isZero();
    }

    @Test
    void aNameIsUsedAgainOnlyWhenItsFolderIsFree() throws Exception { // L15
        var first = (OwnedLog) hot.open(A, config());
        get(append(first, "first"));
        var id = new TopicIdPartition(Uuid.randomUuid(), new TopicPartition("a", 0));
        PartitionLog second;
        CompletableFuture<Appended> waiting;
        first.lock.lock(); // so the first one cannot go yet
        try {
            second = hot.open(id, config());
            waiting = append(second, "second");
            Thread.sleep(50);
            assertThat(waiting).isNotDone();
        } finally {
            first.lock.unlock();
        }
        assertThat(get(waiting).baseOffset()).isZero();
        assertThat(read(second, Isolation.UNCOMMITTED)).containsExactly("second");
        assertThat(hot.known()).containsExactly(id);
    }

    @Test
    void manyNewPartitionsAreUsableAtOnceAndSurvive() throws Exception {
        List<CompletableFuture<Appended>> all = new ArrayList<>();
        List<TopicIdPartition> ids = new ArrayList<>();
        for (int p = 0; p < 200; p++) {
            ids.add(partition("many", p));
        }
        for (TopicIdPartition id : ids) {
            all.add(append(hot.open(id, config()), "one"));
            all.add(append(hot.open(id, config()), "two"));
        }
        for (CompletableFuture<Appended> each : all) {
            assertThat(get(each).error()).isEqualTo(Errors.NONE);
        }
        Path crashed = Crashes.copy(dir, dir.resolveSibling(dir.getFileName() + "-crashed"));
        try (HotLog again = HotLog.open(LogSettings.of(crashed).withRingBytes(1 << 20))) {
            for (TopicIdPartition id : ids) {
                assertThat(read(again.open(id, config()), Isolation.UNCOMMITTED))
                        .containsExactly("one", "two");
            }
        } finally {
            Folders.deleteTree(crashed);
        }
    }

    @Test
    void aLogIsClosedOnlyWhenNothingIsOnItsWay() throws IOException { // L9
        var log = (OwnedLog) hot.open(A, config());
        append(log, "value").join();
        for (int i = 0; i < 200; i++) {
            CompletableFuture<Appended> next = append(log, "value-" + i);
            hot.housekeep();
            assertThat(next.join().baseOffset()).isEqualTo(i + 1);
        }
    }
}
