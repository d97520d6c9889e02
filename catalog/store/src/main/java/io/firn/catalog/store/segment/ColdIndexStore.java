package io.firn.catalog.store.segment;

import io.firn.catalog.client.ColdExtent;
import io.firn.catalog.client.ColdSegment;
import io.firn.catalog.client.ColdState;
import io.firn.catalog.client.SegmentRow;
import io.firn.catalog.store.sql.Database;
import io.firn.catalog.store.sql.Sql;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/// What a cold read looks up, and retention.
public final class ColdIndexStore {
    private final Database database;

    public ColdIndexStore(Database database) {
        this.database = database;
    }

    /// The committed segments of a partition; empty when its generation is `knownGeneration`.
    public Optional<ColdState> stateSince(UUID topicId, int partition, long knownGeneration) {
        return database.transaction(
                sql -> {
                    // Locked, so that fence and segments are of one moment.
                    Optional<ColdState> fence =
                            sql.one(
                                    "select cold_end, log_start, generation from cold_fence"
                                            + " where topic_id = ? and partition = ? for share",
                                    row ->
                                            new ColdState(
                                                    row.getLong(1),
                                                    row.getLong(2),
                                                    row.getLong(3),
                                                    List.of()),
                                    topicId,
                                    partition);
                    if (fence.isEmpty()) {
                        return Optional.of(ColdState.EMPTY);
                    }
                    ColdState now = fence.get();
                    if (now.generation() == knownGeneration) {
                        return Optional.empty();
                    }
                    return Optional.of(
                            new ColdState(
                                    now.coldEnd(),
                                    now.logStart(),
                                    now.generation(),
                                    segments(sql, topicId, partition, now.coldEnd())));
                });
    }

    private static List<ColdSegment> segments(Sql sql, UUID topicId, int partition, long coldEnd)
            throws SQLException {
        Map<UUID, List<ColdExtent>> extents = new HashMap<>();
        sql.list(
                """
                select e.segment_uuid, f.path, f.size, e.start_offset, e.end_offset, e.seek_index
                from cold_segment s join cold_extent e using (segment_uuid)
                    join cold_file f using (file_id)
                where s.topic_id = ? and s.partition = ? and s.state = 'COMMITTED'
                    and f.state <> 'DELETED'
                order by e.start_offset
                """,
                row ->
                        extents.computeIfAbsent(
                                        Sql.uuid(row, "segment_uuid"), k -> new ArrayList<>())
                                .add(
                                        new ColdExtent(
                                                row.getString("path"),
                                                row.getLong("size"),
                                                row.getLong("start_offset"),
                                                row.getLong("end_offset"),
                                                row.getString("seek_index"))),
                topicId,
                partition);
        return sql.list(
                "select * from cold_segment where topic_id = ? and partition = ?"
                        + " and state = 'COMMITTED' order by start_offset",
                row -> {
                    SegmentRow segment = segment(row, row.getLong("end_offset") == coldEnd);
                    return new ColdSegment(
                            segment,
                            row.getLong("commit_seq"),
                            Sql.instant(
                                    row, "changed_at"), // by its commit: nothing else is COMMITTED
                            extents.getOrDefault(segment.segmentUuid(), List.of()));
                },
                topicId,
                partition);
    }

    private static SegmentRow segment(ResultSet row, boolean withProducers) throws SQLException {
        return new SegmentRow(
                Sql.uuid(row, "segment_uuid"),
                Sql.uuid(row, "topic_id"),
                row.getInt("partition"),
                row.getLong("start_offset"),
                row.getLong("end_offset"),
                row.getInt("leader_epoch"),
                row.getString("layout"),
                row.getBytes("content_digest"),
                row.getString("abort_index"),
                row.getString("epoch_lineage"),
                withProducers ? row.getBytes("producer_snapshot") : new byte[0],
                row.getLong("max_timestamp"),
                Sql.instant(row, "deadline"));
    }

    /// @return the cold end, 0 when the partition has never been fenced
    public long coldEnd(UUID topicId, int partition) {
        return database.transaction(
                sql ->
                        sql.one(
                                        "select cold_end from cold_fence where topic_id = ? and partition = ?",
                                        row -> row.getLong(1),
                                        topicId,
                                        partition)
                                .orElse(0L));
    }

    /// How far each partition of a topic is in the table.
    public List<PartitionStatus> partitions(UUID topicId) {
        return database.transaction(
                sql ->
                        sql.list(
                                """
                                select f.partition, f.leader_epoch, f.cold_end, f.log_start,
                                    f.generation,
                                    count(s.*) filter (where s.state = 'COMMITTED') as committed,
                                    count(s.*) filter (where s.state = 'UPLOADED') as waiting
                                from cold_fence f left join cold_segment s
                                    on s.topic_id = f.topic_id and s.partition = f.partition
                                where f.topic_id = ?
                                group by f.topic_id, f.partition order by f.partition
                                """,
                                row ->
                                        new PartitionStatus(
                                                row.getInt("partition"),
                                                row.getInt("leader_epoch"),
                                                row.getLong("cold_end"),
                                                row.getLong("log_start"),
                                                row.getLong("generation"),
                                                row.getLong("committed"),
                                                row.getLong("waiting")),
                                topicId));
    }

    /// One partition of a topic, for people.
    public record PartitionStatus(
            int partition,
            int leaderEpoch,
            long coldEnd,
            long logStart,
            long generation,
            long committedSegments,
            long waitingSegments) {}

    /// Retention and DeleteRecords: what lies wholly below `logStart` is retired at once. Its rows
    /// leave the table with the next commit, unless `keepRows`: files in which nothing is owed any
    /// more, and single rows of those that stay (C17).
    public void advanceLogStart(UUID topicId, int partition, long logStart, boolean keepRows) {
        database.transaction(
                sql -> {
                    SegmentStore.refuseDropped(sql, topicId);
                    int moved =
                            sql.update(
                                    "update cold_fence set log_start = greatest(log_start, ?),"
                                            + " rows_from = greatest(rows_from, ?),"
                                            + " generation = generation + 1"
                                            + " where topic_id = ? and partition = ?"
                                            + " and (log_start < ? or rows_from < ?)",
                                    logStart,
                                    keepRows ? 0 : logStart,
                                    topicId,
                                    partition,
                                    logStart,
                                    keepRows ? 0 : logStart);
                    sql.update(
                            "update cold_segment set state = 'RETIRED', keep_rows = ?,"
                                    + " changed_at = now() where topic_id = ? and partition = ?"
                                    + " and state = 'COMMITTED' and end_offset <= ?",
                            keepRows,
                            topicId,
                            partition,
                            logStart);
                    return moved == 1;
                });
    }
}
