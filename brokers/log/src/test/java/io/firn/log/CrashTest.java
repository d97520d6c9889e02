package io.firn.log;

import static io.firn.log.Batches.batch;
import static io.firn.log.Batches.config;
import static io.firn.log.Batches.idempotent;
import static io.firn.log.Batches.marker;
import static io.firn.log.Batches.partition;
import static io.firn.log.Batches.read;
import static io.firn.log.Batches.transactional;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import static java.nio.file.StandardCopyOption.REPLACE_EXISTING;

import io.firn.log.directory.Folders;
import io.firn.log.directory.PartitionFolder;
import io.firn.log.journal.JournalFormat;
import io.firn.log.journal.LogCheckpoint;

import org.apache.kafka.common.TopicIdPartition;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.errors.KafkaStorageException;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;

/// What a killed process and a power cut leave, opened again (L5, L6, L7). A folder is copied while
/// it is in use; a power cut is played by damaging what nobody synced.
class CrashTest {
    private static final TopicIdPartition A = partition("a", 0);
    private static final TopicIdPartition B = partition("b", 1);
    private static final int RING = 256 << 10;
    private static final int CRASH_EVERY = Integer.getInteger("firn.test.crashEvery", 29);

    @TempDir Path root;

    private int copies;

    private static LogSettings settings(Path dir) {
        return LogSettings.of(dir)
                .withRingBytes(RING)
                .withHousekeeping(Duration.ZERO)
                .withIdleClose(Duration.ZERO)
                .withMinFreeBytes(1 << 20);
    }

    private static Appended append(PartitionLog log, MemoryRecords records) {
        Appended appended = log.append(records, 0, ProduceCheck.RECORDS).join();
        assertThat(appended.error()).as(appended.message()).isEqualTo(Errors.NONE);
        return appended;
    }

    private Path crash(Path dir) throws IOException {
        return Crashes.copy(dir, root.resolve("copy-" + copies++));
    }

    /// Cuts and damages what a power cut may: bytes of active segments above the boundary, their
    /// indexes and snapshots.
    private static void powerCut(Path dir, Random random) throws IOException {
        for (Path folder : Folders.list(dir)) {
            if (!Files.isDirectory(folder)) {
                continue;
            }
            List<Path> files = Folders.list(folder);
            for (Path file : files) {
                String name = file.getFileName().toString();
                if (name.endsWith("index") || name.endsWith(".snapshot")) {
                    switch (random.nextInt(3)) {
                        case 0 -> Files.delete(file);
                        case 1 -> damage(file, random);
                        default -> {}
                    }
                }
            }
        }
    }

    private static void damage(Path file, Random random) throws IOException {
        try (RandomAccessFile out = new RandomAccessFile(file.toFile(), "rw")) {
            if (out.length() > 0) {
                out.seek(random.nextLong(out.length()));
                out.write(random.nextInt());
            }
        }
    }

    private static void cutSegment(Path dir, TopicIdPartition partition, long from, Random random)
            throws IOException {
        List<Path> logs =
                Folders.list(PartitionFolder.of(dir, partition)).stream()
                        .filter(f -> f.toString().endsWith(".log"))
                        .toList();
        Path last = logs.getLast();
        try (RandomAccessFile out = new RandomAccessFile(last.toFile(), "rw")) {
            if (out.length() > from) {
                out.setLength(random.nextLong(from, out.length() + 1));
            }
        }
    }

    private static List<String> names(int from, int to) {
        return IntStream.range(from, to).mapToObj(i -> "value-" + i).toList();
    }

    /// The logs that it replayed are closed in the manifest then; the handles of the journal that
    /// is still there are older than what was released since.
    @Test
    void aStartThatDiesBeforeItsJournalHeaderIsRepeatedWithoutLoss() throws IOException { // L7
        Path dir = root.resolve("live");
        String filling = "x".repeat(4_000);
        try (HotLog hot = HotLog.open(settings(dir))) {
            PartitionLog busy = hot.open(A, config());
            PartitionLog rare = hot.open(B, config());
            for (int i = 0; i < 160; i++) {
                append(busy, batch("value-" + i + filling));
                append(rare, batch("value-" + i));
                if (i % 8 == 7) {
                    Path crashed = crash(dir);
                    Path old = Files.copy(crashed.resolve("journal"), root.resolve("old-" + i));
                    Path died;
                    try (HotLog begun = HotLog.open(settings(crashed))) {
                        died = crash(crashed);
                    }
                    Files.copy(old, died.resolve("journal"), REPLACE_EXISTING);
                    try (HotLog again = HotLog.open(settings(died))) {
                        PartitionLog log = again.open(B, config());
                        assertThat(again.open(A, config()).endOffset()).isEqualTo(i + 1);
                        assertThat(log.endOffset()).isEqualTo(i + 1);
                        assertThat(read(log, Isolation.UNCOMMITTED)).isEqualTo(names(0, i + 1));
                    }
                }
            }
        }
    }

    @Test
    void everyAcknowledgedGroupIsThereAfterACutAtAnyPlaceOfTheTail() throws IOException {
        Path dir = root.resolve("live");
        Random random = new Random(1);
        List<Long> groupEnds = new ArrayList<>();
        int groups = 12;
        try (HotLog hot = HotLog.open(settings(dir))) {
            PartitionLog a = hot.open(A, config());
            for (int i = 0; i < groups; i++) {
                append(a, idempotent(5, 0, i, "value-" + i));
                groupEnds.add(endOfGroups(dir));
            }
            for (int i = 0; i < 40; i++) {
                Path copy = crash(dir);
                long cut = random.nextLong(JournalFormat.DATA_START, groupEnds.getLast() + 1);
                zeroFrom(copy.resolve("journal"), cut);
                if (random.nextBoolean()) {
                    cutSegment(copy, A, 0, random); // nothing was flushed yet
                    powerCut(copy, random);
                }
                // A group's padding may be cut: only its bytes count.
                int whole = 0;
                for (int g = 0; g < groups; g++) {
                    whole +=
                            groupHolds(
                                            copy.resolve("journal"),
                                            dir.resolve("journal"),
                                            groupEnds,
                                            g)
                                    ? 1
                                    : 0;
                }
                try (HotLog again = HotLog.open(settings(copy))) {
                    PartitionLog log = again.open(A, config());
                    assertThat(log.endOffset()).as("cut at %d", cut).isEqualTo(whole);
                    if (whole > 0) {
                        assertThat(read(log, Isolation.UNCOMMITTED)).isEqualTo(names(0, whole));
                        assertThat(log.producers().getFirst().lastSequence()).isEqualTo(whole - 1);
                    }
                    assertThat(append(log, idempotent(5, 0, whole, "value-" + whole)).baseOffset())
                            .isEqualTo(whole);
                }
            }
        }
    }

    private static boolean groupHolds(Path cut, Path live, List<Long> ends, int group)
            throws IOException {
        long start = group == 0 ? JournalFormat.DATA_START : ends.get(group - 1);
        int length = (int) (ends.get(group) - start);
        byte[] a = new byte[length];
        byte[] b = new byte[length];
        try (RandomAccessFile one = new RandomAccessFile(cut.toFile(), "r");
                RandomAccessFile two = new RandomAccessFile(live.toFile(), "r")) {
            one.seek(start);
            one.readFully(a);
            two.seek(start);
            two.readFully(b);
        }
        return java.util.Arrays.equals(a, b);
    }

    private static long endOfGroups(Path dir) throws IOException {
        long at = JournalFormat.DATA_START;
        try (RandomAccessFile in = new RandomAccessFile(dir.resolve("journal").toFile(), "r")) {
            while (true) {
                in.seek(at);
                if (in.readInt() != JournalFormat.GROUP_MAGIC) {
                    return at;
                }
                in.seek(at + 12);
                at += JournalFormat.padded(in.readInt());
            }
        }
    }

    private static void zeroFrom(Path journal, long from) throws IOException {
        try (RandomAccessFile out = new RandomAccessFile(journal.toFile(), "rw")) {
            byte[] zeros = new byte[(int) (out.length() - from)];
            out.seek(from);
            out.write(zeros);
        }
    }

    @Test
    void damageBelowASyncedGroupIsNotTakenForTheEnd() throws IOException { // L7
        Path dir = root.resolve("live");
        try (HotLog hot = HotLog.open(settings(dir))) {
            PartitionLog a = hot.open(A, config());
            long third = 0;
            for (int i = 0; i < 6; i++) {
                append(a, batch("value-" + i));
                third = i == 2 ? endOfGroups(dir) : third;
            }
            Path copy = crash(dir);
            try (RandomAccessFile out =
                    new RandomAccessFile(copy.resolve("journal").toFile(), "rw")) {
                out.seek(third + 100);
                out.write(new byte[200]);
            }
            assertThatThrownBy(() -> HotLog.open(settings(copy)))
                    .isInstanceOf(KafkaStorageException.class)
                    .hasMessageContaining("damaged");
        }
    }

    @Test
    void theRingGoesRoundManyTimesAndNothingIsLostAtAnyMoment() throws IOException { // L5
        Path dir = root.resolve("live");
        Random random = new Random(2);
        try (HotLog hot = HotLog.open(settings(dir))) {
            PartitionLog a = hot.open(A, config("internal.segment.bytes", 60_000));
            PartitionLog b = hot.open(B, config("internal.segment.bytes", 200_000));
            String pad = "x".repeat(5000);
            for (int i = 0; i < 400; i++) {
                append(a, idempotent(1, 0, i, "value-" + i + pad));
                if (i % 5 == 0) {
                    append(b, idempotent(2, 0, i / 5, "other-" + i));
                }
                if (i % CRASH_EVERY == CRASH_EVERY - 1) {
                    Path copy = crash(dir);
                    if (random.nextBoolean()) {
                        powerCut2(copy, random);
                    }
                    SegmentWrite how = // what one wrote the other opens
                            random.nextBoolean() ? SegmentWrite.DIRECT : SegmentWrite.BUFFERED;
                    try (HotLog again = HotLog.open(settings(copy).withSegmentWrite(how))) {
                        PartitionLog log = again.open(A, config());
                        assertThat(log.endOffset()).isEqualTo(i + 1);
                        assertThat(read(log, Isolation.UNCOMMITTED)).hasSize(i + 1);
                        assertThat(log.producers())
                                .singleElement()
                                .satisfies(p -> assertThat(p.producerId()).isEqualTo(1));
                        assertThat(
                                        append(log, idempotent(1, 0, i, "value-" + i + pad))
                                                .baseOffset())
                                .isEqualTo(i);
                        PartitionLog other = again.open(B, config());
                        assertThat(other.endOffset()).isEqualTo(i / 5 + 1);
                    }
                }
            }
        }
        try (HotLog again = HotLog.open(settings(dir))) {
            assertThat(read(again.open(A, config()), Isolation.UNCOMMITTED)).hasSize(400);
        }
    }

    /// Only files of the active segment: closed ones may have been synced.
    private static void powerCut2(Path dir, Random random) throws IOException {
        for (TopicIdPartition partition : List.of(A, B)) {
            Path folder = PartitionFolder.of(dir, partition);
            String active =
                    Folders.list(folder).stream()
                            .map(f -> f.getFileName().toString())
                            .filter(n -> n.endsWith(".log"))
                            .max(String::compareTo)
                            .orElseThrow()
                            .replace(".log", "");
            for (String suffix : List.of(".index", ".timeindex", ".txnindex")) {
                Path file = folder.resolve(active + suffix);
                if (Files.exists(file) && random.nextBoolean()) {
                    Files.delete(file);
                }
            }
        }
    }

    @Test
    void theCheckpointWithTheHigherEndIsRecoveredFromUnlessARestartIsBetween() {
        LogCheckpoint flushed = flushedTo(50, 0, 900);
        LogCheckpoint rolled = flushedTo(50, 50, 0);
        LogCheckpoint later = flushedTo(60, 50, 400);
        assertThat(rolled.supersedes(flushed)).isTrue();
        assertThat(flushed.supersedes(rolled)).isFalse();
        assertThat(later.supersedes(rolled)).isTrue();
        assertThat(later.restartedAt(0, 0, 7).supersedes(later)).isTrue();
    }

    private static LogCheckpoint flushedTo(long end, long segmentBase, long position) {
        return new LogCheckpoint(
                A,
                0,
                0,
                new LogCheckpoint.Flushed(end, segmentBase, position),
                LogCheckpoint.NO_EPOCH,
                new LogCheckpoint.Segments(0, 0, -1, 0));
    }

    @Test
    void transactionsAndTheirStateSurvive() throws IOException {
        Path dir = root.resolve("live");
        try (HotLog hot = HotLog.open(settings(dir))) {
            PartitionLog a = hot.open(A, config());
            replicate(a, transactional(0, 0, 11, 0, "t1", "t2"));
            replicate(a, transactional(2, 0, 12, 0, "u1"));
            replicate(a, marker(3, 0, 11, false));
            replicate(a, transactional(10, 0, 13, 0, "gap before"));
            replicate(a, marker(11, 0, 13, true));
            Path copy = crash(dir);
            cutSegment(copy, A, 0, new Random(3));
            powerCut(copy, new Random(4));
            try (HotLog again = HotLog.open(settings(copy))) {
                PartitionLog log = again.open(A, config());
                assertThat(log.endOffset()).isEqualTo(12);
                assertThat(log.lastStableOffset()).isEqualTo(2);
                assertThat(log.aborted(0, 12))
                        .singleElement()
                        .satisfies(
                                t -> {
                                    assertThat(t.producerId()).isEqualTo(11);
                                    assertThat(t.firstOffset()).isZero();
                                    assertThat(t.lastOffset()).isEqualTo(3);
                                });
                assertThat(log.read(0, 1 << 20, true, Isolation.COMMITTED).aborted()).hasSize(1);
                assertThat(log.producers()).hasSize(3);
            }
        }
    }

    private static void replicate(PartitionLog log, MemoryRecords records) {
        assertThat(log.appendReplicated(records, 0).join().error()).isEqualTo(Errors.NONE);
    }

    @Test
    void deletedRecordsStayDeleted() throws IOException { // L6
        Path dir = root.resolve("live");
        try (HotLog hot = HotLog.open(settings(dir))) {
            PartitionLog a = hot.open(A, config());
            append(a, batch("value-0", "value-1", "value-2"));
            append(a, batch("value-3"));
            a.deleteRecordsBefore(2);
            append(a, batch("value-4"));
            Path copy = crash(dir);
            try (HotLog again = HotLog.open(settings(copy))) {
                PartitionLog log = again.open(A, config());
                assertThat(log.logStartOffset()).isEqualTo(2);
                assertThat(read(log, Isolation.UNCOMMITTED)).isEqualTo(names(2, 5));
                assertThat(log.logStartOffset()).isEqualTo(2);
            }
            a.deleteRecordsBefore(5);
            try (HotLog again = HotLog.open(settings(crash(dir)))) {
                PartitionLog log = again.open(A, config());
                assertThat(log.logStartOffset()).isEqualTo(5);
                assertThat(append(log, batch("value-5")).baseOffset()).isEqualTo(5);
                assertThat(read(log, Isolation.UNCOMMITTED)).isEqualTo(names(5, 6));
            }
        }
    }

    @Test
    void aTopicMadeAgainUnderItsNameNeverGetsOldBatches() throws IOException { // L6
        Path dir = root.resolve("live");
        var second = new TopicIdPartition(Uuid.randomUuid(), new TopicPartition("a", 0));
        try (HotLog hot = HotLog.open(settings(dir))) {
            append(hot.open(A, config()), batch("old"));
            hot.delete(A);
            assertThat(hot.known()).isEmpty();
            append(hot.open(second, config()), batch("new"));
            try (HotLog again = HotLog.open(settings(crash(dir)))) {
                assertThat(again.known()).containsExactly(second);
                assertThat(read(again.open(second, config()), Isolation.UNCOMMITTED))
                        .containsExactly("new");
            }
            // Not deleted here, but made again elsewhere: the old folder is moved aside.
            var third = new TopicIdPartition(Uuid.randomUuid(), new TopicPartition("a", 0));
            append(hot.open(third, config()), batch("newest"));
            try (HotLog again = HotLog.open(settings(crash(dir)))) {
                assertThat(again.known()).containsExactly(third);
                assertThat(read(again.open(third, config()), Isolation.UNCOMMITTED))
                        .containsExactly("newest");
            }
        }
    }

    @Test
    void logsDeletedTogetherAreGoneAndTheOthersStay() throws IOException { // L6
        Path dir = root.resolve("live");
        List<TopicIdPartition> doomed = new ArrayList<>();
        for (int p = 0; p < 100; p++) {
            doomed.add(partition("doomed", p));
        }
        var groups = new AtomicInteger();
        LogListener counting =
                new LogListener() {
                    @Override
                    public void groupWritten(int batches, long bytes, long nanos) {
                        groups.incrementAndGet();
                    }
                };
        try (HotLog hot = HotLog.open(settings(dir).withListener(counting))) {
            doomed.forEach(each -> append(hot.open(each, config()), batch("old")));
            PartitionLog a = hot.open(A, config());
            append(a, batch("before"));
            int before = groups.get();
            var done = new ArrayList<CompletableFuture<?>>();
            for (TopicIdPartition each : doomed) {
                done.add(hot.startDelete(each));
                if (done.size() % 30 == 0) { // in the middle of them
                    done.add(a.append(batch("among"), 0, ProduceCheck.RECORDS));
                }
            }
            done.forEach(CompletableFuture::join);
            assertThat(groups.get() - before).isLessThan(60); // one each would be 103
            append(a, batch("after"));
            assertThat(hot.known()).containsExactly(A);
            try (HotLog again = HotLog.open(settings(crash(dir)))) {
                assertThat(again.known()).containsExactly(A);
                assertThat(read(again.open(A, config()), Isolation.UNCOMMITTED))
                        .containsExactly("before", "among", "among", "among", "after");
            }
        }
    }

    @Test
    void aLogThatRestartsElsewhereForgetsWhatItHad() throws IOException { // L6
        Path dir = root.resolve("live");
        try (HotLog hot = HotLog.open(settings(dir))) {
            PartitionLog a = hot.open(A, config());
            append(a, batch("value-0", "value-1"));
            a.restartAt(100, 100);
            append(a, batch("at 100"));
            Path copy = crash(dir);
            try (HotLog again = HotLog.open(settings(copy))) {
                PartitionLog log = again.open(A, config());
                assertThat(log.logStartOffset()).isEqualTo(100);
                assertThat(log.endOffset()).isEqualTo(101);
                assertThat(read(log, Isolation.UNCOMMITTED)).containsExactly("at 100");
            }
            a.restartAt(0, 0);
            append(a, batch("value-0"));
            try (HotLog again = HotLog.open(settings(crash(dir)))) {
                assertThat(read(again.open(A, config()), Isolation.UNCOMMITTED))
                        .containsExactly("value-0");
            }
        }
    }

    @Test
    void aLogThatRestartsBehindTheTableKeepsItsLogStart() throws IOException { // L6, C9
        Path dir = root.resolve("live");
        var tiered =
                new org.apache.kafka.storage.internals.log.LogConfig(
                        java.util.Map.of("remote.storage.enable", "true"));
        try (HotLog hot = HotLog.open(settings(dir))) {
            PartitionLog a = hot.open(A, tiered);
            a.restartAt(100, 40);
            assertThat(a.logStartOffset()).isEqualTo(40);
            assertThat(a.localLogStartOffset()).isEqualTo(100);
            append(a, batch("at 100"));
            try (HotLog again = HotLog.open(settings(crash(dir)))) {
                PartitionLog log = again.open(A, tiered);
                assertThat(log.logStartOffset()).isEqualTo(40);
                assertThat(log.localLogStartOffset()).isEqualTo(100);
                assertThat(log.endOffset()).isEqualTo(101);
            }
        }
        try (HotLog again = HotLog.open(settings(dir))) {
            PartitionLog log = again.open(A, tiered);
            assertThat(log.logStartOffset()).isEqualTo(40);
            assertThat(log.localLogStartOffset()).isEqualTo(100);
            assertThat(log.endOffset()).isEqualTo(101);
        }
    }

    @Test
    void closedIdleLogsAndThoseOnlyReadSurviveACrash() throws IOException { // L9
        Path dir = root.resolve("live");
        try (HotLog hot = HotLog.open(settings(dir))) {
            PartitionLog a = hot.open(A, config());
            append(a, idempotent(3, 0, 0, "value-0"));
            hot.housekeep();
            Path closed = crash(dir);
            try (HotLog again = HotLog.open(settings(closed))) {
                PartitionLog log = again.open(A, config());
                assertThat(read(log, Isolation.UNCOMMITTED)).containsExactly("value-0");
                Path twice = crash(closed); // opened, read, not closed
                try (HotLog third = HotLog.open(settings(twice))) {
                    PartitionLog last = third.open(A, config());
                    assertThat(read(last, Isolation.UNCOMMITTED)).containsExactly("value-0");
                    assertThat(append(last, idempotent(3, 0, 0, "value-0")).baseOffset()).isZero();
                    assertThat(append(last, idempotent(3, 0, 1, "value-1")).baseOffset())
                            .isEqualTo(1);
                }
            }
        }
    }

    @Test
    void retentionBeforeACrashLeavesAReadableLog() throws IOException {
        Path dir = root.resolve("live");
        try (HotLog hot = HotLog.open(settings(dir))) {
            PartitionLog a =
                    hot.open(A, config("retention.bytes", 2500, "file.delete.delay.ms", 60_000));
            for (int i = 0; i < 6; i++) {
                append(a, batch("x".repeat(1000)));
                a.roll();
            }
            append(a, batch("tail"));
            a.applyRetention(System.currentTimeMillis());
            long start = a.logStartOffset();
            assertThat(start).isPositive();
            try (HotLog again = HotLog.open(settings(crash(dir)))) {
                PartitionLog log = again.open(A, config());
                assertThat(log.endOffset()).isEqualTo(7);
                assertThat(read(log, Isolation.UNCOMMITTED))
                        .hasSize((int) (7 - start))
                        .last()
                        .isEqualTo("tail");
            }
        }
    }

    @Test
    void aChangedRingSizeAndModeTakeEffectAtTheNextStart() throws IOException { // L12, R19
        Path dir = root.resolve("live");
        try (HotLog hot = HotLog.open(settings(dir))) {
            append(hot.open(A, config()), batch("value-0"));
            Path copy = crash(dir);
            for (LogSettings next :
                    List.of(
                            settings(copy).withRingBytes(512 << 10),
                            settings(copy)
                                    .withRingBytes(128 << 10)
                                    .withDurability(Durability.REPLICATED),
                            settings(copy))) {
                try (HotLog again = HotLog.open(next)) {
                    PartitionLog log = again.open(A, config());
                    assertThat(read(log, Isolation.UNCOMMITTED)).startsWith("value-0");
                    append(log, batch("more"));
                    assertThat(Files.size(copy.resolve("journal"))).isEqualTo(next.ringBytes());
                }
            }
        }
    }

    @Test
    void aMissingJournalOrManifestIsNotEmpty() throws IOException { // L7
        Path dir = root.resolve("live");
        try (HotLog hot = HotLog.open(settings(dir))) {
            append(hot.open(A, config()), batch("value-0"));
            Path noJournal = crash(dir);
            Files.delete(noJournal.resolve("journal"));
            assertThatThrownBy(() -> HotLog.open(settings(noJournal)))
                    .hasMessageContaining(
                            "its journal, which has their newest records, is missing");
            Path noManifest = crash(dir);
            Files.delete(noManifest.resolve("manifest"));
            assertThatThrownBy(() -> HotLog.open(settings(noManifest)))
                    .hasMessageContaining("its manifest is missing");
        }
    }
}
