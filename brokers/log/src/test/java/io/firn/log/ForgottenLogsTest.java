package io.firn.log;

import static io.firn.log.Batches.batch;
import static io.firn.log.Batches.config;
import static io.firn.log.Batches.partition;
import static io.firn.log.Batches.read;
import static io.firn.log.Batches.stamped;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.firn.log.directory.Folders;
import io.firn.log.directory.PartitionFolder;
import io.firn.log.partition.OwnedLog;

import org.apache.kafka.common.TopicIdPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.errors.KafkaStorageException;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.storage.internals.log.LogConfig;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/// The manifest names every partition, whatever happened to it (L14).
class ForgottenLogsTest {
    private static final TopicIdPartition A = partition("a", 0);
    private static final TopicIdPartition B = partition("b", 0);
    private static final int RING = 128 << 10;

    @TempDir Path root;

    private int copies;

    private static LogSettings settings(Path dir) {
        return LogSettings.of(dir)
                .withRingBytes(RING)
                .withHousekeeping(Duration.ZERO)
                .withIdleClose(Duration.ZERO)
                .withMinFreeBytes(1 << 20);
    }

    private Path crash(Path dir) throws IOException {
        return Crashes.copy(dir, root.resolve("copy-" + copies++));
    }

    private static Appended append(PartitionLog log, MemoryRecords records) {
        Appended appended = log.append(records, 0, ProduceCheck.RECORDS).join();
        assertThat(appended.error()).as(appended.message()).isEqualTo(Errors.NONE);
        return appended;
    }

    /// A folder that was closed, with this many batches in A and one in B.
    private Path closedWith(int batches) {
        Path dir = root.resolve("live");
        try (HotLog hot = HotLog.open(settings(dir))) {
            for (int i = 0; i < batches; i++) {
                append(hot.open(A, config()), batch("value-" + i));
            }
            append(hot.open(B, config()), batch("other"));
        }
        return dir;
    }

    private static List<String> values(HotLog hot, TopicIdPartition partition) {
        return values(hot, partition, config());
    }

    private static List<String> values(HotLog hot, TopicIdPartition partition, LogConfig config) {
        return read(hot.open(partition, config), Isolation.UNCOMMITTED);
    }

    /// Fills the ring until both halves were given back.
    private static void turnTheRing(HotLog hot, TopicIdPartition busy) {
        PartitionLog log = hot.open(busy, config());
        for (int i = 0; i < 60; i++) {
            append(log, batch("x".repeat(5_000)));
        }
    }

    private static Path segment(Path dir, TopicIdPartition partition) throws IOException {
        return Folders.list(PartitionFolder.of(dir, partition)).stream()
                .filter(file -> file.toString().endsWith(".log") && file.toFile().length() > 0)
                .findFirst()
                .orElseThrow();
    }

    private static void cut(Path file) throws IOException {
        try (RandomAccessFile out = new RandomAccessFile(file.toFile(), "rw")) {
            out.setLength(out.length() / 2);
        }
    }

    @Test
    void aLogThatWasOnlyReadSurvivesACrash() throws IOException { // A1, L14
        Path dir = closedWith(10);
        try (HotLog hot = HotLog.open(settings(dir))) {
            assertThat(values(hot, A)).hasSize(10);
            hot.delete(B);
            append(hot.open(partition("c", 0), config()), batch("new"));
            hot.housekeep();
            assertThat(values(hot, A)).hasSize(10);
            hot.delete(partition("nobody", 0));
            try (HotLog again = HotLog.open(settings(crash(dir)))) {
                assertThat(values(again, A)).hasSize(10);
                assertThat(again.known()).doesNotContain(B).hasSize(2);
            }
            turnTheRing(hot, partition("d", 0));
            try (HotLog again = HotLog.open(settings(crash(dir)))) {
                assertThat(values(again, A)).hasSize(10);
                assertThat(append(again.open(A, config()), batch("next")).baseOffset())
                        .isEqualTo(10);
            }
        }
    }

    @Test
    void aLogThatIsReadAndDiesAgainAndAgainStaysWhole() throws IOException { // A1, L14
        Path dir = closedWith(10);
        for (int i = 0; i < 4; i++) {
            try (HotLog hot = HotLog.open(settings(dir))) {
                assertThat(values(hot, A)).hasSize(10);
                dir = crash(dir);
            }
        }
    }

    @Test
    void aSuspectLogKeepsItsEntryAndItsBytesWhateverComes() throws IOException { // A2, L14
        Path dir = closedWith(10);
        cut(segment(dir, A));
        long bytes = Files.size(segment(dir, A));
        for (int i = 0; i < 3; i++) {
            try (HotLog hot = HotLog.open(settings(dir))) {
                assertThatThrownBy(() -> values(hot, A))
                        .isInstanceOf(KafkaStorageException.class)
                        .hasMessageContaining("Restore its folder from a copy");
                assertThat(hot.knows(A)).isTrue();
                turnTheRing(hot, B);
                hot.housekeep();
                assertThat(
                                hot.open(A, config())
                                        .append(batch("no"), 0, ProduceCheck.RECORDS)
                                        .join()
                                        .error())
                        .isEqualTo(Errors.KAFKA_STORAGE_ERROR);
                dir = i == 1 ? crash(dir) : dir;
            }
            assertThat(Files.size(segment(dir, A))).isEqualTo(bytes);
        }
    }

    @Test
    void aBrokenLogIsRecoveredByTheNextStart() throws IOException { // A2, L3
        Path dir = root.resolve("live");
        try (HotLog hot = HotLog.open(settings(dir))) {
            PartitionLog a = hot.open(A, config());
            for (int i = 0; i < 5; i++) {
                append(a, batch("value-" + i));
            }
            ((OwnedLog) a).life.breakDown("a test", null);
            assertThat(a.append(batch("no"), 0, ProduceCheck.RECORDS).join().error())
                    .isEqualTo(Errors.KAFKA_STORAGE_ERROR);
            try (HotLog again = HotLog.open(settings(crash(dir)))) {
                assertThat(values(again, A)).hasSize(5);
            }
        }
        try (HotLog again = HotLog.open(settings(dir))) {
            assertThat(values(again, A)).hasSize(5);
        }
    }

    @Test
    void aFolderThatNoEntryNamesIsSuspectAndNotEmpty() throws IOException { // A2, L14
        Path other = closedWith(10);
        Path dir = root.resolve("second");
        try (HotLog hot = HotLog.open(settings(dir))) {
            append(hot.open(B, config()), batch("value"));
        }
        Crashes.copyFolder(PartitionFolder.of(other, A), PartitionFolder.of(dir, A));
        long bytes = Files.size(segment(dir, A));
        for (int i = 0; i < 2; i++) {
            try (HotLog hot = HotLog.open(settings(dir))) {
                assertThatThrownBy(() -> values(hot, A)).hasMessageContaining("does not name");
                assertThat(hot.known()).contains(A, B);
                assertThat(hot.unclean()).isTrue();
            }
            assertThat(Files.size(segment(dir, A))).isEqualTo(bytes);
        }
    }

    @Test
    void aFolderOfAnIdleLogThatIsGoneIsSuspectAndNotAnEmptyLogAtItsEnd()
            throws IOException { // D6, L14
        Path dir = root.resolve("live");
        try (HotLog hot = HotLog.open(settings(dir))) {
            append(hot.open(A, config()), batch("value"));
            hot.housekeep(); // closes it, which rolls it first
        }
        Folders.deleteTree(PartitionFolder.of(dir, A));
        for (int i = 0; i < 2; i++) {
            try (HotLog hot = HotLog.open(settings(dir))) {
                assertThat(hot.folderIsMissing(A)).isTrue();
                assertThatThrownBy(() -> values(hot, A)).hasMessageContaining("folder is missing");
            }
        }
        try (HotLog hot = HotLog.open(settings(dir))) {
            hot.delete(A);
            append(hot.open(A, config()), batch("anew"));
            assertThat(values(hot, A)).containsExactly("anew");
        }
    }

    @Test
    void aLogThatWasDeletedAndMadeAgainUnderItsIdLives() throws IOException { // A3, L6
        Path dir = root.resolve("live");
        try (HotLog hot = HotLog.open(settings(dir))) {
            append(hot.open(A, config()), batch("old-0", "old-1", "old-2"));
            hot.delete(A);
            try (HotLog again = HotLog.open(settings(crash(dir)))) {
                assertThat(again.known()).isEmpty();
            }
            PartitionLog second = hot.open(A, config());
            append(second, batch("new-0"));
            for (Path crashed : List.of(crash(dir), crash(dir))) {
                try (HotLog again = HotLog.open(settings(crashed))) {
                    assertThat(values(again, A)).containsExactly("new-0");
                    crashed = crash(crashed);
                }
                try (HotLog again = HotLog.open(settings(crashed))) {
                    assertThat(values(again, A)).containsExactly("new-0");
                }
            }
            hot.delete(A); // as a partition whose folder is gone goes on behind its table
            PartitionLog third = hot.open(A, config());
            third.restartAt(50, 50);
            try (HotLog again = HotLog.open(settings(crash(dir)))) {
                assertThat(again.open(A, config()).endOffset()).isEqualTo(50);
            }
            append(third, batch("new-50"));
            try (HotLog again = HotLog.open(settings(crash(dir)))) {
                assertThat(values(again, A)).containsExactly("new-50");
            }
            turnTheRing(hot, B);
            try (HotLog again = HotLog.open(settings(crash(dir)))) {
                assertThat(values(again, A)).containsExactly("new-50");
            }
        }
        try (HotLog again = HotLog.open(settings(dir))) {
            assertThat(values(again, A)).containsExactly("new-50");
        }
    }

    @Test
    void aLongNameIsDeletedAndMovedAsideLikeAnyOther() throws IOException { // B3, L15
        Path dir = root.resolve("live");
        String name = "t".repeat(245);
        var first = partition(name, 12345);
        var second = partition(name, 12345);
        try (HotLog hot = HotLog.open(settings(dir))) {
            append(hot.open(first, config()), batch("value"));
            hot.delete(first);
            append(hot.open(second, config()), batch("value"));
            append(hot.open(partition(name, 12345), config()), batch("value"));
            assertThat(hot.isOffline()).isFalse();
            assertThat(Folders.list(dir))
                    .filteredOn(path -> path.toString().endsWith("-stray"))
                    .hasSize(1)
                    .allMatch(path -> path.getFileName().toString().length() == 255);
        }
    }

    @Test
    void aStrayIsKeptForItsTimeAndCounted() throws IOException { // A4, L14
        Path dir = closedWith(10);
        var strays = new AtomicInteger();
        LogListener counting =
                new LogListener() {
                    @Override
                    public void kept(int left) {
                        strays.set(left);
                    }
                };
        try (HotLog hot = HotLog.open(settings(dir).withListener(counting))) {
            OwnedLog.join(hot.makeStray(A, "a test"));
            assertThat(hot.known()).containsExactly(B);
            assertThat(hot.strays()).containsExactly(A);
            assertThat(stray(dir)).hasSize(1);
        }
        assertThat(strays).hasValue(1);
        assertThat(stray(dir))
                .allMatch(folder -> folder.resolve("stray.properties").toFile().exists());
        LogSettings brief = settings(dir).withKeepStrays(Duration.ZERO);
        try (HotLog hot = HotLog.open(brief.withMayForget(tp -> false))) {
            hot.sweepStrays();
            assertThat(hot.strays()).as("nobody gave leave").containsExactly(A);
        }
        try (HotLog hot = HotLog.open(brief)) {
            hot.sweepStrays();
            assertThat(hot.strays()).isEmpty();
            assertThat(stray(dir)).isEmpty();
            append(hot.open(A, config()), batch("anew")); // it is another log now
        }
        try (HotLog hot = HotLog.open(settings(dir))) {
            assertThat(values(hot, A)).containsExactly("anew");
        }
    }

    /// Whatever the log was when it became a stray, and whether the process closed or died.
    @Test
    void aStrayWhoseTopicIsThereAgainIsWhatItWas() throws IOException { // L14
        for (boolean open : List.of(true, false)) {
            Path dir = root.resolve("live-" + open);
            Path crashed;
            try (HotLog hot = HotLog.open(settings(dir))) {
                for (int i = 0; i < 10; i++) {
                    append(hot.open(A, config()), batch("value-" + i));
                }
                append(hot.open(B, config()), batch("other"));
                if (!open) {
                    hot.housekeep(); // closes it
                }
                OwnedLog.join(hot.makeStray(A, "a test"));
                crashed = crash(dir);
                turnTheRing(hot, B);
                PartitionLog back = hot.open(A, config());
                assertThat(back.endOffset()).as("before its files are back").isEqualTo(10);
                assertThat(values(hot, A)).hasSize(10);
                assertThat(append(back, batch("next")).baseOffset()).isEqualTo(10);
                assertThat(hot.strays()).isEmpty();
                try (HotLog again = HotLog.open(settings(crash(dir)))) {
                    assertThat(values(again, A)).hasSize(11);
                }
            }
            assertThat(stray(dir)).isEmpty();
            for (Path each : List.of(dir, crashed)) {
                int records = each == dir ? 11 : 10;
                for (int i = 0; i < 2; i++) {
                    try (HotLog hot = HotLog.open(settings(each))) {
                        assertThat(hot.unclean()).isFalse();
                        assertThat(values(hot, A)).hasSize(records);
                        OwnedLog.join(hot.makeStray(A, "a test"));
                    }
                }
            }
        }
    }

    /// Whoever makes it a stray does not know its topic, and so not that its past is in a table.
    @Test
    void aStrayWhoseLocalCopiesAreGoneBeginsWhereItBegan() throws IOException { // L6, L14, C2
        LogConfig tiered = config("remote.storage.enable", true, "local.retention.ms", 1);
        Path dir = root.resolve("live");
        Path killed;
        long localStart;
        try (HotLog hot = HotLog.open(settings(dir))) {
            PartitionLog log = hot.open(A, tiered);
            for (int i = 0; i < 10; i++) {
                append(log, stamped(1_000, "value-" + i));
                if (i % 4 == 3) {
                    log.roll();
                }
            }
            log.deleteRecordsBefore(2);
            log.tieredUpTo(8);
            log.applyRetention(System.currentTimeMillis());
            localStart = log.localLogStartOffset();
            assertThat(localStart).isEqualTo(8);
            append(hot.open(B, config()), batch("other"));
            turnTheRing(hot, B); // nothing of it is to be replayed
            killed = crash(dir);
        }
        for (Path each : List.of(killed, dir)) {
            for (int i = 0; i < 3; i++) {
                try (HotLog hot = HotLog.open(settings(each))) {
                    if (i == 0) {
                        hot.open(partition("a", 0), config()).epochs(); // its name is taken
                    } else {
                        OwnedLog.join(hot.makeStray(A, "a test"));
                    }
                    hot.housekeep();
                    assertThat(hot.strays()).contains(A);
                }
                try (HotLog hot = HotLog.open(settings(each))) {
                    PartitionLog back = hot.open(A, tiered);
                    assertThat(values(hot, A, tiered)).containsExactly("value-8", "value-9");
                    assertThat(back.logStartOffset()).isEqualTo(2);
                    assertThat(back.localLogStartOffset()).isEqualTo(localStart);
                }
            }
        }
    }

    @Test
    void aNameThatAnotherTopicTookIsGivenBack() throws IOException { // L14, L15
        Path dir = closedWith(10);
        TopicIdPartition second = partition("a", 0);
        try (HotLog hot = HotLog.open(settings(dir))) {
            append(hot.open(second, config()), batch("second"));
            assertThat(hot.strays()).containsExactly(A);
        }
        for (int i = 0; i < 2; i++) {
            try (HotLog hot = HotLog.open(settings(dir))) {
                assertThat(values(hot, A)).hasSize(10);
                assertThat(hot.strays()).containsExactly(second);
                assertThat(values(hot, second)).containsExactly("second");
                assertThat(hot.strays()).containsExactly(A);
            }
        }
    }

    @Test
    void aStrayThatIsInItsPlaceAgainIsUsedAgain() throws IOException { // L14
        Path dir = closedWith(10);
        try (HotLog hot = HotLog.open(settings(dir))) {
            OwnedLog.join(hot.makeStray(A, "a test"));
        }
        Files.move(stray(dir).getFirst(), PartitionFolder.of(dir, A)); // by hand, or by half
        try (HotLog hot = HotLog.open(settings(dir))) {
            assertThat(hot.known()).contains(A, B);
            assertThat(hot.unclean()).isFalse();
            assertThat(values(hot, A)).hasSize(10);
        }
    }

    @Test
    void aStrayThatIsDamagedOrGoneIsSuspectAndNotEmpty() throws IOException { // L14
        Path dir = closedWith(10);
        try (HotLog hot = HotLog.open(settings(dir))) {
            OwnedLog.join(hot.makeStray(A, "a test"));
            OwnedLog.join(hot.makeStray(B, "a test"));
        }
        for (Path folder : stray(dir)) {
            if (folder.getFileName().toString().startsWith("b-")) {
                Folders.deleteTree(folder);
            } else {
                cut(folder.resolve("00000000000000000000.log"));
            }
        }
        for (int i = 0; i < 2; i++) {
            try (HotLog hot = HotLog.open(settings(dir))) {
                assertThat(hot.folderIsMissing(B)).isTrue();
                assertThatThrownBy(() -> values(hot, A)).hasMessageContaining("were synced");
                assertThatThrownBy(() -> values(hot, B)).hasMessageContaining("folder is missing");
                OwnedLog.join(hot.makeStray(A, "a test")); // and it stays suspect as a stray
                assertThat(hot.suspectLogs()).isEqualTo(1);
            }
        }
    }

    @Test
    void aStrayWhoseTopicIsDeletedIsNotKept() throws IOException { // L14
        Path dir = closedWith(10);
        try (HotLog hot = HotLog.open(settings(dir))) {
            OwnedLog.join(hot.makeStray(A, "a test"));
            hot.delete(A);
            assertThat(hot.strays()).isEmpty();
            assertThat(stray(dir)).isEmpty();
        }
    }

    private static List<Path> stray(Path dir) throws IOException {
        return Folders.list(dir).stream()
                .filter(path -> path.toString().endsWith("-stray"))
                .toList();
    }

    @Test
    void aRestoredFolderWithAllThatIsKnownIsUsedAgain() throws IOException { // A2, L14
        Path dir = closedWith(10);
        Path copy = root.resolve("backup");
        Crashes.copyFolder(PartitionFolder.of(dir, A), copy);
        cut(segment(dir, A));
        try (HotLog hot = HotLog.open(settings(dir))) {
            assertThatThrownBy(() -> values(hot, A)).isInstanceOf(KafkaStorageException.class);
            turnTheRing(hot, B);
        }
        Folders.deleteTree(PartitionFolder.of(dir, A));
        Crashes.copyFolder(copy, PartitionFolder.of(dir, A));
        try (HotLog hot = HotLog.open(settings(dir))) {
            assertThat(values(hot, A)).hasSize(10);
        }
    }

    @Test
    void aClosedLogInWhoseFolderIsMoreThanItWasClosedWithIsNotCut() throws IOException { // L14
        Path dir = closedWith(10);
        Path copy = root.resolve("whole");
        Crashes.copyFolder(PartitionFolder.of(dir, A), copy);
        long whole = segment(dir, A).toFile().length();
        cut(segment(dir, A));
        try (HotLog hot = HotLog.open(settings(dir))) {
            assertThatThrownBy(() -> values(hot, A)).isInstanceOf(KafkaStorageException.class);
        }
        Files.createFile(PartitionFolder.of(dir, A).resolve("accept-loss"));
        try (HotLog hot = HotLog.open(settings(dir))) {
            append(hot.open(A, config()), batch("later"));
        }
        Folders.deleteTree(PartitionFolder.of(dir, A));
        Crashes.copyFolder(copy, PartitionFolder.of(dir, A));
        for (int i = 0; i < 2; i++) {
            try (HotLog hot = HotLog.open(settings(dir))) {
                assertThatThrownBy(() -> values(hot, A)).isInstanceOf(KafkaStorageException.class);
            }
            assertThat(segment(dir, A).toFile()).hasSize(whole);
        }
    }

    @Test
    void aCopyThatLacksRecordsIsUsedOnlyWhenAnOperatorSaysSo() throws IOException { // A2, L14
        Path dir = closedWith(10);
        Path cut = segment(dir, A);
        cut(cut);
        HotLog.open(settings(dir)).close();
        for (int i = 0; i < 2; i++) {
            try (HotLog hot = HotLog.open(settings(dir))) {
                assertThatThrownBy(() -> values(hot, A)).isInstanceOf(KafkaStorageException.class);
            }
        }
        Files.createFile(PartitionFolder.of(dir, A).resolve("accept-loss"));
        for (int i = 0; i < 2; i++) {
            try (HotLog hot = HotLog.open(settings(dir))) {
                List<String> left = values(hot, A);
                assertThat(left).hasSizeBetween(4 + i, 5 + i).startsWith("value-0", "value-1");
                assertThat(append(hot.open(A, config()), batch("next")).baseOffset())
                        .isEqualTo(left.size());
            }
        }
        assertThat(PartitionFolder.of(dir, A).resolve("accept-loss")).doesNotExist();
    }

    /// Its segment was damaged while the journal still has more of it.
    @Test
    void whatTheJournalHasOfASuspectLogIsKeptUntilItIsWhole() throws IOException { // A2, L14
        Path dir = closedWith(10);
        Path whole = root.resolve("backup");
        Crashes.copyFolder(PartitionFolder.of(dir, A), whole);
        Path crashed;
        try (HotLog hot = HotLog.open(settings(dir))) {
            append(hot.open(A, config()), batch("value-10"));
            append(hot.open(A, config()), batch("value-11"));
            crashed = crash(dir);
        }
        cut(segment(crashed, A));
        try (HotLog hot = HotLog.open(settings(crashed))) {
            assertThatThrownBy(() -> values(hot, A)).isInstanceOf(KafkaStorageException.class);
            turnTheRing(hot, B);
        }
        HotLog.open(settings(crashed)).close();
        Folders.deleteTree(PartitionFolder.of(crashed, A));
        Crashes.copyFolder(whole, PartitionFolder.of(crashed, A));
        try (HotLog hot = HotLog.open(settings(crashed))) {
            assertThat(values(hot, A)).hasSize(12).endsWith("value-10", "value-11");
        }
        assertThat(Folders.list(crashed.resolve("kept"))).isEmpty();
    }

    @Test
    void aBrokenLogIsThereAfterTheRingHasTurned() throws IOException { // A2, L5
        Path dir = root.resolve("live");
        try (HotLog hot = HotLog.open(settings(dir))) {
            PartitionLog a = hot.open(A, config());
            for (int i = 0; i < 5; i++) {
                append(a, batch("value-" + i));
            }
            ((OwnedLog) a).life.breakDown("a test", null);
            turnTheRing(hot, B);
            try (HotLog again = HotLog.open(settings(crash(dir)))) {
                assertThat(values(again, A)).hasSize(5);
            }
        }
        try (HotLog again = HotLog.open(settings(dir))) {
            assertThat(values(again, A)).hasSize(5);
        }
    }

    @Test
    void aFolderOfAnotherClusterIsRefused() { // A4, L14
        Path dir = root.resolve("live");
        HotLog.open(settings(dir)).close(); // from before anybody said which cluster
        HotLog.open(settings(dir).withClusterId("ours")).close();
        HotLog.open(settings(dir).withClusterId("ours")).close();
        assertThatThrownBy(() -> HotLog.open(settings(dir).withClusterId("theirs")))
                .isInstanceOf(KafkaStorageException.class)
                .hasMessageContaining("of cluster ours, and this broker is of cluster theirs");
        HotLog.open(settings(dir)).close(); // tools take it as it is
    }

    @Test
    void aFolderOfAnOlderFirnIsRefusedInWords() throws IOException {
        Path dir = Files.createDirectories(root.resolve("old"));
        Files.writeString(
                dir.resolve("meta.properties"),
                "version=1\ndirectory.id=" + Uuid.randomUuid() + "\n");
        assertThatThrownBy(() -> HotLog.open(settings(dir)))
                .hasMessageContaining("its version is 1 and this program knows 2");
    }

    @Test
    void aPropertiesFileThatIsCutIsMadeAnewAsTheManifestSays() throws IOException { // L12
        Path dir = root.resolve("live");
        try (HotLog hot = HotLog.open(settings(dir).withClusterId("ours"))) {
            append(hot.open(A, config()), batch("kept"));
        }
        Path meta = dir.resolve("meta.properties");
        String whole = Files.readString(meta);
        for (int length : new int[] {0, 20, whole.length() / 2, whole.length() - 2}) {
            Files.writeString(meta, whole.substring(0, length));
            try (HotLog hot = HotLog.open(settings(dir).withClusterId("ours"))) {
                assertThat(values(hot, A)).containsExactly("kept");
            }
            assertThat(Files.readString(meta)).isEqualTo(whole);
        }
    }

    @Test
    void aLogWhoseEpochFileIsDamagedIsSuspectAndItsNeighboursGoOn() throws IOException { // R20, L14
        Path closed = closedWith(10);
        Path epochs = PartitionFolder.of(closed, A).resolve("leader-epoch-checkpoint");
        byte[] whole = Files.readAllBytes(epochs);
        for (String damaged : List.of("0\n1\nj 0\n", "j\n1\n0 0\n", "0\n2\n0 0\n", "\0\0\0\0")) {
            Files.writeString(epochs, damaged);
            try (HotLog hot = HotLog.open(settings(closed))) {
                assertThatThrownBy(() -> values(hot, A))
                        .hasMessageContaining(epochs.toString())
                        .hasMessageContaining("is damaged")
                        .hasMessageContaining("Restore its folder");
                assertThat(hot.suspectLogs()).isEqualTo(1);
                assertThat(values(hot, B)).containsExactly("other");
            }
            Files.write(epochs, whole);
            try (HotLog hot = HotLog.open(settings(closed))) {
                assertThat(values(hot, A)).hasSize(10);
                assertThat(hot.suspectLogs()).isZero();
            }
        }
    }

    @Test
    void aLogThatIsOpenedInACrashedFolderWithADamagedEpochFileIsSuspectToo()
            throws IOException { // R20, L7
        Path dir = root.resolve("live");
        try (HotLog hot = HotLog.open(settings(dir))) {
            append(hot.open(A, config()), batch("value"));
            append(hot.open(B, config()), batch("other"));
            Path killed = crash(dir);
            Path folder = PartitionFolder.of(killed, A);
            Files.writeString(folder.resolve("leader-epoch-checkpoint"), "0\n1\nj 0\n");
            try (HotLog again = HotLog.open(settings(killed))) {
                assertThatThrownBy(() -> values(again, A)).hasMessageContaining("is damaged");
                assertThat(again.suspectLogs()).isEqualTo(1);
                assertThat(values(again, B)).containsExactly("other");
            }
        }
    }

    /// A stray leaves no mark in the journal, which still has its rows and batches.
    @Test
    void aStrayThatWasDeletedIsNotBackWhenAnotherTopicHasItsName() throws IOException { // L6, L14
        Path dir = root.resolve("live");
        TopicIdPartition next = new TopicIdPartition(Uuid.randomUuid(), A.partition(), A.topic());
        try (HotLog hot = HotLog.open(settings(dir))) {
            append(hot.open(A, config()), batch("old"));
            hot.makeStray(A, "a test").join();
            hot.delete(A);
            append(hot.open(next, config()), batch("new"));
            Path killed = crash(dir);
            Path killedInBetween = crash(dir); // the folder is made, and does not say whose it is
            Files.delete(PartitionFolder.of(killedInBetween, next).resolve(PartitionFolder.OWNER));
            for (Path copy : List.of(killed, killedInBetween)) {
                try (HotLog again = HotLog.open(settings(copy))) {
                    assertThat(again.known()).containsExactly(next);
                    assertThat(again.suspectLogs()).isZero();
                    assertThat(values(again, next)).containsExactly("new");
                }
            }
        }
    }
}
