package io.firn.tiering.cold.offload;

import static org.assertj.core.api.Assertions.assertThat;

import io.firn.catalog.client.ColdSegment;
import io.firn.catalog.client.SchemaText;
import io.firn.catalog.client.TopicRef;
import io.firn.objectstore.InMemoryObjectStore;
import io.firn.objectstore.ObjectKey;
import io.firn.tiering.cold.FakeCatalog;
import io.firn.tiering.cold.FakeLog;
import io.firn.tiering.cold.Faults;
import io.firn.tiering.cold.FaultyStore;
import io.firn.tiering.cold.TieringMetrics;
import io.firn.tiering.cold.source.OffloadPolicy;
import io.firn.tiering.table.batch.ContentDigest;
import io.firn.tiering.table.file.Flaw;

import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.RecordBatch;
import org.apache.kafka.common.record.internal.SimpleRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;

@Timeout(value = 60, unit = TimeUnit.SECONDS)
public class OffloaderTest {
    @TempDir Path dir;
    final FakeCatalog catalog = new FakeCatalog();
    final InMemoryObjectStore objects = new InMemoryObjectStore();
    final FakeLog log = new FakeLog();

    public static OffloadSettings settings(Path dir) {
        return new OffloadSettings(
                dir.resolve("spool"),
                dir.resolve("memory"),
                2,
                1 << 20,
                Duration.ofMillis(2),
                Duration.ofSeconds(20),
                Duration.ofMillis(200),
                Duration.ofMillis(2),
                Duration.ofMillis(20),
                Duration.ofMillis(10));
    }

    record Broker(Faults faults, FaultyStore store, Offloader offloader) implements AutoCloseable {
        @Override
        public void close() {
            offloader.close();
        }
    }

    Broker broker(int epoch) {
        return broker(epoch, new Faults());
    }

    Broker broker(int epoch, Faults faults) {
        var store = new FaultyStore(objects, faults);
        var offloader =
                new Offloader(catalog.client(faults), store, settings(dir), TieringMetrics.NONE);
        offloader.lead(log.lead(epoch, faults));
        return new Broker(faults, store, offloader);
    }

    public static void await(String what, BooleanSupplier condition) throws InterruptedException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(15);
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as(what).isLessThan(end);
            Thread.sleep(2);
        }
    }

    /// Each offset below `end` is committed exactly once, and each committed object is there.
    void assertWhole(long end) {
        long next = 0;
        for (var s : catalog.state(FakeLog.TOPIC.topicId(), 0).segments()) {
            assertThat(s.start()).isEqualTo(next);
            next = s.end();
            for (var e : s.extents()) {
                assertThat(objects.head(ObjectKey.ofAddress(e.path())).orElseThrow().size())
                        .isEqualTo(e.size());
            }
        }
        assertThat(next).isEqualTo(end);
    }

    @Test
    void closedSegmentsBelowTheLimitGoToTheTableAndTheLogIsTold() throws Exception { // C1, C4
        log.segment(3, 10);
        log.segment(3, 10);
        log.limit = 45; // inside the second segment: it stays
        try (var b = broker(1)) {
            await("first segment", () -> log.tiered == 30);
            Thread.sleep(50);
            assertThat(log.tiered).isEqualTo(30);
            log.limit = Long.MAX_VALUE;
            await("second segment", () -> log.tiered == 60);
        }
        assertWhole(60);
        assertThat(catalog.in(FakeCatalog.State.COMMITTED))
                .allMatch(s -> s.row.contentDigest().length > 0);
        try (var spooled = Files.list(dir.resolve("spool"))) {
            assertThat(spooled).isEmpty();
        }
        assertThat(log.readByVirtualThread).as("encoding holds a carrier").isFalse();
    }

    @Test
    void aPartitionWithLittleTrafficIsInTheTableWithinItsFreshness() throws Exception {
        log.policy = OffloadPolicy.keepForEver(Duration.ofMillis(1_500));
        try (var b = broker(1)) {
            await("fence", () -> catalog.partition(FakeLog.TOPIC.topicId(), 0).epoch == 1);
            long begin = System.nanoTime();
            log.append(5, Compression.NONE);
            await("commit", () -> log.tiered == 5);
            assertThat(Duration.ofNanos(System.nanoTime() - begin))
                    .isLessThan(Duration.ofMillis(1_500));
        }
    }

    @Test
    void aBrokerKilledBetweenAnyTwoStepsLosesAndDoublesNothing()
            throws Exception { // C2, C3, FORMAT §6.1
        int moment = 1;
        boolean died = true;
        for (; died; moment++) {
            var test = new OffloaderTest();
            test.dir = Files.createDirectory(dir.resolve("run" + moment));
            test.log.segment(2, 5);
            test.log.segment(2, 5);
            died = test.killAt(moment);
        }
        assertThat(moment).isGreaterThan(15); // it did meet all of the steps
    }

    private boolean killAt(int moment) throws Exception {
        var faults = new Faults();
        faults.dieAt = moment;
        boolean died;
        try (var first = broker(1, faults)) {
            await("death or success at " + moment, () -> faults.dead || log.tiered == 20);
            died = faults.dead;
        }
        try (var second =
                broker(moment % 2 == 0 ? 1 : 2)) { // the epoch may be the same or a new one
            await("recovery after death " + faults.diedAt, () -> log.tiered == 20);
        }
        assertWhole(20);
        return died;
    }

    @Test
    void whileTheCatalogIsAwayNothingHappensAndAfterwardsEverything() throws Exception { // C11
        catalog.away = true;
        log.segment(2, 5);
        try (var b = broker(1)) {
            Thread.sleep(60);
            assertThat(log.tiered).isZero();
            catalog.away = false;
            await("catalog is back", () -> log.tiered == 10);
            catalog.away = true;
            log.segment(2, 5);
            Thread.sleep(60);
            catalog.away = false;
            await("catalog is back again", () -> log.tiered == 20);
        }
        assertWhole(20);
    }

    @Test
    void whileTheStoreIsAwayTheUploadWaits() throws Exception { // C10, C11
        try (var b = broker(1)) {
            b.store().away = true;
            log.segment(2, 5);
            Thread.sleep(100);
            assertThat(log.tiered).isZero();
            b.store().away = false;
            await("store is back", () -> log.tiered == 10);
        }
        assertWhole(10);
    }

    @Test
    void anOldLeaderNeverCommits() throws Exception { // C7
        log.segment(2, 5);
        catalog.committing = false;
        try (var old = broker(1)) {
            await("old leader uploaded", () -> !catalog.in(FakeCatalog.State.UPLOADED).isEmpty());
            var epoch1 = catalog.in(FakeCatalog.State.UPLOADED).getFirst();
            try (var now = broker(2)) {
                await("fence", () -> catalog.partition(FakeLog.TOPIC.topicId(), 0).epoch == 2);
                catalog.committing = true;
                await("new leader", () -> log.tiered == 10);
                assertThat(epoch1.state).isEqualTo(FakeCatalog.State.ABANDONED);
            }
        }
        assertWhole(10);
        assertThat(catalog.in(FakeCatalog.State.COMMITTED)).allMatch(s -> s.row.leaderEpoch() == 2);
    }

    /// As after an older raft/ was put back: nobody takes the partition away.
    @Test
    void aLeaderOfAnOlderEpochThatKeepsThePartitionCountsAsStuck() throws Exception { // C2, C10
        log.segment(1, 10);
        catalog.partition(FakeLog.TOPIC.topicId(), 0).epoch = 6;
        var stuck = new AtomicReference<>(false);
        try (var offloader = offloader(stuck)) {
            offloader.lead(log.lead(2, new Faults()));
            await("told", stuck::get);
            assertThat(log.tiered).isZero();
            catalog.partition(FakeLog.TOPIC.topicId(), 0).epoch = 2;
            await("goes on by itself", () -> log.tiered == 10 && !stuck.get());
            catalog.partition(FakeLog.TOPIC.topicId(), 0).epoch = 6;
            offloader.lead(log.lead(3, new Faults()));
            await("told again", stuck::get);
            offloader.resign(FakeLog.TOPIC.topicId(), 0);
            await("another leads", () -> !stuck.get());
        }
    }

    /// Whose partitions count as stuck is in `stuck`.
    private Offloader offloader(AtomicReference<Boolean> stuck) {
        return new Offloader(
                catalog.client(new Faults()),
                new FaultyStore(objects, new Faults()),
                settings(dir),
                new TieringMetrics() {
                    @Override
                    public void offloadStuck(TopicRef topic, int partition, boolean isStuck) {
                        stuck.set(isStuck);
                    }
                });
    }

    @Test
    void aLogThatEndsBelowItsTableIsOutOfUse() throws Exception { // C2
        log.segment(1, 10);
        catalog.partition(FakeLog.TOPIC.topicId(), 0).coldEnd = 15;
        var stuck = new AtomicReference<>(false);
        try (var offloader = offloader(stuck)) {
            offloader.lead(log.lead(2, new Faults()));
            await("told", stuck::get);
            await("out of use", () -> log.outOfUse.contains("ends at 10 and its table at 15"));
        }
    }

    @Test
    void noBatchThatLiesAcrossTheTablesEndGoesThere() throws Exception { // C2
        log.segment(1, 10);
        log.segment(1, 10);
        catalog.partition(FakeLog.TOPIC.topicId(), 0).coldEnd = 15;
        var stuck = new AtomicReference<>(false);
        try (var offloader = offloader(stuck)) {
            offloader.lead(log.lead(2, new Faults()));
            await("told", stuck::get);
            Thread.sleep(50);
            assertThat(stuck.get()).isTrue();
            assertThat(catalog.segments).isEmpty();
        }
    }

    @Test
    void anAttemptPastItsDeadlineIsAbandonedAndMadeAnew() throws Exception { // C6, C10
        catalog.committing = false;
        log.segment(1, 5);
        var faults = new Faults();
        var s = settings(dir);
        var quick =
                new OffloadSettings(
                        s.spool(),
                        s.memory(),
                        1,
                        s.maxRangeBytes(),
                        s.tick(),
                        Duration.ofMillis(300),
                        s.wakeAfter(),
                        s.backoff(),
                        s.maxBackoff(),
                        s.retention());
        try (var offloader =
                new Offloader(
                        catalog.client(faults),
                        new FaultyStore(objects, faults),
                        quick,
                        TieringMetrics.NONE)) {
            offloader.lead(log.lead(1, faults));
            await("abandoned", () -> !catalog.in(FakeCatalog.State.ABANDONED).isEmpty());
            catalog.committing = true;
            await("made anew", () -> log.tiered == 5);
        }
        assertWhole(5);
    }

    @Test
    void aLocalCopyStaysWhenItsObjectIsNotThere() throws Exception { // C4
        log.segment(1, 5);
        try (var b = broker(1)) {
            await("first", () -> log.tiered == 5);
        }
        String path = catalog.in(FakeCatalog.State.COMMITTED).getFirst().file.path();
        objects.delete(ObjectKey.ofAddress(path));
        log.tiered = 0;
        try (var b = broker(2)) {
            await("fence", () -> catalog.partition(FakeLog.TOPIC.topicId(), 0).epoch == 2);
            Thread.sleep(100);
            assertThat(log.tiered).isZero();
        }
    }

    @Test
    void aLocalCopyStaysWhenItsContentIsNotThatOfTheTable() throws Exception { // C4
        log.segment(1, 5);
        try (var b = broker(1)) {
            await("first range", () -> log.tiered == 5);
            log.segment(1, 5);
            await("second range", () -> log.tiered == 10);
        }
        Files.delete(dir.resolve("memory"));
        log.tiered = 0;
        FakeLog.Segment second = log.closed.remove(log.closed.size() - 1);
        log.end = second.start();
        log.activeStart = second.start();
        log.values.subList(5, 10).clear();
        log.append(5, Compression.NONE, "other");
        log.roll();
        try (var b = broker(1)) {
            await("the first is as it was", () -> log.tiered == 5);
            Thread.sleep(100);
            assertThat(log.tiered).isEqualTo(5);
        }
    }

    /// C19, J17: what is not as clients write it, or too large for memory, comes into the table and
    /// back.
    @Test
    void oddAndLargeBatchesAreColdAndAreToldOf() throws Exception {
        log.segment(1, 5);
        log.add(
                MemoryRecords.withRecords(
                        RecordBatch.MAGIC_VALUE_V2,
                        log.end,
                        Compression.zstd().build(),
                        TimestampType.CREATE_TIME,
                        -1,
                        (short) -1,
                        -1,
                        1,
                        false,
                        new SimpleRecord(Long.MAX_VALUE, new byte[40 << 20]),
                        new SimpleRecord(2, new byte[] {2})));
        log.append(5, Compression.NONE);
        log.roll();
        var flaws = new ConcurrentHashMap<Flaw, Long>();
        var faults = new Faults();
        var metrics =
                new TieringMetrics() {
                    @Override
                    public void flawed(Flaw flaw, long count) {
                        flaws.merge(flaw, count, Long::sum);
                    }
                };
        try (var offloader =
                new Offloader(
                        catalog.client(faults),
                        new FaultyStore(objects, faults),
                        settings(dir),
                        metrics)) {
            offloader.lead(log.lead(1, faults));
            await("cold", () -> log.tiered == 12);
        }
        assertWhole(12);
        assertThat(flaws)
                .isEqualTo(Map.of(Flaw.LARGE_BATCH, 1L, Flaw.LARGE_CELL, 1L, Flaw.TIMESTAMP, 1L));
        Files.delete(dir.resolve("memory")); // all is compared with the rows again (C4)
        log.tiered = 0;
        log.closed.removeFirst();
        log.localStart = 5;
        try (var b = broker(1)) {
            await("proven", () -> log.tiered == 12);
        }
    }

    @Test
    void aLocalCopyOfAPartIsComparedWithTheRows() throws Exception { // C4
        log.segment(1, 5);
        log.segment(1, 5);
        try (var b = broker(1)) {
            await("one range of both", () -> log.tiered == 10);
        }
        assertThat(catalog.in(FakeCatalog.State.COMMITTED)).hasSize(1);
        Files.delete(dir.resolve("memory"));
        log.tiered = 0;
        log.closed.removeFirst(); // went before the restart
        log.localStart = 5;
        try (var b = broker(1)) {
            await("the rest is proven", () -> log.tiered == 10);
        }
    }

    @Test
    void aCatalogThatWentBackStopsAllDeletionsAlsoAfterARestart() throws Exception { // C16
        log.segment(1, 5);
        try (var b = broker(1)) {
            await("cold", () -> log.tiered == 5);
        }
        var old = catalog.partition(FakeLog.TOPIC.topicId(), 0).generation;
        var forgotten = catalog.in(FakeCatalog.State.COMMITTED).getFirst();
        forgotten.state = FakeCatalog.State.ABANDONED;
        catalog.partition(FakeLog.TOPIC.topicId(), 0).generation = old - 1;
        catalog.partition(FakeLog.TOPIC.topicId(), 0).coldEnd = 0;
        catalog.committing = false;
        log.tiered = 0;
        log.policy = new OffloadPolicy(Duration.ofSeconds(10), "", "", 1_000, -1, false);
        var held = new AtomicReference<Boolean>();
        var faults = new Faults();
        try (var offloader =
                new Offloader(
                        catalog.client(faults),
                        new FaultyStore(objects, faults),
                        settings(dir),
                        TieringMetrics.NONE,
                        (topic, partition, state) -> {},
                        held::set)) {
            offloader.lead(log.lead(2, faults));
            await("held", () -> Boolean.TRUE.equals(held.get()));
            Thread.sleep(100);
            assertThat(log.tiered).isZero();
            assertThat(log.logStart).isZero();
            catalog.committing = true; // what it forgot is still local and goes there again
            await("caught up", () -> Boolean.FALSE.equals(held.get()));
            await("told again", () -> log.tiered == 5);
        }
    }

    @Test
    void anUploadThatHangsForEverIsLeftBehindAndMadeAnew() throws Exception { // C10
        log.segment(1, 5);
        var s = settings(dir);
        var quick =
                new OffloadSettings(
                        s.spool(),
                        s.memory(),
                        1,
                        s.maxRangeBytes(),
                        s.tick(),
                        Duration.ofMillis(300),
                        Duration.ofMillis(50),
                        s.backoff(),
                        s.maxBackoff(),
                        s.retention());
        var faults = new Faults();
        var store = new FaultyStore(objects, faults);
        store.hangingPuts.set(1);
        try (var offloader =
                new Offloader(catalog.client(faults), store, quick, TieringMetrics.NONE)) {
            offloader.lead(log.lead(1, faults));
            await("made anew by another thread", () -> log.tiered == 5);
        } finally {
            store.hanging.countDown();
        }
        assertWhole(5);
    }

    @Test
    void aStoreThatIsAskedTooMuchGetsTheSegmentLater() throws Exception { // C10
        log.segment(1, 5);
        try (var b = broker(1)) {
            b.store().busyPuts.set(3);
            await("uploaded after all", () -> log.tiered == 5);
            assertThat(b.store().busyPuts.get()).isZero();
        }
        assertWhole(5);
    }

    @Test
    void retentionMovesTheLogStartBeforeRowsAreRetired() throws Exception { // FORMAT §6.3
        log.segment(1, 5);
        try (var b = broker(1)) {
            await("cold", () -> log.tiered == 5);
            log.segment(1, 5);
            await("cold", () -> log.tiered == 10);
            log.policy = new OffloadPolicy(Duration.ofSeconds(10), "", "", 1_000, -1, false);
            await("retired", () -> catalog.in(FakeCatalog.State.RETIRED).size() == 2);
            assertThat(log.logStart).isEqualTo(10);
            log.segment(1, 5);
            await("next range", () -> catalog.partition(FakeLog.TOPIC.topicId(), 0).coldEnd == 15);
        }
    }

    @Test
    void deletedRecordsAreSkippedByTheNextRange()
            throws Exception { // C2: start = max(cold_end, log_start)
        log.segment(1, 5);
        log.segment(1, 5);
        log.logStart = 5;
        try (var b = broker(1)) {
            await("cold", () -> log.tiered == 10);
        }
        assertThat(catalog.state(FakeLog.TOPIC.topicId(), 0).segments().getFirst().start())
                .isEqualTo(5);
    }

    @Test
    void aBatchThatHoldsTheLogStartGoesToTheTableWhole() throws Exception { // C17
        log.segment(2, 10);
        log.segment(1, 10);
        log.logStart = 14;
        try (var b = broker(1)) {
            await("cold", () -> log.tiered == 30);
        }
        ColdSegment first = catalog.state(FakeLog.TOPIC.topicId(), 0).segments().getFirst();
        assertThat(first.start()).isEqualTo(10);
        assertThat(first.row().contentDigest())
                .isEqualTo(digest(log.lead(1, new Faults()).batches(10, 30)));
    }

    private static byte[] digest(Iterable<ByteBuffer> batches) {
        var digest = new ContentDigest();
        batches.forEach(digest::update);
        return digest.digest();
    }

    @Test
    void whatTheLogHoldsAndNobodyReadIsNeverTakenForTiered() throws Exception { // C17, C4
        log.segment(3, 5);
        log.unread = 5;
        try (var b = broker(1)) {
            Thread.sleep(100);
            assertThat(catalog.in(FakeCatalog.State.COMMITTED)).isEmpty();
            assertThat(log.tiered).isZero();
            log.unread = -1;
            await("read after all", () -> log.tiered == 15);
        }
        Files.delete(dir.resolve("memory"));
        log.tiered = 0;
        log.unread = 5;
        try (var b = broker(1)) { // nor after a restart, which compares content anew
            Thread.sleep(100);
            assertThat(log.tiered).isZero();
        }
        assertWhole(15);
    }

    @Test
    void rowsBelowTheLogStartAreRetiredAlsoWhenItMovedBeforeARestart() throws Exception { // C17
        log.segment(1, 5);
        try (var b = broker(1)) {
            await("cold", () -> log.tiered == 5);
            log.segment(1, 5);
            await("cold", () -> log.tiered == 10);
        }
        log.logStart = 5;
        var faults = new Faults();
        faults.dieAt = 2; // the fence is raised, nothing is retired yet
        try (var b = broker(2, faults)) {
            await("death", () -> faults.dead);
        }
        assertThat(faults.diedAt).isEqualTo("after fence");
        assertThat(catalog.partition(FakeLog.TOPIC.topicId(), 0).logStart).isEqualTo(5);
        try (var b = broker(2)) {
            await("retired", () -> catalog.in(FakeCatalog.State.RETIRED).size() == 1);
        }
    }

    @Test
    void aRangeThatIsDeletedWhileItWaitsForItsCommitIsGivenUpAtOnce() throws Exception { // C2
        catalog.committing = false;
        log.segment(1, 5);
        try (var b = broker(1)) {
            await("uploaded", () -> !catalog.in(FakeCatalog.State.UPLOADED).isEmpty());
            log.logStart = 5;
            log.segment(1, 5);
            await("given up", () -> !catalog.in(FakeCatalog.State.ABANDONED).isEmpty());
            catalog.committing = true;
            await("the next range", () -> log.tiered == 10);
        }
        assertThat(catalog.state(FakeLog.TOPIC.topicId(), 0).segments().getFirst().start())
                .isEqualTo(5);
    }

    @Test
    void localCopiesStayWhereTheIndexHasAHole() throws Exception { // C4
        for (int end = 5; end <= 15; end += 5) {
            log.segment(1, 5);
            int all = end;
            try (var b = broker(1)) {
                await("cold", () -> log.tiered == all);
            }
        }
        catalog.in(FakeCatalog.State.COMMITTED).get(1).state = FakeCatalog.State.ABANDONED;
        Files.delete(dir.resolve("memory"));
        log.tiered = 0;
        try (var b = broker(1)) {
            await("up to the hole", () -> log.tiered == 5);
            Thread.sleep(100);
            assertThat(log.tiered).isEqualTo(5);
        }
    }

    @Test
    void theSchemasThatValuesNameAreInTheTableBeforeEncoding() throws Exception {
        catalog.schemas.put(7, new SchemaText(7, "AVRO", "\"string\"", List.of()));
        byte[] value =
                ByteBuffer.allocate(7)
                        .put((byte) 0)
                        .putInt(7)
                        .put((byte) 2)
                        .put((byte) 'a')
                        .array();
        byte[] noise = ByteBuffer.allocate(6).put((byte) 0).putInt(99).put((byte) 1).array();
        log.add(
                MemoryRecords.withRecords(
                        0L,
                        Compression.NONE,
                        1,
                        new SimpleRecord(1, null, value),
                        new SimpleRecord(1, null, noise)));
        log.roll();
        try (var b = broker(1)) {
            await("cold", () -> log.tiered == 2);
        }
        assertThat(catalog.tableSchemas).containsExactly(7);
        assertThat(catalog.in(FakeCatalog.State.COMMITTED).getFirst().row.layout())
                .isEqualTo("compact");
    }

    @Test
    void theSpoolIsSweptAtStart() throws IOException {
        Files.createDirectories(dir.resolve("spool"));
        Path left = Files.createFile(dir.resolve("spool/left.parquet"));
        try (var b = broker(1)) {
            assertThat(left).doesNotExist();
        }
    }
}
