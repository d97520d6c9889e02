package io.firn.tiering.cold.read;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.firn.objectstore.InMemoryObjectStore;
import io.firn.objectstore.ObjectKey;
import io.firn.tiering.cold.ColdSettings;
import io.firn.tiering.cold.ColdUnavailableException;
import io.firn.tiering.cold.FakeCatalog;
import io.firn.tiering.cold.FakeLog;
import io.firn.tiering.cold.Faults;
import io.firn.tiering.cold.FaultyStore;
import io.firn.tiering.cold.TieringMetrics;
import io.firn.tiering.cold.offload.OffloadSettings;
import io.firn.tiering.cold.offload.Offloader;
import io.firn.tiering.cold.offload.OffloaderTest;
import io.firn.tiering.table.Recompression;

import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.errors.OffsetOutOfRangeException;
import org.apache.kafka.common.record.internal.ControlRecordType;
import org.apache.kafka.common.record.internal.EndTransactionMarker;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.Record;
import org.apache.kafka.common.record.internal.RecordBatch;
import org.apache.kafka.common.record.internal.SimpleRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;

@Timeout(value = 60, unit = TimeUnit.SECONDS)
class ColdLogTest {
    static final UUID TOPIC = FakeLog.TOPIC.topicId();

    @TempDir Path dir;
    final FakeCatalog catalog = new FakeCatalog();
    final InMemoryObjectStore objects = new InMemoryObjectStore();
    final FakeLog log = new FakeLog();
    final FaultyStore store = new FaultyStore(objects, new Faults());
    ColdLog cold;

    @BeforeEach
    void open() {
        cold = coldLog(64 << 20, true);
    }

    @AfterEach
    void close() {
        cold.close();
    }

    ColdLog coldLog(long cacheBytes, boolean readAhead) {
        return new ColdLog(
                catalog.client(new Faults()),
                store,
                new ColdSettings(cacheBytes, 3, 2, 100, readAhead, Recompression.NONE));
    }

    /// Brings everything that is closed into the table, one file a segment.
    void offload() throws Exception {
        var s = OffloaderTest.settings(dir);
        var oneByOne =
                new OffloadSettings(
                        s.spool(),
                        s.memory(),
                        1,
                        1,
                        s.tick(),
                        s.attemptDeadline(),
                        s.wakeAfter(),
                        s.backoff(),
                        s.maxBackoff(),
                        s.retention());
        long end = log.closed.getLast().end();
        int epoch = log.epochs.lastEntry().getValue();
        try (var offloader =
                new Offloader(catalog.client(new Faults()), store, oneByOne, TieringMetrics.NONE)) {
            offloader.lead(log.lead(epoch, new Faults()));
            OffloaderTest.await("offload", () -> catalog.partition(TOPIC, 0).coldEnd == end);
        }
    }

    ColdRead read(long offset, int maxBytes) {
        return cold.read(FakeLog.TOPIC, 0, offset, maxBytes).join();
    }

    /// Every value from `offset` on, by reads that each begin where the one before ended.
    List<String> replay(long offset, int maxBytes) {
        var values = new ArrayList<String>();
        long next = offset;
        long end = cold.range(TOPIC, 0).coldEnd();
        while (next < end) {
            ColdRead read = read(next, maxBytes);
            assertThat(read.nextOffset()).as("progress from %d", next).isGreaterThan(next);
            for (RecordBatch batch : read.records().batches()) {
                batch.ensureValid();
                for (Record record : batch) {
                    if (record.offset() >= next && !batch.isControlBatch()) {
                        assertThat(record.offset()).isLessThan(read.nextOffset());
                        values.add(StandardCharsets.UTF_8.decode(record.value()).toString());
                    }
                }
            }
            next = read.nextOffset();
            read.done().run();
        }
        return values;
    }

    List<String> expected(int from) {
        return log.values.subList(from, log.values.size()).stream().filter(v -> v != null).toList();
    }

    @Test
    void aReplayFromAnyOffsetAndOfAnySizeHasEveryRecordOnceInOrder() throws Exception {
        log.segment(4, 10);
        log.segment(3, 7);
        log.segment(5, 20);
        offload();
        for (int from : new int[] {0, 1, 9, 10, 39, 40, 41, 100, 160}) {
            assertThat(replay(from, 1)).isEqualTo(expected(from));
            assertThat(replay(from, 700)).isEqualTo(expected(from));
            assertThat(replay(from, 1 << 20)).isEqualTo(expected(from));
        }
    }

    @Test
    void aReadBeginsWithTheBatchThatHasTheOffsetAndHasAtLeastOne() throws Exception {
        log.segment(4, 10);
        offload();
        ColdRead read = read(15, 1);
        RecordBatch batch = read.records().batches().iterator().next();
        assertThat(batch.baseOffset()).isEqualTo(10);
        assertThat(read.nextOffset()).isEqualTo(20);
        assertThat(read.coldEnd()).isEqualTo(40);
    }

    @Test
    void readsInsideTheBudgetStayBelowMaxBytes() throws Exception {
        log.segment(10, 10);
        log.segment(10, 10);
        offload();
        int one = read(0, 1).records().sizeInBytes();
        for (int max = one; max < 12 * one; max += one / 2) {
            assertThat(read(0, max).records().sizeInBytes()).isLessThanOrEqualTo(max);
        }
    }

    @Test
    void gapsAreSteppedOver() throws Exception { // compacted or erased rows
        log.append(5, Compression.NONE);
        log.skip(5);
        log.append(5, Compression.NONE);
        log.skip(5);
        log.roll();
        log.segment(1, 5);
        offload();
        assertThat(replay(0, 1)).isEqualTo(expected(0));
        assertThat(replay(7, 1)).isEqualTo(expected(7));
        assertThat(replay(17, 1 << 20)).isEqualTo(expected(17));
    }

    @Test
    void atTheColdEndTheHotLogIsNext() throws Exception {
        log.segment(1, 5);
        offload();
        ColdRead read = read(5, 100);
        assertThat(read.records().sizeInBytes()).isZero();
        assertThat(read.nextOffset()).isEqualTo(5);
        assertThat(read.coldEnd()).isEqualTo(5);
    }

    @Test
    void anOffsetBeforeTheLogStartIsOutOfRange() throws Exception {
        log.segment(1, 5);
        log.segment(1, 5);
        offload();
        catalog.client(new Faults()).advanceLogStart(TOPIC, 0, 5, false);
        assertThatThrownBy(() -> read(2, 100)).hasCauseInstanceOf(OffsetOutOfRangeException.class);
    }

    @Test
    void transactionsComeBackWithTheirMarkersAndTheAbortedOnesAreNamed() throws Exception {
        log.append(3, Compression.NONE);
        log.add(transaction(3, 7, "a"));
        log.add(
                MemoryRecords.withEndTransactionMarker(
                        5,
                        1L,
                        1,
                        7L,
                        (short) 0,
                        new EndTransactionMarker(ControlRecordType.ABORT, 1)));
        log.add(transaction(6, 8, "c"));
        log.add(
                MemoryRecords.withEndTransactionMarker(
                        8,
                        1L,
                        1,
                        8L,
                        (short) 0,
                        new EndTransactionMarker(ControlRecordType.COMMIT, 1)));
        log.aborted =
                "[{\"producerId\":7,\"firstOffset\":3,\"lastOffset\":5,\"lastStableOffset\":6}]";
        log.roll();
        offload();

        ColdRead read = read(0, 1 << 20);
        assertThat(read.aborted()).containsExactly(new ColdRead.AbortedRange(7, 3, 5));
        var batches = new ArrayList<RecordBatch>();
        read.records().batches().forEach(batches::add);
        assertThat(batches)
                .extracting(RecordBatch::isControlBatch)
                .containsExactly(false, false, true, false, true);
        assertThat(batches)
                .extracting(RecordBatch::isTransactional)
                .containsExactly(false, true, true, true, true);
        assertThat(batches)
                .extracting(RecordBatch::producerId)
                .containsExactly(-1L, 7L, 7L, 8L, 8L);
        assertThat(read(6, 1 << 20).aborted()).isEmpty();
    }

    private MemoryRecords transaction(long offset, long producer, String value) {
        var record = new SimpleRecord(1_000_000, null, value.getBytes(StandardCharsets.UTF_8));
        return MemoryRecords.withTransactionalRecords(
                offset, Compression.NONE, producer, (short) 0, 0, 1, record, record);
    }

    @Test
    void aTimestampFindsTheFirstRecordAtOrAfterIt() throws Exception { // C9
        log.segment(3, 10);
        log.segment(3, 10);
        offload();
        assertThat(cold.offsetForTimestamp(TOPIC, 0, 0, 0).join().orElseThrow().offset()).isZero();
        assertThat(cold.offsetForTimestamp(TOPIC, 0, 1_033_500, 0).join().orElseThrow())
                .isEqualTo(new ColdTimestamp(1_034_000, 34, 1));
        assertThat(cold.offsetForTimestamp(TOPIC, 0, 2_000_000, 0).join()).isEmpty();
        assertThat(cold.maxTimestamp(TOPIC, 0, 0, Long.MAX_VALUE).join().orElseThrow().offset())
                .isEqualTo(59);
    }

    @Test
    void aTimestampNeverFindsWhatIsDeletedButNotYetInTheCatalog() throws Exception { // C9
        log.segment(3, 10);
        offload();
        assertThat(cold.offsetForTimestamp(TOPIC, 0, 0, 17).join().orElseThrow().offset())
                .isEqualTo(17);
        assertThat(cold.maxTimestamp(TOPIC, 0, 17, 25).join().orElseThrow().offset()).isEqualTo(24);
        assertThat(cold.maxTimestamp(TOPIC, 0, 30, 40).join()).isEmpty();
    }

    @Test
    void theNewestRecordIsFoundWhereAMarkerIsNewer() throws Exception { // C9
        log.segment(2, 10);
        log.append(3, Compression.NONE);
        log.add(transaction(23, 7, "a"));
        log.add(
                MemoryRecords.withEndTransactionMarker(
                        25,
                        2_000_000L,
                        1,
                        7L,
                        (short) 0,
                        new EndTransactionMarker(ControlRecordType.COMMIT, 1)));
        log.roll();
        offload();
        assertThat(cold.maxTimestamp(TOPIC, 0, 0, Long.MAX_VALUE).join().orElseThrow())
                .isEqualTo(new ColdTimestamp(1_022_000, 22, 1));
        assertThat(cold.maxTimestamp(TOPIC, 0, 0, 22).join().orElseThrow().offset()).isEqualTo(21);
        assertThat(cold.maxTimestamp(TOPIC, 0, 23, 99).join().orElseThrow())
                .isEqualTo(new ColdTimestamp(1_000_000, 23, 1));
    }

    @Test
    void aHoleInTheIndexIsNotReadPastInSilence() throws Exception { // C4
        log.segment(1, 10);
        log.segment(1, 10);
        log.segment(1, 10);
        offload();
        catalog.in(FakeCatalog.State.COMMITTED).get(1).state = FakeCatalog.State.ABANDONED;
        catalog.partition(TOPIC, 0).generation++;
        assertThat(read(3, 1 << 20).nextOffset()).isEqualTo(10);
        assertThatThrownBy(() -> read(10, 100))
                .hasCauseInstanceOf(ColdUnavailableException.class)
                .hasMessageContaining("nothing of [10, 20)");
        assertThat(read(20, 1 << 20).nextOffset()).isEqualTo(30);

        catalog.client(new Faults()).advanceLogStart(TOPIC, 0, 20, false); // given up
        cold.refresh(TOPIC, 0);
        assertThatThrownBy(() -> read(10, 100)).hasCauseInstanceOf(OffsetOutOfRangeException.class);
    }

    @Test
    void leaderEpochsEndWhereTheNextBegins() throws Exception { // C8, C9, R5
        log.segment(1, 10);
        log.epochs.put(10L, 3);
        log.segment(1, 10);
        log.epochs.put(20L, 5);
        log.segment(1, 10);
        offload();
        assertThat(cold.endOfEpoch(TOPIC, 0, 0).join()).isEmpty();
        assertThat(cold.endOfEpoch(TOPIC, 0, 1).join()).contains(new ColdEpochEnd(1, 10, false));
        assertThat(cold.endOfEpoch(TOPIC, 0, 4).join()).contains(new ColdEpochEnd(3, 20, false));
        assertThat(cold.endOfEpoch(TOPIC, 0, 9).join()).contains(new ColdEpochEnd(5, 30, true));
    }

    @Test
    void whatIsKnownIsServedWhileTheCatalogIsAwayAndTheRestIsRetriable() throws Exception { // C11
        log.segment(2, 10);
        offload();
        assertThat(replay(0, 1 << 20)).hasSize(20);
        catalog.away = true;
        assertThat(replay(0, 1 << 20)).hasSize(20);
        assertThat(cold.range(TOPIC, 0).coldEnd()).isEqualTo(20);
        assertThatThrownBy(() -> read(20, 100)).hasCauseInstanceOf(ColdUnavailableException.class);
        assertThatThrownBy(() -> cold.range(UUID.randomUUID(), 0))
                .isInstanceOf(ColdUnavailableException.class);
    }

    @Test
    void whileTheStoreIsAwayCachedGroupsServeAndTheRestIsRetriable() throws Exception {
        log.segment(2, 10);
        log.segment(2, 10);
        offload();
        cold.close();
        cold = coldLog(64 << 20, false);
        read(0, 1);
        store.away = true;
        assertThat(read(5, 1).nextOffset()).isEqualTo(10);
        assertThatThrownBy(() -> read(25, 1)).hasCauseInstanceOf(ColdUnavailableException.class);
        store.away = false;
        assertThat(read(25, 1).nextOffset()).isEqualTo(30);
    }

    @Test
    void aMovedObjectIsLookedUpAgainAndAMissingOneIsNeverOutOfRange() throws Exception { // C5
        log.segment(1, 10);
        offload();
        assertThat(cold.range(TOPIC, 0).coldEnd()).isEqualTo(10);
        var committed = catalog.in(FakeCatalog.State.COMMITTED).getFirst();
        String old = committed.file.path();
        byte[] bytes = objects.read(ObjectKey.ofAddress(old));
        objects.putIfAbsent(ObjectKey.ofAddress(old + "-rewritten"), bytes);
        objects.delete(ObjectKey.ofAddress(old));
        committed.file =
                new io.firn.catalog.client.FileRow(
                        committed.file.fileId(),
                        old + "-rewritten",
                        committed.file.size(),
                        committed.file.checksum(),
                        committed.file.icebergDataFileJson());
        catalog.partition(TOPIC, 0).generation++;

        assertThat(replay(0, 1 << 20)).hasSize(10);

        objects.delete(ObjectKey.ofAddress(old + "-rewritten"));
        try (var fresh = coldLog(1 << 20, false)) {
            assertThatThrownBy(() -> fresh.read(FakeLog.TOPIC, 0, 0, 100).join())
                    .hasCauseInstanceOf(ColdUnavailableException.class)
                    .hasMessageContaining("missing");
        }
    }

    @Test
    void readersOfOneGroupShareOneGet() throws Exception {
        log.segment(3, 10);
        offload();
        store.rangedGets.set(0);
        store.slowMillis = 50;
        var reads = new ArrayList<CompletableFuture<ColdRead>>();
        for (int i = 0; i < 20; i++) {
            reads.add(cold.read(FakeLog.TOPIC, 0, i, 1 << 20));
        }
        reads.forEach(CompletableFuture::join);
        assertThat(store.rangedGets.get()).isEqualTo(1);
    }

    @Test
    void theCacheStaysWithinItsBudget() throws Exception {
        for (int i = 0; i < 6; i++) {
            log.segment(2, 50);
        }
        offload();
        cold.close();
        cold = coldLog(10_000, false);
        assertThat(replay(0, 1)).hasSize(600);
        assertThat(cold.cachedBytes()).isBetween(1L, 10_000L);
    }

    @Test
    void memoryOfAnAnswerIsUsedAgainOnceItIsDone() throws Exception {
        for (int i = 0; i < 3; i++) {
            log.append(1, Compression.NONE, "x".repeat(900 << 10));
            log.roll();
        }
        offload();

        ColdRead first = read(0, 1);
        byte[] memory = first.records().buffer().array();
        assertThat(read(1, 1).records().buffer().array()).isNotSameAs(memory);
        assertThat(replay(0, 1)).isEqualTo(expected(0));
        RecordBatch kept = first.records().batches().iterator().next();
        kept.ensureValid();
        assertThat(kept.baseOffset()).isZero();

        first.done().run();
        assertThat(read(2, 1).records().buffer().array()).isSameAs(memory);
    }

    @Test
    void whoWaitsForTheStoreLeavesTheDecoderToOthers() throws Exception {
        log.segment(1, 10);
        log.segment(1, 10);
        offload();
        store.meeting = new CyclicBarrier(2); // neither gets on before the other is there, too
        try (var narrow =
                new ColdLog(
                        catalog.client(new Faults()),
                        store,
                        new ColdSettings(1 << 20, 2, 1, 10, false, Recompression.NONE))) {
            var first = narrow.read(FakeLog.TOPIC, 0, 0, 1);
            var second = narrow.read(FakeLog.TOPIC, 0, 10, 1);
            assertThat(first.join().nextOffset()).isEqualTo(10);
            assertThat(second.join().nextOffset()).isEqualTo(20);
        }
    }

    @Test
    void tooManyWaitingReadsAreRefusedForNow() throws Exception {
        log.segment(1, 10);
        offload();
        store.slowMillis = 300;
        try (var narrow =
                new ColdLog(
                        catalog.client(new Faults()),
                        store,
                        new ColdSettings(1 << 20, 1, 1, 1, false, Recompression.NONE))) {
            var first = narrow.read(FakeLog.TOPIC, 0, 0, 1);
            assertThatThrownBy(() -> narrow.read(FakeLog.TOPIC, 0, 0, 1).join())
                    .hasCauseInstanceOf(ColdUnavailableException.class);
            assertThat(first.join().nextOffset()).isEqualTo(10);
        }
    }
}
