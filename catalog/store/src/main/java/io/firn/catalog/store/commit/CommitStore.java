package io.firn.catalog.store.commit;

import io.firn.catalog.store.lease.Lease;
import io.firn.catalog.store.segment.SegmentStore;
import io.firn.catalog.store.sql.Database;
import io.firn.catalog.store.sql.Sql;

import java.sql.Array;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/// What the committer reads and writes: the work that waits, and THE tiering transaction.
public final class CommitStore {
    /// Of one commit: each is a read and a write in the object store.
    private static final int MOST_HIDDEN = 50;

    private final Database database;

    public CommitStore(Database database) {
        this.database = database;
    }

    /// Tables that have something to commit, or files to take away.
    public List<UUID> tablesWithWork() {
        return database.transaction(
                sql ->
                        sql.list(
                                """
                                select t.table_id from topic t where not t.dropped
                                    and t.table_id is not null and (exists (
                                        select 1 from cold_segment s where s.topic_id = t.topic_id
                                            and s.state = 'UPLOADED' and s.deadline > now())
                                    or exists (
                                        select 1 from cold_segment s where s.topic_id = t.topic_id
                                            and s.state = 'RETIRED' and not s.keep_rows
                                            and exists (select 1 from cold_extent e
                                                join cold_file f using (file_id)
                                                where e.segment_uuid = s.segment_uuid
                                                    and f.state = 'COMMITTED'))
                                    or exists (
                                        select 1 from cold_fence f where f.topic_id = t.topic_id
                                            and f.hidden_to < f.rows_from))
                                """,
                                row -> Sql.uuid(row, "table_id")));
    }

    /// The plan of a topic's next commit, and the files in it.
    public Work work(UUID topicId, int maxSegments) {
        return database.transaction(
                sql -> {
                    HiddenRowsStore.markDone(sql, topicId);
                    List<FenceRow> fences =
                            sql.list(
                                    "select * from cold_fence where topic_id = ?",
                                    CommitStore::fence,
                                    topicId);
                    List<PendingSegment> pending =
                            sql.list(
                                    """
                                    select s.*, array(select distinct e.file_id from cold_extent e
                                        where e.segment_uuid = s.segment_uuid) as files
                                    from cold_segment s where s.topic_id = ?
                                        and s.state = 'UPLOADED' and s.deadline > now()
                                    order by s.partition, s.start_offset limit ?
                                    """,
                                    CommitStore::pending,
                                    topicId,
                                    maxSegments);
                    Map<UUID, Set<UUID>> segmentsOfFile = new HashMap<>();
                    Set<UUID> files = new HashSet<>();
                    pending.forEach(p -> files.addAll(p.files()));
                    sql.list(
                            "select file_id, segment_uuid from cold_extent where file_id = any(?)",
                            row ->
                                    segmentsOfFile
                                            .computeIfAbsent(
                                                    Sql.uuid(row, "file_id"), k -> new HashSet<>())
                                            .add(Sql.uuid(row, "segment_uuid")),
                            files);
                    CommitPlan plan = CommitPlan.of(fences, pending, segmentsOfFile);
                    List<FileToCommit> removed = retiredFiles(sql, topicId);
                    Set<UUID> removedIds = new HashSet<>();
                    removed.forEach(f -> removedIds.add(f.fileId()));
                    return new Work(
                            plan,
                            files(sql, plan.files()),
                            removed,
                            List.copyOf(HiddenRowsStore.deletesOf(sql, removedIds).values()),
                            HiddenRowsStore.toHide(
                                    sql, topicId, plan.files(), removedIds, MOST_HIDDEN));
                });
    }

    /// One round of a topic's table.
    ///
    /// @param added files that the plan brings
    /// @param removed files of which nothing is owed to a reader of the log any more
    /// @param removedDeletes the position deletes of those
    /// @param hidden rows that go from files that stay (C17)
    public record Work(
            CommitPlan plan,
            List<FileToCommit> added,
            List<FileToCommit> removed,
            List<FileToCommit> removedDeletes,
            List<RowsToHide> hidden) {}

    /// @param dataFileJson as Iceberg's `ContentFileParser` writes it
    public record FileToCommit(UUID fileId, String path, String dataFileJson) {}

    public static List<FileToCommit> files(Sql sql, Set<UUID> ids) throws SQLException {
        return sql.list(
                "select * from cold_file where file_id = any(?) order by path",
                CommitStore::file,
                ids);
    }

    private static List<FileToCommit> retiredFiles(Sql sql, UUID topicId) throws SQLException {
        return sql.list(
                """
                select f.* from cold_file f where f.topic_id = ? and f.state = 'COMMITTED'
                    and exists (select 1 from cold_extent e where e.file_id = f.file_id)
                    and not exists (select 1 from cold_extent e join cold_segment s
                        using (segment_uuid) where e.file_id = f.file_id
                            and (s.state <> 'RETIRED' or s.keep_rows))
                order by f.path limit 1000
                """,
                CommitStore::file,
                topicId);
    }

    /// C2: one transaction checks lease, tombstone, pointer, fences, deadlines and files, and makes
    /// "tiered in the log" and "committed in the table" the same fact.
    ///
    /// @throws StaleCommitterException another committer has the lease
    /// @throws StoreConflictException something changed since the plan was made; plan anew
    /// @throws UnknownStoreOutcomeException read back with [#committed] (C3)
    public void commit(Lease lease, TieringCommit commit) {
        database.transaction(
                sql -> {
                    TieringTransaction.run(sql, lease, commit);
                    return true;
                });
    }

    /// C3: whether the commit of that uuid happened.
    public boolean committed(UUID commitUuid) {
        return database.transaction(
                sql -> sql.exists("select 1 from table_commit where commit_uuid = ?", commitUuid));
    }

    /// Gives up segments that can never be committed.
    public void abandon(Collection<PendingSegment> passed) {
        database.transaction(
                sql -> {
                    for (PendingSegment segment : passed) {
                        SegmentStore.abandon(sql, segment.segmentUuid());
                    }
                    return true;
                });
    }

    /// Seconds that the longest waiting uploaded segment of any table has waited; 0 when none does.
    public double oldestWaitSeconds() {
        return database.transaction(
                sql ->
                        sql.one(
                                        "select coalesce(extract(epoch from now() - min(changed_at)), 0)"
                                                + " from cold_segment where state = 'UPLOADED'",
                                        row -> row.getDouble(1))
                                .orElse(0.0));
    }

    static FenceRow fence(ResultSet row) throws SQLException {
        return new FenceRow(
                row.getInt("partition"),
                row.getInt("leader_epoch"),
                row.getLong("cold_end"),
                row.getLong("log_start"));
    }

    private static PendingSegment pending(ResultSet row) throws SQLException {
        Array files = row.getArray("files");
        return new PendingSegment(
                Sql.uuid(row, "segment_uuid"),
                Sql.uuid(row, "topic_id"),
                row.getInt("partition"),
                row.getLong("start_offset"),
                row.getLong("end_offset"),
                row.getInt("leader_epoch"),
                Sql.instant(row, "changed_at"),
                Arrays.asList((UUID[]) files.getArray()));
    }

    public static FileToCommit file(ResultSet row) throws SQLException {
        return new FileToCommit(
                Sql.uuid(row, "file_id"), row.getString("path"), row.getString("data_file"));
    }

    /// How many tiering commits the table has had.
    public Optional<Long> commitSeq(UUID tableId) {
        return database.transaction(
                sql ->
                        sql.one(
                                "select commit_seq from iceberg_table where table_id = ?",
                                row -> row.getLong(1),
                                tableId));
    }
}
