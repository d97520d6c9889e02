package io.firn.catalog.store.commit;

import io.firn.catalog.store.lease.Lease;
import io.firn.catalog.store.segment.SegmentStore;
import io.firn.catalog.store.sql.Sql;
import io.firn.catalog.store.sql.StoreConflictException;
import io.firn.catalog.store.table.TableStore;

import java.sql.SQLException;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;

/// The one transaction that makes a range both tiered and committed (C2, FORMAT §6.1.4). Each step
/// locks what it checks, so that what was true when checked is true at the commit.
final class TieringTransaction {
    private final Sql sql;
    private final TieringCommit commit;

    private TieringTransaction(Sql sql, TieringCommit commit) {
        this.sql = sql;
        this.commit = commit;
    }

    static void run(Sql sql, Lease lease, TieringCommit commit) throws SQLException {
        TieringTransaction tiering = new TieringTransaction(sql, commit);
        tiering.checkLease(lease);
        SegmentStore.refuseDropped(sql, commit.topicId()); // C14
        tiering.swapPointer();
        tiering.advanceFences();
        tiering.commitFiles();
        HiddenRowsStore.record(sql, commit);
        tiering.retireFiles();
    }

    private void checkLease(Lease lease) throws SQLException {
        if (!sql.exists(
                "select 1 from committer_lease where name = ? and holder = ? and epoch = ?"
                        + " and expires_at > now() for share",
                lease.name(),
                lease.holder(),
                lease.epoch())) {
            throw new StaleCommitterException(
                    "Committer %s does not hold lease '%s' of epoch %d any more"
                            .formatted(lease.holder(), lease.name(), lease.epoch()));
        }
    }

    /// Compare-and-set on the old location and the old number: a stale attempt changes nothing.
    private void swapPointer() throws SQLException {
        int swapped =
                sql.update(
                        "update iceberg_table set metadata_location = ?, commit_seq = ?"
                                + " where table_id = ? and metadata_location = ? and commit_seq = ?",
                        commit.after(),
                        commit.commitSeq(),
                        commit.tableId(),
                        commit.before(),
                        commit.commitSeq() - 1);
        if (swapped != 1) {
            throw new StoreConflictException(
                    "Table %s is not at %s and commit %d any more"
                            .formatted(commit.tableId(), commit.before(), commit.commitSeq() - 1));
        }
        sql.update(
                "insert into table_commit (commit_uuid, table_id, commit_seq, metadata_location)"
                        + " values (?, ?, ?, ?)",
                commit.commitUuid(),
                commit.tableId(),
                commit.commitSeq(),
                commit.after());
        TableStore.drop(sql, commit.tableId(), commit.droppedMetadata());
    }

    private void advanceFences() throws SQLException {
        Set<UUID> ids = new TreeSet<>();
        commit.segments().forEach(s -> ids.add(s.segmentUuid()));
        Map<Integer, FenceRow> before = new HashMap<>();
        for (FenceRow fence :
                sql.list(
                        "select * from cold_fence where topic_id = ? order by partition for update",
                        CommitStore::fence,
                        commit.topicId())) {
            before.put(fence.partition(), fence);
        }
        int uploaded =
                sql.list(
                                "select segment_uuid from cold_segment where segment_uuid = any(?)"
                                        + " and state = 'UPLOADED' and deadline > now()"
                                        + " order by segment_uuid for update",
                                row -> Sql.uuid(row, "segment_uuid"),
                                ids)
                        .size();
        if (uploaded != ids.size()) {
            throw new StoreConflictException(
                    "Only %d of %d segments are still UPLOADED and within their deadline"
                            .formatted(uploaded, ids.size()));
        }
        Map<Integer, FenceRow> after = new TreeMap<>();
        for (PendingSegment segment : commit.segments()) {
            FenceRow fence =
                    after.getOrDefault(segment.partition(), before.get(segment.partition()));
            if (fence == null || !fence.admits(segment)) {
                throw new StoreConflictException(
                        "Range [%d, %d) of %s-%d, epoch %d, is not the next one of fence %s"
                                .formatted(
                                        segment.start(),
                                        segment.end(),
                                        segment.topicId(),
                                        segment.partition(),
                                        segment.leaderEpoch(),
                                        fence));
            }
            recordSkip(fence, segment);
            after.put(segment.partition(), fence.after(segment));
        }
        for (FenceRow fence : after.values()) {
            sql.update(
                    "update cold_fence set cold_end = ?, generation = generation + 1"
                            + " where topic_id = ? and partition = ?",
                    fence.coldEnd(),
                    commit.topicId(),
                    fence.partition());
        }
        sql.update(
                "update cold_segment set state = 'COMMITTED', commit_seq = ?, changed_at = now()"
                        + " where segment_uuid = any(?)",
                commit.commitSeq(),
                ids);
    }

    private void recordSkip(FenceRow fence, PendingSegment segment) throws SQLException {
        if (segment.start() > fence.coldEnd()) {
            sql.update(
                    "insert into cold_skip (topic_id, partition, start_offset, end_offset, commit_seq)"
                            + " values (?, ?, ?, ?, ?)",
                    commit.topicId(),
                    segment.partition(),
                    fence.coldEnd(),
                    segment.start(),
                    commit.commitSeq());
        }
    }

    /// C13: a file goes into the table once. Each of its segments is committed by now, so no rows
    /// come along that the log has not committed.
    private void commitFiles() throws SQLException {
        Set<UUID> files = new TreeSet<>();
        commit.segments().forEach(s -> files.addAll(s.files()));
        if (sql.exists(
                "select 1 from cold_extent e join cold_segment s using (segment_uuid)"
                        + " where e.file_id = any(?) and s.state <> 'COMMITTED'",
                files)) {
            throw new StoreConflictException(
                    "A file of commit %s holds a segment that is not committed with it"
                            .formatted(commit.commitUuid()));
        }
        int changed =
                sql.update(
                        "update cold_file set state = 'COMMITTED', changed_at = now()"
                                + " where file_id = any(?) and state = 'UPLOADED'",
                        files);
        if (changed != files.size()) {
            throw new StoreConflictException(
                    "%d of %d files of commit %s are not UPLOADED any more"
                            .formatted(files.size() - changed, files.size(), commit.commitUuid()));
        }
    }

    private void retireFiles() throws SQLException {
        if (commit.removedFiles().isEmpty()) {
            return;
        }
        int changed =
                sql.update(
                        "update cold_file set state = 'RETIRED', retired_seq = ?, changed_at = now()"
                                + " where file_id = any(?) and state = 'COMMITTED'"
                                + " and not exists (select 1 from cold_extent e join cold_segment s"
                                + " using (segment_uuid) where e.file_id = cold_file.file_id"
                                + " and (s.state <> 'RETIRED' or s.keep_rows))",
                        commit.commitSeq(),
                        commit.removedFiles());
        if (changed != commit.removedFiles().size()) {
            throw new StoreConflictException(
                    "Retention of commit %s was planned for files that have changed"
                            .formatted(commit.commitUuid()));
        }
    }
}
