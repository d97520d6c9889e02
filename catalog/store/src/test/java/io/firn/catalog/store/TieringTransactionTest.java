package io.firn.catalog.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.firn.catalog.client.ColdState;
import io.firn.catalog.client.ExtentRow;
import io.firn.catalog.client.FencedException;
import io.firn.catalog.client.FileRow;
import io.firn.catalog.client.SegmentRow;
import io.firn.catalog.client.TopicDroppedException;
import io.firn.catalog.store.commit.CommitPlan;
import io.firn.catalog.store.commit.CommitStore;
import io.firn.catalog.store.commit.HiddenExtent;
import io.firn.catalog.store.commit.HiddenRows;
import io.firn.catalog.store.commit.PendingSegment;
import io.firn.catalog.store.commit.RowsToHide;
import io.firn.catalog.store.commit.StaleCommitterException;
import io.firn.catalog.store.commit.TieringCommit;
import io.firn.catalog.store.lease.Lease;
import io.firn.catalog.store.sql.StoreConflictException;
import io.firn.catalog.store.table.TableRow;
import io.firn.catalog.store.table.TopicRow;
import io.firn.catalog.store.table.TopicStore;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

class TieringTransactionTest {
    private static final Duration MINUTE = Duration.ofMinutes(1);

    private final CatalogStore store = SharedPostgres.store();
    private final UUID topic = UUID.randomUUID();
    private final UUID table = UUID.randomUUID();
    private final String leaseName = "test-" + topic;
    private Lease lease;
    private String pointer = "s3://b/m0";
    private long seq;

    @BeforeEach
    void topicWithATable() {
        store.topics()
                .create(
                        new TopicRow(topic, "public", "t" + topic, table, "", "raw", false),
                        new TableRow(
                                table,
                                "public",
                                "t" + topic,
                                pointer,
                                "s3://b/t" + topic,
                                0,
                                topic));
        lease = store.leases().take(leaseName, UUID.randomUUID(), MINUTE).orElseThrow();
    }

    @Test
    void committedSegmentIsInTheIndexAndThePointerMovesWithIt() { // C2
        store.segments().raiseFence(topic, 0, 3, 0);
        upload(0, 0, 100, 3);

        commitAll();

        ColdState state = store.coldIndex().stateSince(topic, 0, -1).orElseThrow();
        assertThat(state.coldEnd()).isEqualTo(100);
        assertThat(state.segments()).hasSize(1);
        assertThat(state.segments().getFirst().extents()).hasSize(1);
        assertThat(store.tables().table(table).orElseThrow().metadataLocation())
                .isEqualTo("s3://b/m1");
        assertThat(store.coldIndex().stateSince(topic, 0, state.generation())).isEmpty();
    }

    @Test
    void onlyTheContiguousPrefixOfAPartitionIsPlanned() {
        store.segments().raiseFence(topic, 0, 1, 0);
        upload(0, 0, 10, 1);
        upload(0, 20, 30, 1);
        assertThat(plan().segments()).extracting(PendingSegment::start).containsExactly(0L);

        upload(0, 10, 20, 1);
        assertThat(plan().segments())
                .extracting(PendingSegment::start)
                .containsExactly(0L, 10L, 20L);
    }

    @Test
    void aGapThatRetentionMadeIsRecordedAndSkipped() {
        store.segments().raiseFence(topic, 0, 1, 0);
        store.segments().raiseFence(topic, 0, 2, 50);
        upload(0, 50, 60, 2);

        commitAll();

        assertThat(store.coldIndex().coldEnd(topic, 0)).isEqualTo(60);
    }

    @Test
    void aGapOfLiveOffsetsIsRefusedByTheTransactionItself() { // C2
        store.segments().raiseFence(topic, 0, 1, 0);
        upload(0, 10, 20, 1);
        PendingSegment pending = pending(topic).getFirst();

        assertThatThrownBy(() -> store.commits().commit(lease, commit(List.of(pending), Set.of())))
                .isInstanceOf(StoreConflictException.class)
                .hasMessageContaining("not the next one");
        assertThat(store.tables().table(table).orElseThrow().metadataLocation())
                .isEqualTo("s3://b/m0");
    }

    @Test
    void aHigherEpochAbandonsWhatTheOldLeaderUploaded() { // C7
        store.segments().raiseFence(topic, 0, 1, 0);
        UUID old = upload(0, 0, 10, 1);
        CommitPlan planned = plan();

        store.segments().raiseFence(topic, 0, 2, 0);

        assertThatThrownBy(
                        () -> store.commits().commit(lease, commit(planned.segments(), Set.of())))
                .isInstanceOf(StoreConflictException.class);
        assertThatThrownBy(() -> store.segments().prepared(row(old, 0, 0, 10, 1, later())))
                .isInstanceOf(FencedException.class);
        assertThatThrownBy(() -> store.segments().raiseFence(topic, 0, 1, 0))
                .isInstanceOf(FencedException.class);
        assertThat(plan().segments()).isEmpty();
    }

    @Test
    void twoCopiesOfARangeCommitOnce() { // C7, C13
        store.segments().raiseFence(topic, 0, 1, 0);
        upload(0, 0, 10, 1);
        upload(0, 0, 10, 1);
        commitAll();

        CommitPlan second = plan();
        assertThat(second.segments()).isEmpty();
        assertThat(second.passed()).hasSize(1);
        store.commits().abandon(second.passed());
        assertThat(plan().passed()).isEmpty();
    }

    @Test
    void aStaleCommitterIsRefused() {
        store.segments().raiseFence(topic, 0, 1, 0);
        upload(0, 0, 10, 1);
        store.leases().release(lease);
        Lease next = store.leases().take(leaseName, UUID.randomUUID(), MINUTE).orElseThrow();
        assertThat(next.epoch()).isEqualTo(lease.epoch() + 1);

        CommitPlan plan = plan();
        assertThatThrownBy(() -> store.commits().commit(lease, commit(plan.segments(), Set.of())))
                .isInstanceOf(StaleCommitterException.class);
        store.commits().commit(next, commit(plan.segments(), Set.of()));
        assertThat(store.coldIndex().coldEnd(topic, 0)).isEqualTo(10);
    }

    @Test
    void aCommitBuiltOnAnOldPointerIsRefused() {
        store.segments().raiseFence(topic, 0, 1, 0);
        upload(0, 0, 10, 1);
        TieringCommit commit = commit(plan().segments(), Set.of());
        store.tables().swap(table, "s3://b/m0", "s3://b/evolved", List.of());

        assertThatThrownBy(() -> store.commits().commit(lease, commit))
                .isInstanceOf(StoreConflictException.class);
        assertThat(store.coldIndex().coldEnd(topic, 0)).isZero();
    }

    @Test
    void theSameAttemptSentTwiceCommitsOnceAndCanBeReadBack() { // C3
        store.segments().raiseFence(topic, 0, 1, 0);
        upload(0, 0, 10, 1);
        TieringCommit commit = commit(plan().segments(), Set.of());
        assertThat(store.commits().committed(commit.commitUuid())).isFalse();
        store.commits().commit(lease, commit);

        assertThatThrownBy(() -> store.commits().commit(lease, commit))
                .isInstanceOf(StoreConflictException.class);
        assertThat(store.commits().committed(commit.commitUuid())).isTrue();
        assertThat(store.coldIndex().stateSince(topic, 0, -1).orElseThrow().segments()).hasSize(1);
    }

    @Test
    void everyArrowMayBeRepeated() {
        store.segments().raiseFence(topic, 0, 1, 0);
        UUID id = UUID.randomUUID();
        SegmentRow row = row(id, 0, 0, 10, 1, later());
        FileRow file = file();
        List<ExtentRow> extents = List.of(new ExtentRow(id, file.fileId(), 0, 10, "{}"));
        for (int i = 0; i < 2; i++) {
            store.segments().prepared(row);
        }
        for (int i = 0; i < 2; i++) {
            store.segments().uploaded(id, file, extents);
        }
        store.segments().prepared(row);
        commitAll();
        store.segments().prepared(row);
        store.segments().uploaded(id, file, extents);
        store.segments().abandoned(id);

        assertThat(store.coldIndex().stateSince(topic, 0, -1).orElseThrow().segments()).hasSize(1);
    }

    @Test
    void anUploadAfterItsDeadlineIsRefused() { // C6
        store.segments().raiseFence(topic, 0, 1, 0);
        UUID id = UUID.randomUUID();
        store.segments().prepared(row(id, 0, 0, 10, 1, Instant.now().minusSeconds(1)));
        FileRow file = file();
        assertThatThrownBy(
                        () ->
                                store.segments()
                                        .uploaded(
                                                id,
                                                file,
                                                List.of(
                                                        new ExtentRow(
                                                                id, file.fileId(), 0, 10, "{}"))))
                .isInstanceOf(FencedException.class);
        assertThat(store.segments().abandonExpired()).isPositive();
    }

    @Test
    void segmentsThatShareAFileCommitTogetherOrNotAtAll() {
        store.segments().raiseFence(topic, 0, 1, 0);
        store.segments().raiseFence(topic, 1, 1, 0);
        UUID a = UUID.randomUUID();
        UUID b = UUID.randomUUID();
        store.segments().prepared(row(a, 0, 0, 10, 1, later()));
        store.segments().prepared(row(b, 1, 5, 10, 1, later())); // its [0, 5) is not there yet
        FileRow file = file();
        store.segments()
                .uploaded(
                        a,
                        file,
                        List.of(
                                new ExtentRow(a, file.fileId(), 0, 10, "{}"),
                                new ExtentRow(b, file.fileId(), 5, 10, "{}")));
        assertThat(plan().segments()).isEmpty();

        upload(1, 0, 5, 1);
        assertThat(plan().segments()).hasSize(3);
        commitAll();
        assertThat(store.coldIndex().coldEnd(topic, 1)).isEqualTo(10);
    }

    @Test
    void retentionRetiresAtOnceAndTheFileGoesWithTheNextCommit() {
        store.segments().raiseFence(topic, 0, 1, 0);
        upload(0, 0, 10, 1);
        upload(0, 10, 20, 1);
        commitAll();

        store.coldIndex().advanceLogStart(topic, 0, 15, false);

        ColdState state = store.coldIndex().stateSince(topic, 0, -1).orElseThrow();
        assertThat(state.logStart()).isEqualTo(15);
        assertThat(state.segments()).hasSize(1);
        CommitStore.Work work = store.commits().work(topic, 100);
        assertThat(work.removed()).hasSize(1);
        assertThat(store.commits().tablesWithWork()).contains(table);
        store.commits()
                .commit(lease, commit(List.of(), Set.of(work.removed().getFirst().fileId())));
        assertThat(store.commits().work(topic, 100).removed()).isEmpty();
    }

    @Test
    void retentionThatKeepsRowsLeavesTheFileInTheTable() {
        store.segments().raiseFence(topic, 0, 1, 0);
        upload(0, 0, 10, 1);
        commitAll();
        store.coldIndex().advanceLogStart(topic, 0, 10, true);
        assertThat(store.commits().work(topic, 100).removed()).isEmpty();
        assertThat(store.coldIndex().stateSince(topic, 0, -1).orElseThrow().segments()).isEmpty();
    }

    @Test
    void rowsBelowTheLogStartOfAFileThatStaysAreToBeHiddenOnce() { // C17
        store.segments().raiseFence(topic, 0, 1, 0);
        UUID segment = upload(0, 0, 10, 1);
        UUID dataFile = files.getLast();
        commitAll();
        assertThat(store.commits().work(topic, 100).hidden()).isEmpty();

        store.coldIndex().advanceLogStart(topic, 0, 4, false);
        assertThat(store.commits().tablesWithWork()).contains(table);
        RowsToHide first = store.commits().work(topic, 100).hidden().getFirst();
        assertThat(first.file().fileId()).isEqualTo(dataFile);
        assertThat(first.before()).isEmpty();
        assertThat(first.extents()).containsExactly(new HiddenExtent(segment, 0, 0, "{}", 4));
        UUID deletes = hide(first, List.of(), Set.of());
        assertThat(store.commits().work(topic, 100).hidden()).isEmpty();
        assertThat(store.commits().tablesWithWork()).doesNotContain(table);

        // Further on: new position deletes take the place of the old ones.
        store.coldIndex().advanceLogStart(topic, 0, 7, false);
        RowsToHide second = store.commits().work(topic, 100).hidden().getFirst();
        assertThat(second.before().orElseThrow().fileId()).isEqualTo(deletes);
        UUID next = hide(second, List.of(), Set.of(deletes));

        // When nothing of the file is owed any more, both leave together.
        store.coldIndex().advanceLogStart(topic, 0, 10, false);
        CommitStore.Work last = store.commits().work(topic, 100);
        assertThat(last.hidden()).isEmpty();
        assertThat(last.removed()).extracting(f -> f.fileId()).containsExactly(dataFile);
        assertThat(last.removedDeletes()).extracting(f -> f.fileId()).containsExactly(next);
    }

    @Test
    void rowsBelowTheLogStartAreHiddenByTheCommitThatBringsThem() { // C17
        store.segments().raiseFence(topic, 0, 1, 0);
        store.coldIndex().advanceLogStart(topic, 0, 95, false);
        assertThat(store.commits().work(topic, 100).hidden()).isEmpty(); // and done
        upload(0, 90, 110, 1);
        CommitStore.Work work = store.commits().work(topic, 100);
        assertThat(work.hidden()).hasSize(1);
        assertThat(work.hidden().getFirst().extents().getFirst().below()).isEqualTo(95);

        assertThatThrownBy(
                        () ->
                                store.commits()
                                        .commit(lease, commit(work.plan().segments(), Set.of())))
                .isInstanceOf(StoreConflictException.class)
                .hasMessageContaining("below a log start");
        hide(work.hidden().getFirst(), work.plan().segments(), Set.of());
        assertThat(store.coldIndex().coldEnd(topic, 0)).isEqualTo(110);
        assertThat(store.commits().work(topic, 100).hidden()).isEmpty();
    }

    @Test
    void ofASharedFileRetiredSegmentsAreHiddenWhileAnotherStays() { // C17
        store.segments().raiseFence(topic, 0, 1, 0);
        store.segments().raiseFence(topic, 1, 1, 0);
        UUID a = UUID.randomUUID();
        UUID b = UUID.randomUUID();
        store.segments().prepared(row(a, 0, 0, 10, 1, later()));
        store.segments().prepared(row(b, 1, 0, 10, 1, later()));
        FileRow file = file();
        store.segments()
                .uploaded(
                        a,
                        file,
                        List.of(
                                new ExtentRow(a, file.fileId(), 0, 10, "{}"),
                                new ExtentRow(b, file.fileId(), 0, 10, "{}")));
        commitAll();
        store.coldIndex().advanceLogStart(topic, 0, 10, false);
        CommitStore.Work work = store.commits().work(topic, 100);
        assertThat(work.removed()).isEmpty();
        assertThat(work.hidden().getFirst().extents())
                .containsExactlyInAnyOrder(
                        new HiddenExtent(a, 0, 0, "{}", 10), new HiddenExtent(b, 1, 0, "{}", 0));
    }

    @Test
    void rowsThatRetentionKeepsAreNotHidden() {
        store.segments().raiseFence(topic, 0, 1, 0);
        upload(0, 0, 10, 1);
        commitAll();
        store.coldIndex().advanceLogStart(topic, 0, 4, true);
        assertThat(store.commits().work(topic, 100).hidden()).isEmpty();
        assertThat(store.coldIndex().stateSince(topic, 0, -1).orElseThrow().logStart())
                .isEqualTo(4);
    }

    private UUID hide(RowsToHide rows, List<PendingSegment> segments, Set<UUID> replaced) {
        UUID id = UUID.randomUUID();
        TieringCommit plain = commit(segments, Set.of());
        var hidden =
                new HiddenRows(
                        rows.file().fileId(),
                        rows.extents(),
                        Optional.of(
                                new HiddenRows.Deletes(
                                        id, "s3://b/deletes/" + id, 10, "crc32c:00", "{}")));
        store.commits()
                .commit(
                        lease,
                        new TieringCommit(
                                plain.commitUuid(),
                                topic,
                                table,
                                plain.commitSeq(),
                                plain.before(),
                                plain.after(),
                                segments,
                                Set.of(),
                                List.of(hidden),
                                replaced,
                                List.of()));
        return id;
    }

    @Test
    void nothingOfADroppedTopicCommits() { // C14
        store.segments().raiseFence(topic, 0, 1, 0);
        upload(0, 0, 10, 1);
        TieringCommit commit = commit(plan().segments(), Set.of());
        store.topics().drop(topic, false);

        assertThatThrownBy(() -> store.commits().commit(lease, commit))
                .isInstanceOf(TopicDroppedException.class);
        assertThatThrownBy(() -> store.segments().raiseFence(topic, 0, 9, 0))
                .isInstanceOf(TopicDroppedException.class);
        assertThat(store.topics().locationsToPurge(Duration.ofSeconds(-1)))
                .extracting(TopicStore.DroppedLocation::location)
                .contains("s3://b/t" + topic);
        store.topics().drop(topic, false); // repeated
    }

    // --- helpers -----------------------------------------------------------------------------

    private CommitPlan plan() {
        return store.commits().work(topic, 100).plan();
    }

    private void commitAll() {
        store.commits().commit(lease, commit(plan().segments(), Set.of()));
    }

    private TieringCommit commit(List<PendingSegment> segments, Set<UUID> removed) {
        TableRow now = store.tables().table(table).orElseThrow();
        pointer = now.metadataLocation();
        seq = now.commitSeq() + 1;
        return new TieringCommit(
                UUID.randomUUID(),
                topic,
                table,
                seq,
                pointer,
                "s3://b/m" + seq,
                segments,
                removed,
                List.of(),
                Set.of(),
                List.of());
    }

    private List<PendingSegment> pending(UUID topicId) {
        List<PendingSegment> all = new ArrayList<>();
        for (UUID id : uploads) {
            all.add(
                    new PendingSegment(
                            id, topicId, 0, 10, 20, 1, Instant.now(), List.of(files.getLast())));
        }
        return all;
    }

    private final List<UUID> uploads = new ArrayList<>();
    private final List<UUID> files = new ArrayList<>();

    private UUID upload(int partition, long start, long end, int epoch) {
        UUID id = UUID.randomUUID();
        store.segments().prepared(row(id, partition, start, end, epoch, later()));
        FileRow file = file();
        store.segments()
                .uploaded(id, file, List.of(new ExtentRow(id, file.fileId(), start, end, "{}")));
        uploads.add(id);
        files.add(file.fileId());
        return id;
    }

    private static Instant later() {
        return Instant.now().plusSeconds(600);
    }

    private static FileRow file() {
        UUID id = UUID.randomUUID();
        return new FileRow(id, "s3://b/data/" + id, 1000, "crc32c:00", "{}");
    }

    private SegmentRow row(UUID id, int p, long start, long end, int epoch, Instant deadline) {
        return new SegmentRow(
                id,
                topic,
                p,
                start,
                end,
                epoch,
                "raw",
                new byte[] {1},
                null,
                null,
                new byte[0],
                42,
                deadline);
    }
}
