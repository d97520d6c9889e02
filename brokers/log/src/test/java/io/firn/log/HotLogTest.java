package io.firn.log;

import static io.firn.log.Batches.batch;
import static io.firn.log.Batches.compressed;
import static io.firn.log.Batches.config;
import static io.firn.log.Batches.idempotent;
import static io.firn.log.Batches.keyed;
import static io.firn.log.Batches.partition;
import static io.firn.log.Batches.read;
import static io.firn.log.Batches.stamped;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.firn.log.batch.BatchRewriter;
import io.firn.log.partition.OwnedLog;

import org.apache.kafka.common.TopicIdPartition;
import org.apache.kafka.common.errors.KafkaStorageException;
import org.apache.kafka.common.errors.OffsetOutOfRangeException;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.common.record.internal.CompressionType;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.RecordBatch;
import org.apache.kafka.common.record.internal.SimpleRecord;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.storage.internals.log.LogConfig;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.zip.CRC32C;

class HotLogTest {
    private static final TopicIdPartition ORDERS = partition("orders", 0);

    @TempDir Path dir;

    private HotLog hot;

    @BeforeEach
    void open() {
        hot = HotLog.open(settings());
    }

    @AfterEach
    void close() {
        hot.close();
    }

    private LogSettings settings() {
        return LogSettings.of(dir)
                .withRingBytes(1 << 20)
                .withHousekeeping(Duration.ZERO)
                .withIdleClose(Duration.ZERO)
                .withMinFreeBytes(1 << 20);
    }

    private void reopen() {
        hot.close();
        hot = HotLog.open(settings());
    }

    private static Appended append(PartitionLog log, MemoryRecords records) {
        return log.append(records, 0, ProduceCheck.RECORDS).join();
    }

    @Test
    void appendedBatchesGetOffsetsAndAreReadBack() {
        PartitionLog log = hot.open(ORDERS, config());
        log.becomeLeader(0);
        var moved = new ArrayList<Long>();
        log.onHighWatermark(moved::add);
        assertThat(append(log, batch("a", "b")))
                .isEqualTo(new Appended(Errors.NONE, null, 0, 1, -1, 0));
        assertThat(append(log, compressed(CompressionType.ZSTD, "c")).baseOffset()).isEqualTo(2);
        assertThat(log.durableEnd()).isEqualTo(3).isEqualTo(log.endOffset());
        assertThat(moved).containsExactly(2L, 3L);
        assertThat(read(log, Isolation.UNCOMMITTED)).containsExactly("a", "b", "c");
        assertThat(log.endOffsetForEpoch(0)).isEqualTo(new EpochEnd(0, 3));
        assertThat(log.read(3, 100, true, Isolation.UNCOMMITTED).records().sizeInBytes()).isZero();
        assertThatThrownBy(() -> log.read(4, 100, true, Isolation.UNCOMMITTED))
                .isInstanceOf(OffsetOutOfRangeException.class);
    }

    @Test
    void nothingKeepsTheFilesOfADeletedLog() {
        PartitionLog log = hot.open(ORDERS, config());
        append(log, batch("a"));
        var files = ((OwnedLog) log).life.openFiles();
        hot.delete(ORDERS);
        assertThat(((OwnedLog) log).life.openFiles()).isNull();
        assertThat(files.producerExpireCheck().isCancelled()).isTrue(); // the scheduler had it
        assertThat(hot.openLogs()).isZero();
    }

    @Test
    void manyConcurrentAppendsOfAllPartitionsKeepTheirOrder() {
        List<PartitionLog> logs = new ArrayList<>();
        for (int p = 0; p < 8; p++) {
            logs.add(hot.open(partition("many", p), config("internal.segment.bytes", 100_000)));
        }
        var futures = new ArrayList<CompletableFuture<Appended>>();
        for (int i = 0; i < 200; i++) {
            for (PartitionLog log : logs) {
                futures.add(
                        log.append(
                                idempotent(7, 0, i, "value-" + i + "x".repeat(2000)),
                                3,
                                ProduceCheck.RECORDS));
            }
        }
        futures.forEach(f -> assertThat(f.join().error()).isEqualTo(Errors.NONE));
        for (PartitionLog log : logs) {
            assertThat(log.endOffset()).isEqualTo(200);
            assertThat(read(log, Isolation.UNCOMMITTED))
                    .hasSize(200)
                    .element(150)
                    .asString()
                    .startsWith("value-150");
        }
        reopen();
        for (PartitionLog log : logs) {
            PartitionLog again =
                    hot.open(log.partition(), config("internal.segment.bytes", 100_000));
            assertThat(again.endOffset()).isEqualTo(200);
            assertThat(read(again, Isolation.UNCOMMITTED)).hasSize(200);
        }
    }

    @Test
    void withTwoGroupsInFlightDurableEndsMoveInOrderAndAnswersComeAfterThem() { // L3
        int partitions = 3;
        int each = 60;
        var pad = "x".repeat(30_000); // a group is larger than what the log thread writes itself
        var logs = new ArrayList<PartitionLog>();
        var ends = new ArrayList<List<Long>>();
        var answers = new ArrayList<CompletableFuture<Void>>();
        for (int p = 0; p < partitions; p++) {
            PartitionLog log = hot.open(partition("busy", p), config("segment.bytes", 1 << 20));
            List<Long> moved = Collections.synchronizedList(new ArrayList<>());
            log.onHighWatermark(moved::add);
            logs.add(log);
            ends.add(moved);
        }
        for (int i = 0; i < each; i++) {
            for (int p = 0; p < partitions; p++) {
                PartitionLog log = logs.get(p);
                long offset = i;
                answers.add(
                        log.append(idempotent(p, 0, i, i + pad), 0, ProduceCheck.RECORDS)
                                .thenAccept(
                                        done -> {
                                            assertThat(done.baseOffset()).isEqualTo(offset);
                                            assertThat(log.durableEnd()).isGreaterThan(offset);
                                        }));
            }
        }
        answers.forEach(CompletableFuture::join);
        for (int p = 0; p < partitions; p++) {
            assertThat(ends.get(p)).isSorted().doesNotHaveDuplicates().endsWith((long) each);
        }
        reopen();
        for (int p = 0; p < partitions; p++) {
            PartitionLog log = hot.open(logs.get(p).partition(), config());
            assertThat(read(log, Isolation.UNCOMMITTED)).hasSize(each);
            assertThat(append(log, idempotent(p, 0, each - 1, each - 1 + pad)).baseOffset())
                    .isEqualTo(each - 1);
        }
    }

    @Test
    void aBatchThatUnpacksWithoutEndIsRefusedAndTheLogGoesOn() { // L2, G7
        PartitionLog log = hot.open(ORDERS, config());
        log.becomeLeader(0);
        MemoryRecords oneHugeRecord = zeros(1, 70 << 20);
        MemoryRecords manyTinyRecords = zeros(950_000, 1);
        assertThat(append(log, oneHugeRecord).error()).isEqualTo(Errors.MESSAGE_TOO_LARGE);
        assertThat(append(log, manyTinyRecords).error()).isEqualTo(Errors.MESSAGE_TOO_LARGE);
        assertThat(append(log, batch("after")).baseOffset()).isZero();
    }

    @Test
    void aRecordThatUnpacksToMoreThanItsTopicAllowsIsRefused() { // D7
        PartitionLog log = hot.open(ORDERS, config("max.decompressed.message.bytes", 10_000));
        log.becomeLeader(0);
        Appended refused = append(log, zeros(1, 20_000));
        assertThat(refused.error()).isEqualTo(Errors.INVALID_RECORD);
        assertThat(refused.message()).contains("max.decompressed.message.bytes = 10000");
        assertThat(append(log, zeros(5, 9_000)).baseOffset()).isZero();
    }

    @Test
    void aLogThatUnpacksAnywayLooksInsideAlsoWithCheckBatch() { // L2, G7
        PartitionLog log = hot.open(ORDERS, config("compression.type", "gzip"));
        log.becomeLeader(0);
        var refused = log.append(zeros(1, 70 << 20), 0, ProduceCheck.BATCH).join();
        assertThat(refused.error()).isEqualTo(Errors.MESSAGE_TOO_LARGE);
    }

    @Test
    void aBatchThatCannotBeWrittenAnewIsRefusedInWords() { // L2
        LogConfig config = config("compression.type", "zstd");
        // Past the checks: Kafka's builder refuses it.
        var outcome =
                new BatchRewriter()
                        .rewrite(
                                beforeTheEpoch(batch("a")),
                                ORDERS.topicPartition(),
                                config,
                                100,
                                1 << 20,
                                Time.SYSTEM,
                                CheckBudget.unlimited());
        assertThat(outcome)
                .isInstanceOfSatisfying(
                        BatchRewriter.Outcome.Refused.class,
                        refused -> {
                            assertThat(refused.problem().error())
                                    .isEqualTo(Errors.UNKNOWN_SERVER_ERROR);
                            assertThat(refused.problem().message()).contains("orders-0", "-5");
                        });
    }

    @Test
    void aBatchThatWasDamagedOnItsWayIsNotGivenANewCrc() { // L2
        for (LogConfig config :
                List.of(
                        config("message.timestamp.type", "LogAppendTime"),
                        config("compression.type", "zstd"),
                        config("cleanup.policy", "compact"))) {
            PartitionLog log = hot.open(partition("p" + damagedLogs++, 0), config);
            MemoryRecords damaged = keyed("k", "abcdef");
            damaged.buffer().put(damaged.sizeInBytes() - 2, (byte) 'z');
            assertThat(append(log, damaged).error()).isEqualTo(Errors.CORRUPT_MESSAGE);
            assertThat(append(log, keyed("k", "next")).baseOffset()).isZero();
        }
    }

    private int damagedLogs;

    @Test
    void theTimeAtWhichALogTakesARecordIsTheOneThatIsReadAndAnsweredAgain() throws Exception { // L3
        PartitionLog log =
                hot.open(
                        ORDERS,
                        config(
                                "message.timestamp.type",
                                "LogAppendTime",
                                "compression.type",
                                "lz4"));
        log.becomeLeader(0);
        long before = System.currentTimeMillis();
        Appended first = append(log, idempotent(7, 0, 0, "a", "b"));
        append(log, idempotent(7, 0, 2, "c"));
        Appended again = append(log, idempotent(7, 0, 0, "a", "b"));
        assertThat(again).isEqualTo(first);
        assertThat(first.logAppendTime()).isBetween(before, System.currentTimeMillis());
        var read = log.read(0, 1 << 20, true, Isolation.UNCOMMITTED);
        for (RecordBatch batch : Batches.copy(read.records()).batches()) {
            batch.ensureValid();
            assertThat(batch.timestampType()).isEqualTo(TimestampType.LOG_APPEND_TIME);
            assertThat(batch.compressionType()).isEqualTo(CompressionType.LZ4);
            assertThat(batch.maxTimestamp()).isGreaterThanOrEqualTo(first.logAppendTime());
        }
    }

    /// The batch with timestamps of -5, and a CRC that holds.
    private static MemoryRecords beforeTheEpoch(MemoryRecords batch) {
        int attributes = 21;
        int baseTimestamp = 27;
        int maxTimestamp = 35;
        ByteBuffer bytes = batch.buffer();
        bytes.putLong(baseTimestamp, -5).putLong(maxTimestamp, -5);
        var crc = new CRC32C();
        crc.update(bytes.slice(attributes, bytes.limit() - attributes));
        bytes.putInt(attributes - Integer.BYTES, (int) crc.getValue());
        return MemoryRecords.readableRecords(bytes);
    }

    /// Records of zeros in one zstd batch of at most 1 MiB.
    private static MemoryRecords zeros(int count, int bytes) {
        SimpleRecord[] records = new SimpleRecord[count];
        java.util.Arrays.fill(
                records, new SimpleRecord(System.currentTimeMillis(), null, new byte[bytes]));
        MemoryRecords packed =
                MemoryRecords.withRecords(
                        org.apache.kafka.common.compress.Compression.zstd().build(), records);
        assertThat(packed.sizeInBytes()).isLessThan(1 << 20);
        return packed;
    }

    @Test
    void afterAnOpenTheLastFiveBatchesOfAProducerAreKnownAcrossARoll() { // I13
        PartitionLog log = hot.open(ORDERS, config());
        for (int i = 0; i < 7; i++) {
            if (i == 5) {
                log.roll();
            }
            append(log, idempotent(9, 1, i, "value-" + i));
        }
        reopen();
        PartitionLog again = hot.open(ORDERS, config());
        for (int i = 2; i < 7; i++) {
            Appended same = append(again, idempotent(9, 1, i, "value-" + i));
            assertThat(same.error()).as("batch %d", i).isEqualTo(Errors.NONE);
            assertThat(same.baseOffset()).isEqualTo(i);
        }
        assertThat(append(again, idempotent(9, 1, 7, "value-7")).baseOffset()).isEqualTo(7);
    }

    @Test
    void duplicatesAnswerTheOriginalOffsetAndGapsAreRefused() { // L2, L3
        PartitionLog log = hot.open(ORDERS, config());
        append(log, batch("x"));
        assertThat(append(log, idempotent(9, 1, 0, "a", "b")).baseOffset()).isEqualTo(1);
        Appended again = append(log, idempotent(9, 1, 0, "a", "b"));
        assertThat(again.error()).isEqualTo(Errors.NONE);
        assertThat(again.baseOffset()).isEqualTo(1);
        assertThat(append(log, idempotent(9, 1, 3, "d")).error())
                .isEqualTo(Errors.OUT_OF_ORDER_SEQUENCE_NUMBER);
        assertThat(append(log, idempotent(9, 0, 2, "d")).error())
                .isEqualTo(Errors.INVALID_PRODUCER_EPOCH);
        assertThat(append(log, idempotent(9, 2, 1, "d")).error())
                .isEqualTo(Errors.OUT_OF_ORDER_SEQUENCE_NUMBER);
        assertThat(append(log, idempotent(9, 2, 0, "d")).baseOffset()).isEqualTo(3);
        assertThat(log.endOffset()).isEqualTo(4);
        reopen();
        log = hot.open(ORDERS, config());
        assertThat(append(log, idempotent(9, 2, 0, "d")).baseOffset()).isEqualTo(3);
        assertThat(log.producers()).hasSize(1);
    }

    @Test
    void ofBatchesThatWaitTogetherOnlyTheDamagedOnesAreRefused() { // L2
        PartitionLog log = hot.open(ORDERS, config());
        var answers = new ArrayList<CompletableFuture<Appended>>();
        var owned = (OwnedLog) log;
        owned.lock.lock(); // the log's thread waits with the first, and takes the others at once
        try {
            answers.add(log.append(batch("first"), 0, ProduceCheck.RECORDS));
            answers.add(log.append(idempotent(9, 0, 0, "a"), 0, ProduceCheck.RECORDS));
            answers.add(log.append(damaged(idempotent(9, 0, 1, "b")), 0, ProduceCheck.RECORDS));
            answers.add(log.append(idempotent(9, 0, 2, "c"), 0, ProduceCheck.RECORDS));
            answers.add(log.append(damaged(batch("d")), 0, ProduceCheck.BATCH));
            answers.add(log.append(batch("e"), 0, ProduceCheck.RECORDS));
            answers.add(log.append(idempotent(9, 0, 1, "b"), 0, ProduceCheck.RECORDS));
        } finally {
            owned.lock.unlock();
        }
        assertThat(answers)
                .extracting(answer -> answer.join().error())
                .containsExactly(
                        Errors.NONE,
                        Errors.NONE,
                        Errors.CORRUPT_MESSAGE,
                        Errors.OUT_OF_ORDER_SEQUENCE_NUMBER,
                        Errors.CORRUPT_MESSAGE,
                        Errors.NONE,
                        Errors.NONE);
        assertThat(read(log, Isolation.UNCOMMITTED)).containsExactly("first", "a", "e", "b");
        assertThat(append(log, idempotent(9, 0, 2, "c")).baseOffset()).isEqualTo(4);
        reopen();
        assertThat(read(hot.open(ORDERS, config()), Isolation.UNCOMMITTED))
                .containsExactly("first", "a", "e", "b", "c");
    }

    private static MemoryRecords damaged(MemoryRecords batch) {
        int last = batch.sizeInBytes() - 2;
        batch.buffer().put(last, (byte) (batch.buffer().get(last) + 1));
        return batch;
    }

    @Test
    void aDamagedBatchIsNoDuplicateAndNoLie() { // L2
        PartitionLog log = hot.open(ORDERS, config());
        append(log, idempotent(9, 0, 0, "a"));
        assertThat(append(log, damaged(idempotent(9, 0, 0, "a"))).error())
                .isEqualTo(Errors.CORRUPT_MESSAGE);
        MemoryRecords lies = batch("a");
        lies.buffer().putInt(57, 7); // its count
        assertThat(append(log, lies).error()).isEqualTo(Errors.CORRUPT_MESSAGE);
        assertThat(log.endOffset()).isEqualTo(1);
    }

    @Test
    void damagedOversizedAndLyingBatchesLeaveNoTrace() { // L2
        PartitionLog log = hot.open(ORDERS, config("max.message.bytes", 200));
        MemoryRecords damaged = batch("abc");
        damaged.buffer().put(damaged.sizeInBytes() - 2, (byte) 'z');
        assertThat(append(log, damaged).error()).isEqualTo(Errors.CORRUPT_MESSAGE);
        assertThat(append(log, batch("x".repeat(300))).error()).isEqualTo(Errors.MESSAGE_TOO_LARGE);
        assertThat(append(log, MemoryRecords.readableRecords(ByteBuffer.allocate(5))).error())
                .isEqualTo(Errors.CORRUPT_MESSAGE);
        assertThat(log.append(batch("a"), 5, ProduceCheck.RECORDS).join().ok()).isTrue();
        assertThat(log.append(batch("a"), 4, ProduceCheck.RECORDS).join().error())
                .isEqualTo(Errors.NOT_LEADER_OR_FOLLOWER);
        assertThat(append(log, Batches.transactional(0, 0, 4, 0, "t")).ok()).isFalse();
        assertThat(log.endOffset()).isEqualTo(1);
    }

    @Test
    void logAppendTimeAndCompactedTopicsAreJudgedAndWrittenAsKafkaDoes() {
        PartitionLog stamped = hot.open(ORDERS, config("message.timestamp.type", "LogAppendTime"));
        Appended appended = append(stamped, stamped(1000, "a"));
        assertThat(appended.logAppendTime()).isGreaterThan(1000);
        PartitionLog compacted =
                hot.open(partition("compacted", 0), config("cleanup.policy", "compact"));
        assertThat(append(compacted, batch("no key")).error()).isEqualTo(Errors.INVALID_RECORD);
        assertThat(append(compacted, keyed("k", "v")).baseOffset()).isZero();
        PartitionLog zipped = hot.open(partition("zipped", 0), config("compression.type", "lz4"));
        assertThat(append(zipped, batch("a".repeat(1000))).ok()).isTrue();
        assertThat(zipped.sizeBytes()).isLessThan(500);
        assertThat(read(zipped, Isolation.UNCOMMITTED)).containsExactly("a".repeat(1000));
    }

    @Test
    void coordinatorsAppendAtOnceAndTheHighWatermarkFollows() throws Exception {
        PartitionLog log =
                hot.open(partition("__consumer_offsets", 3), config("cleanup.policy", "compact"));
        var moved = new CompletableFuture<Long>();
        log.onHighWatermark(
                end -> {
                    if (end == 20) {
                        moved.complete(end);
                    }
                });
        for (int i = 0; i < 20; i++) {
            assertThat(log.appendNow(keyed("k" + i % 3, "v" + i), 0)).isEqualTo(i + 1);
        }
        assertThat(moved.get(10, java.util.concurrent.TimeUnit.SECONDS)).isEqualTo(20);
        assertThat(read(log, Isolation.LOG_END)).hasSize(20);
    }

    @Test
    void anInterruptedVirtualThreadHarmsNeitherLogNorDisk() throws Exception { // R20
        PartitionLog log = hot.open(ORDERS, config());
        append(log, batch("a"));
        hot.housekeep(); // idle: its files are closed
        assertThat(hot.openLogs()).isZero();
        Thread offload =
                Thread.ofVirtual()
                        .start(
                                () -> {
                                    Thread.currentThread().interrupt();
                                    log.read(0, 100, true, Isolation.UNCOMMITTED);
                                    log.applyRetention(System.currentTimeMillis());
                                    log.roll();
                                });
        offload.join();
        assertThat(hot.isOffline()).isFalse();
        assertThat(append(log, batch("b")).baseOffset()).isEqualTo(1);
        assertThat(read(log, Isolation.UNCOMMITTED)).containsExactly("a", "b");
    }

    @Test
    void idleLogsRollCloseAndOpenAgain() { // L9
        PartitionLog log = hot.open(ORDERS, config());
        append(log, batch("a", "b"));
        assertThat(log.active()).isPresent();
        hot.housekeep();
        assertThat(hot.openLogs()).isZero();
        assertThat(log.endOffset()).isEqualTo(2);
        assertThat(log.sizeBytes()).isPositive();
        assertThat(log.closed()).singleElement().satisfies(s -> assertThat(s.end()).isEqualTo(2));
        assertThat(log.active()).isEmpty();
        assertThat(append(log, batch("c")).baseOffset()).isEqualTo(2);
        assertThat(read(log, Isolation.UNCOMMITTED)).containsExactly("a", "b", "c");
    }

    @Test
    void startUpDoesNotOpenLogs() {
        append(hot.open(ORDERS, config()), batch("a"));
        reopen();
        assertThat(hot.known()).containsExactly(ORDERS);
        PartitionLog log = hot.open(ORDERS, config());
        assertThat(log.endOffset()).isEqualTo(1);
        assertThat(hot.openLogs()).isZero();
        assertThat(read(log, Isolation.COMMITTED)).containsExactly("a");
        assertThat(hot.openLogs()).isEqualTo(1);
    }

    @Test
    void closedSegmentsAreListedOnlyWhenFlushed() {
        PartitionLog log = hot.open(ORDERS, config());
        append(log, stamped(5000, "a", "b"));
        assertThat(log.closed()).isEmpty();
        log.roll();
        append(log, batch("c"));
        assertThat(log.closed())
                .singleElement()
                .satisfies(
                        s -> {
                            assertThat(s.base()).isZero();
                            assertThat(s.end()).isEqualTo(2);
                            assertThat(s.maxTimestamp()).isEqualTo(5000);
                        });
        assertThat(log.producerSnapshot(2)).isNotEmpty();
        assertThat(log.offsetForTimestamp(5000))
                .hasValueSatisfying(t -> assertThat(t.offset()).isZero());
        assertThat(log.maxTimestamp().offset()).isEqualTo(2);
    }

    @Test
    void timeRetentionDeletesAlsoInIdleLogs() {
        PartitionLog log = hot.open(ORDERS, config("retention.ms", 60_000));
        append(log, stamped(1000, "old"));
        log.applyRetention(System.currentTimeMillis());
        assertThat(log.logStartOffset()).isEqualTo(1);
        append(log, batch("young"));
        hot.housekeep();
        assertThat(hot.openLogs()).isZero();
        log.applyRetention(System.currentTimeMillis());
        assertThat(hot.openLogs()).isZero();
        log.applyRetention(System.currentTimeMillis() + 120_000);
        assertThat(hot.openLogs()).isEqualTo(1);
    }

    @Test
    void sizeRetentionKeepsTheNewestSegments() {
        PartitionLog log =
                hot.open(ORDERS, config("retention.bytes", 3000, "segment.bytes", 1_048_576));
        for (int i = 0; i < 5; i++) {
            append(log, batch("x".repeat(1000)));
            log.roll();
        }
        log.applyRetention(System.currentTimeMillis());
        assertThat(log.logStartOffset()).isEqualTo(2);
        assertThat(read(log, Isolation.UNCOMMITTED)).hasSize(3);
    }

    @Test
    void localCopiesGoOnlyAfterTheyAreInTheTable() {
        var settings = config("remote.storage.enable", true, "local.retention.ms", 1);
        PartitionLog log = hot.open(ORDERS, settings);
        append(log, stamped(1000, "a"));
        log.roll();
        append(log, batch("b"));
        log.applyRetention(System.currentTimeMillis());
        assertThat(log.localLogStartOffset()).isZero();
        log.tieredUpTo(1);
        log.applyRetention(System.currentTimeMillis());
        assertThat(log.localLogStartOffset()).isEqualTo(1);
        assertThat(log.logStartOffset()).isZero();
        assertThatThrownBy(() -> log.read(0, 10, true, Isolation.UNCOMMITTED))
                .isInstanceOf(OffsetOutOfRangeException.class);
        reopen();
        PartitionLog again = hot.open(ORDERS, settings);
        assertThat(again.logStartOffset()).isZero();
        assertThat(again.localLogStartOffset()).isEqualTo(1);
        assertThat(read(again, Isolation.UNCOMMITTED)).containsExactly("b");
        assertThat(again.logStartOffset()).isZero();
        assertThat(again.localLogStartOffset()).isEqualTo(1);
    }

    @Test
    void onlyMarksAndRetentionMoveALogsStartAndNotAnOpeningWithoutItsTable() { // C2, L6
        var tiered = config("remote.storage.enable", true, "local.retention.ms", 1);
        var sized = config("retention.bytes", 1);
        PartitionLog log = hot.open(ORDERS, tiered);
        for (String value : List.of("a", "b", "c")) {
            append(log, stamped(1000, value));
            log.roll();
        }
        append(log, batch("d"));
        log.tieredUpTo(2);
        log.applyRetention(System.currentTimeMillis());
        for (int i = 0; i < 2; i++) {
            reopen();
            PartitionLog without = hot.open(ORDERS, config());
            assertThat(read(without, Isolation.UNCOMMITTED)).containsExactly("c", "d");
            assertThat(without.logStartOffset()).isEqualTo(2);
            if (i == 1) {
                reopen();
            }
            PartitionLog with = hot.open(ORDERS, tiered); // it has its table again
            assertThat(read(with, Isolation.UNCOMMITTED)).containsExactly("c", "d");
            assertThat(with.logStartOffset()).isZero();
            assertThat(with.localLogStartOffset()).isEqualTo(2);
        }
        reopen();
        PartitionLog without = hot.open(ORDERS, sized);
        without.applyRetention(System.currentTimeMillis());
        assertThat(without.logStartOffset()).isEqualTo(3);
        assertThat(hot.open(ORDERS, tiered).logStartOffset()).isEqualTo(3);
        reopen();
        assertThat(hot.open(ORDERS, tiered).logStartOffset()).isEqualTo(3);
    }

    @Test
    void compactionKeepsTheLastValueOfEachKey() {
        PartitionLog log =
                hot.open(
                        ORDERS,
                        config("cleanup.policy", "compact", "min.cleanable.dirty.ratio", 0.01));
        for (int i = 0; i < 30; i++) {
            append(log, keyed("k" + i % 3, "v" + i));
        }
        log.roll();
        append(log, keyed("other", "tail"));
        hot.housekeep();
        assertThat(read(log, Isolation.UNCOMMITTED)).containsExactly("v27", "v28", "v29", "tail");
        assertThat(log.endOffset()).isEqualTo(31);
    }

    @Test
    void aSecondOpenerIsRefused() { // L12
        assertThatThrownBy(() -> HotLog.open(settings()))
                .isInstanceOf(KafkaStorageException.class)
                .hasMessageContaining("another process");
    }

    @Test
    void aFullDiskAnswersARetriableErrorAndHarmsNothing() { // L13
        PartitionLog log = hot.open(ORDERS, config());
        append(log, batch("a"));
        hot.close();
        hot = HotLog.open(settings().withMinFreeBytes(Long.MAX_VALUE / 2));
        log = hot.open(ORDERS, config());
        assertThat(append(log, batch("b")).error()).isEqualTo(Errors.KAFKA_STORAGE_ERROR);
        reopen();
        log = hot.open(ORDERS, config());
        assertThat(append(log, batch("c")).baseOffset()).isEqualTo(1);
    }

    @Test
    void theInspectorPrintsBatches() throws Exception {
        PartitionLog log = hot.open(ORDERS, config());
        append(log, idempotent(4, 0, 0, "a", "b"));
        log.roll(); // the active segment may be in memory in part
        var bytes = new ByteArrayOutputStream();
        Path segment = dir.resolve("orders-0/00000000000000000000.log");
        assertThat(SegmentInspector.print(segment, new PrintStream(bytes))).isTrue();
        assertThat(bytes.toString()).contains("0..1").contains("4/0/0").contains("ok");
        byte[] damaged = Files.readAllBytes(segment);
        damaged[damaged.length - 1] ^= 1;
        Path copy = Files.write(dir.resolve("copy.log"), damaged);
        assertThat(SegmentInspector.print(copy, new PrintStream(bytes))).isFalse();
        assertThat(bytes.toString()).contains("WRONG");
    }
}
