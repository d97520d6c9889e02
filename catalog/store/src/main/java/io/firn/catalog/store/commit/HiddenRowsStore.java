package io.firn.catalog.store.commit;

import io.firn.catalog.store.commit.CommitStore.FileToCommit;
import io.firn.catalog.store.sql.Sql;
import io.firn.catalog.store.sql.StoreConflictException;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;

/// Rows below the log start in files that stay (C17): DeleteRecords stops anywhere, and a file that
/// partitions share stays while one of them is owed a row of it. Such rows leave the table by
/// position deletes, one file of them for each data file, which a later one takes the place of.
final class HiddenRowsStore {
    /// Extents whose rows have to go and have not. Of a partition that was brought up to date once,
    /// later ones only.
    private static final String TO_HIDE =
            """
            from cold_fence f
                join cold_segment s on s.topic_id = f.topic_id and s.partition = f.partition
                    and s.end_offset > f.hidden_to and s.start_offset < f.rows_from
                    and (s.state = 'COMMITTED' or (s.state = 'RETIRED' and not s.keep_rows))
                join cold_extent e on e.segment_uuid = s.segment_uuid
                    and e.start_offset < f.rows_from
                    and e.hidden_to < least(e.end_offset, f.rows_from)
                join cold_file d on d.file_id = e.file_id and d.state = 'COMMITTED'
            """;

    private HiddenRowsStore() {}

    /// Partitions whose files have no row left that must go are done; what a later commit brings is
    /// its own to look after.
    static void markDone(Sql sql, UUID topicId) throws SQLException {
        if (sql.exists(
                "select 1 from cold_fence where topic_id = ? and hidden_to < rows_from", topicId)) {
            sql.list(
                    "select partition from cold_fence where topic_id = ? and hidden_to < rows_from"
                            + " order by partition for update",
                    row -> row.getInt(1),
                    topicId);
            sql.update(
                    "update cold_fence done set hidden_to = rows_from where topic_id = ?"
                            + " and hidden_to < rows_from and not exists (select 1 "
                            + TO_HIDE
                            + " where f.topic_id = done.topic_id"
                            + " and f.partition = done.partition)",
                    topicId);
        }
    }

    /// What the next commit has to hide, of the files in the table and of those that it brings.
    ///
    /// @param added of the commit
    /// @param removed which leave the table with it
    static List<RowsToHide> toHide(
            Sql sql, UUID topicId, Collection<UUID> added, Collection<UUID> removed, int most)
            throws SQLException {
        Set<UUID> files =
                new TreeSet<>(
                        sql.list(
                                "select distinct e.file_id "
                                        + TO_HIDE
                                        + " where f.topic_id = ? and f.hidden_to < f.rows_from"
                                        + " limit "
                                        + most,
                                row -> Sql.uuid(row, "file_id"),
                                topicId));
        files.removeAll(removed);
        if (!added.isEmpty()) {
            files.addAll(
                    sql.list(
                            """
                            select distinct e.file_id from cold_extent e
                                join cold_segment s using (segment_uuid)
                                join cold_fence f on f.topic_id = s.topic_id
                                    and f.partition = s.partition
                            where e.file_id = any(?) and e.start_offset < f.rows_from
                            """,
                            row -> Sql.uuid(row, "file_id"),
                            added));
        }
        if (files.isEmpty()) {
            return List.of();
        }
        Map<UUID, FileToCommit> deletes = deletesOf(sql, files);
        Map<UUID, List<HiddenExtent>> extents = new HashMap<>();
        sql.list(
                """
                select e.*, s.partition, case when s.state = 'RETIRED' and s.keep_rows
                        then e.hidden_to
                        else greatest(e.hidden_to, least(e.end_offset, f.rows_from))
                    end as below
                from cold_extent e join cold_segment s using (segment_uuid)
                    join cold_fence f on f.topic_id = s.topic_id and f.partition = s.partition
                where e.file_id = any(?)
                """,
                row ->
                        extents.computeIfAbsent(Sql.uuid(row, "file_id"), k -> new ArrayList<>())
                                .add(extent(row)),
                files);
        List<RowsToHide> found = new ArrayList<>();
        for (FileToCommit file : CommitStore.files(sql, files)) {
            found.add(
                    new RowsToHide(
                            file,
                            extents.getOrDefault(file.fileId(), List.of()),
                            Optional.ofNullable(deletes.get(file.fileId()))));
        }
        return found;
    }

    private static HiddenExtent extent(ResultSet row) throws SQLException {
        long below = row.getLong("below");
        return new HiddenExtent(
                Sql.uuid(row, "segment_uuid"),
                row.getInt("partition"),
                row.getLong("start_offset"),
                row.getString("seek_index"),
                below > row.getLong("start_offset") ? below : 0);
    }

    /// The position deletes in the table, by data file.
    static Map<UUID, FileToCommit> deletesOf(Sql sql, Collection<UUID> dataFiles)
            throws SQLException {
        Map<UUID, FileToCommit> deletes = new LinkedHashMap<>();
        if (!dataFiles.isEmpty()) {
            sql.list(
                    "select * from cold_file where deletes_of = any(?) and state = 'COMMITTED'",
                    row -> deletes.put(Sql.uuid(row, "deletes_of"), CommitStore.file(row)),
                    dataFiles);
        }
        return deletes;
    }

    /// In the tiering transaction, behind its files: what was hidden is so from now on.
    static void record(Sql sql, TieringCommit commit) throws SQLException {
        if (!commit.removedDeletes().isEmpty()) {
            int retired =
                    sql.update(
                            "update cold_file set state = 'RETIRED', retired_seq = ?,"
                                    + " changed_at = now()"
                                    + " where file_id = any(?) and state = 'COMMITTED'"
                                    + " and deletes_of is not null",
                            commit.commitSeq(),
                            commit.removedDeletes());
            if (retired != commit.removedDeletes().size()) {
                throw new StoreConflictException(
                        "%d of %d position delete files of commit %s are not in the table any more"
                                .formatted(
                                        commit.removedDeletes().size() - retired,
                                        commit.removedDeletes().size(),
                                        commit.commitUuid()));
            }
        }
        for (HiddenRows hidden : commit.hidden()) {
            if (!sql.exists(
                    "select 1 from cold_file where file_id = ? and state = 'COMMITTED' for share",
                    hidden.dataFileId())) {
                throw new StoreConflictException(
                        "Data file %s, of which commit %s hides rows, is not in the table any more"
                                .formatted(hidden.dataFileId(), commit.commitUuid()));
            }
            if (hidden.deletes().isPresent()) {
                insert(sql, commit, hidden, hidden.deletes().get());
            }
            for (HiddenExtent extent : hidden.extents()) {
                sql.update(
                        "update cold_extent set hidden_to = greatest(hidden_to, ?)"
                                + " where segment_uuid = ? and file_id = ? and start_offset = ?",
                        extent.below(),
                        extent.segmentUuid(),
                        hidden.dataFileId(),
                        extent.start());
            }
        }
        refuseForgotten(sql, commit);
    }

    private static void insert(
            Sql sql, TieringCommit commit, HiddenRows hidden, HiddenRows.Deletes deletes)
            throws SQLException {
        sql.update(
                "insert into cold_file (file_id, topic_id, path, size, checksum, data_file,"
                        + " state, deletes_of) values (?, ?, ?, ?, ?, ?, 'COMMITTED', ?)",
                deletes.fileId(),
                commit.topicId(),
                deletes.path(),
                deletes.size(),
                deletes.checksum(),
                deletes.icebergJson(),
                hidden.dataFileId());
    }

    /// A segment that came with rows below the log start must not slip through between a plan of
    /// before and a partition that was done meanwhile.
    private static void refuseForgotten(Sql sql, TieringCommit commit) throws SQLException {
        Set<UUID> ids = new TreeSet<>();
        commit.segments().forEach(s -> ids.add(s.segmentUuid()));
        if (sql.exists(
                """
                select 1 from cold_extent e join cold_segment s using (segment_uuid)
                    join cold_fence f on f.topic_id = s.topic_id and f.partition = s.partition
                where e.segment_uuid = any(?) and f.hidden_to >= f.rows_from
                    and e.start_offset < f.rows_from
                    and e.hidden_to < least(e.end_offset, f.rows_from)
                """,
                ids)) {
            throw new StoreConflictException(
                    "Commit %s brings rows below a log start that moved since it was planned"
                            .formatted(commit.commitUuid()));
        }
    }
}
