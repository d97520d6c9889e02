package io.firn.coordination;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.firn.log.CoordinatorLog;

import org.apache.kafka.common.TopicIdPartition;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.errors.CorruptRecordException;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.SimpleRecord;
import org.apache.kafka.common.requests.TransactionResult;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.coordinator.common.runtime.CoordinatorLoader.LoadSummary;
import org.apache.kafka.coordinator.common.runtime.CoordinatorPlayback;
import org.apache.kafka.coordinator.common.runtime.CoordinatorRecord;
import org.apache.kafka.coordinator.group.GroupCoordinatorRecordSerde;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/// Loads and the elections around them (R3).
final class LogLoaderTest {
    private static final TopicPartition TP = new TopicPartition("__consumer_offsets", 1);
    private static final TopicIdPartition ID = new TopicIdPartition(Uuid.randomUuid(), TP);

    private final ExecutorService disk = Executors.newSingleThreadExecutor();
    private final CountDownLatch opened = new CountDownLatch(1);
    private final CountDownLatch goOn = new CountDownLatch(1);
    private final CoordinatorLog log = new MemoryLog(ID, disk);
    private final LedPartitions led = new LedPartitions(this::openSlowly);
    private final List<TopicPartition> finished = new CopyOnWriteArrayList<>();
    private final LogLoader loader =
            new LogLoader(
                    led,
                    new KeptRecords(),
                    new GroupCoordinatorRecordSerde(),
                    1024,
                    Time.SYSTEM,
                    finished::add);

    @AfterEach
    void close() {
        loader.close();
        disk.shutdownNow();
    }

    @Test
    void aLoadThatAResignationHasOvertakenNeverEnds() throws Exception {
        led.elected(ID, 1);
        CompletableFuture<LoadSummary> first = load();
        opened.await();
        led.resigned(TP);
        led.elected(ID, 3);
        CompletableFuture<LoadSummary> second = load();
        goOn.countDown();

        second.get(10, TimeUnit.SECONDS);

        assertThat(first).isNotDone();
        loader.close();
        assertThat(finished).hasSizeLessThanOrEqualTo(1);
    }

    @Test
    void aLoadThatBeginsAfterTheNextElectionIsStillThatOfTheElectionBefore() throws Exception {
        goOn.countDown();
        led.elected(ID, 1);
        led.resigned(TP);
        led.elected(ID, 3);
        CompletableFuture<LoadSummary> first = load();
        CompletableFuture<LoadSummary> second = load();

        second.get(10, TimeUnit.SECONDS);

        assertThat(first).isNotDone();
    }

    @Test
    void aNewLeaderEpochWithoutAResignationLetsALoadEnd() throws Exception {
        led.elected(ID, 1);
        CompletableFuture<LoadSummary> only = load();
        opened.await();
        led.elected(ID, 2);
        goOn.countDown();

        assertThat(only.get(10, TimeUnit.SECONDS).numRecords()).isZero();
    }

    @Test
    void aFailedLoadMayBeRepeatedInTheSameTerm() throws Exception {
        goOn.countDown();
        led.elected(ID, 1);
        load().get(10, TimeUnit.SECONDS);

        assertThat(load().get(10, TimeUnit.SECONDS).numRecords()).isZero();
    }

    @Test
    void aDamagedBatchEndsALoadInsteadOfBecomingAnOffset() { // I12
        var record = new SimpleRecord("key".getBytes(), "a committed offset".getBytes());
        MemoryRecords records = MemoryRecords.withRecords(Compression.NONE, record);
        int inValue = records.sizeInBytes() - 5;
        records.buffer().put(inValue, (byte) (records.buffer().get(inValue) ^ 1));
        log.appendNow(records, 1);
        goOn.countDown();
        led.elected(ID, 1);

        assertThatThrownBy(() -> load().get(20, TimeUnit.SECONDS))
                .hasCauseInstanceOf(CorruptRecordException.class)
                .hasMessageContaining("its CRC does not fit");
    }

    private CompletableFuture<LoadSummary> load() {
        CompletableFuture<LoadSummary> done = loader.load(TP, new Nothing());
        done.whenComplete((summary, error) -> {}); // as the runtime does
        return done;
    }

    private CoordinatorLog openSlowly(TopicIdPartition partition, int leaderEpoch) {
        opened.countDown();
        try {
            goOn.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
        return log;
    }

    private static final class Nothing implements CoordinatorPlayback<CoordinatorRecord> {
        @Override
        public void replay(
                long offset, long producerId, short producerEpoch, CoordinatorRecord record) {}

        @Override
        public void replayEndTransactionMarker(
                long producerId, short producerEpoch, TransactionResult result) {}

        @Override
        public void updateLastWrittenOffset(long offset) {}

        @Override
        public void updateLastCommittedOffset(long offset) {}
    }
}
