package io.firn.log;

import static io.firn.log.Batches.config;
import static io.firn.log.Batches.idempotent;
import static io.firn.log.Batches.partition;

import static org.assertj.core.api.Assertions.assertThat;

import io.firn.log.directory.Folders;

import org.apache.kafka.common.TopicIdPartition;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.storage.internals.log.ProducerStateManager;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;

/// Clients that send under ever new producer ids, and those that do not (I13, G7).
class ManyProducersTest {
    private static final int MOST = 200;
    private static final TopicIdPartition BUSY = partition("busy", 0);
    private static final TopicIdPartition QUIET = partition("quiet", 0);

    @TempDir Path root;

    private final AtomicInteger forgotten = new AtomicInteger();
    private Path dir;
    private HotLog hot;
    private long nextId = 1_000;

    @BeforeEach
    void open() {
        dir = root.resolve("log");
        hot = HotLog.open(settings(dir));
    }

    @AfterEach
    void close() {
        hot.close();
    }

    private LogSettings settings(Path folder) {
        return LogSettings.of(folder)
                .withRingBytes(256 << 10)
                .withHousekeeping(Duration.ZERO)
                .withIdleClose(Duration.ZERO)
                .withMinFreeBytes(1 << 20)
                .withMaxProducers(MOST)
                .withListener(
                        new LogListener() {
                            @Override
                            public void producersForgotten(int entries) {
                                forgotten.addAndGet(entries);
                            }
                        });
    }

    private PartitionLog open(TopicIdPartition partition) {
        return hot.open(partition, config());
    }

    private static Appended send(PartitionLog log, long producer, int sequence) {
        return log.append(idempotent(producer, 0, sequence, "x"), 0, ProduceCheck.RECORDS).join();
    }

    /// One batch each, under ids that nobody had before.
    private void makeUp(PartitionLog log, int ids) {
        List<CompletableFuture<Appended>> sent = new ArrayList<>();
        for (int i = 0; i < ids; i++) {
            sent.add(log.append(idempotent(nextId++, 0, 0, "x"), 0, ProduceCheck.RECORDS));
        }
        sent.forEach(one -> assertThat(one.join().error()).isEqualTo(Errors.NONE));
    }

    @Test
    void everNewProducerIdsHoldNoMoreThanTheirShareAndLoseNoRecord() {
        PartitionLog log = open(BUSY);
        makeUp(log, 20 * MOST);
        assertThat(hot.producers().held()).isLessThanOrEqualTo(MOST + 1);
        assertThat(log.producers()).hasSizeLessThanOrEqualTo(MOST + 1);
        assertThat(forgotten.get()).isGreaterThan(18 * MOST);
        assertThat(hot.producers().trouble())
                .hasValueSatisfying(why -> assertThat(why).contains("producer ids"));
        assertThat(log.endOffset()).isEqualTo(20L * MOST);
        assertThat(Batches.read(log, Isolation.UNCOMMITTED)).hasSize(20 * MOST);
    }

    @Test
    void aProducerThatGoesOnKeepsItsSequencesWhateverOthersMakeUp() {
        PartitionLog log = open(BUSY);
        send(log, 7, 0);
        long second = send(log, 7, 1).baseOffset();
        makeUp(log, 10 * MOST);
        assertThat(send(log, 7, 1).baseOffset()).isEqualTo(second); // known as a duplicate
        assertThat(send(log, 7, 5).error()).isEqualTo(Errors.OUT_OF_ORDER_SEQUENCE_NUMBER);
        assertThat(send(log, 7, 2).error()).isEqualTo(Errors.NONE);
        assertThat(log.endOffset()).isEqualTo(10L * MOST + 3);
    }

    @Test
    void whoMakesUpIdsTakesThePlaceOfTheirOwnLogOnly() {
        PartitionLog quiet = open(QUIET);
        List<Long> offsets = new ArrayList<>();
        for (int id = 0; id < MOST / 4; id++) {
            offsets.add(send(quiet, id, 0).baseOffset());
        }
        makeUp(open(BUSY), 10 * MOST);
        for (int id = 0; id < MOST / 4; id++) {
            assertThat(send(quiet, id, 0).baseOffset()).isEqualTo(offsets.get(id));
        }
        assertThat(quiet.endOffset()).isEqualTo(MOST / 4);
    }

    @Test
    void manyLogsTogetherHoldTwiceTheBoundAtMost() {
        for (int round = 0; round < 10; round++) {
            for (int p = 0; p < 8; p++) {
                makeUp(open(new TopicIdPartition(BUSY.topicId(), p, BUSY.topic())), 40);
                assertThat(hot.producers().held()).isLessThanOrEqualTo(2 * MOST);
            }
        }
    }

    @Test
    void whatIsClosedOrDeletedHoldsNothing() {
        makeUp(open(BUSY), 50);
        makeUp(open(QUIET), 60);
        assertThat(hot.producers().held()).isEqualTo(110);
        hot.delete(BUSY);
        assertThat(hot.producers().held()).isEqualTo(60);
        hot.close();
        assertThat(hot.producers().held()).isZero();
    }

    @Test
    void aStartAfterAKillRemembersNoMoreThanWhatRan() throws IOException {
        PartitionLog log = open(BUSY);
        send(log, 7, 0);
        long second = send(log, 7, 1).baseOffset();
        makeUp(log, 20 * MOST); // some turns of the ring
        Path copy = Crashes.copy(dir, root.resolve("copy"));
        hot.close();
        hot = HotLog.open(settings(copy));
        assertThat(hot.producers().held()).isLessThanOrEqualTo(2 * MOST);
        for (Path file : Folders.list(copy.resolve("busy-0"))) { // Kafka's loader makes these
            if (file.toString().endsWith(".snapshot")) {
                assertThat(ProducerStateManager.readSnapshot(file.toFile()))
                        .hasSizeLessThanOrEqualTo(2 * MOST);
            }
        }
        PartitionLog again = open(BUSY);
        assertThat(again.endOffset()).isEqualTo(20L * MOST + 2);
        assertThat(send(again, 7, 1).baseOffset()).isEqualTo(second);
    }
}
