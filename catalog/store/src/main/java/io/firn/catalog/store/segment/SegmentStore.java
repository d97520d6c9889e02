package io.firn.catalog.store.segment;

import io.firn.catalog.client.ExtentRow;
import io.firn.catalog.client.Fence;
import io.firn.catalog.client.FencedException;
import io.firn.catalog.client.FileRow;
import io.firn.catalog.client.SegmentRow;
import io.firn.catalog.client.TopicDroppedException;
import io.firn.catalog.store.sql.Database;
import io.firn.catalog.store.sql.Sql;
import io.firn.catalog.store.sql.StoreConflictException;

import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;

/// A segment's way up to its commit, as brokers drive it:
/// `PREPARED --uploaded--> UPLOADED`, and `ABANDONED` from both. Every arrow may be repeated.
///
/// Lock order everywhere: topic, fence (by partition), segment, file.
public final class SegmentStore {
    private final Database database;

    public SegmentStore(Database database) {
        this.database = database;
    }

    /// C2: only the highest epoch may commit. What lower ones had under way is abandoned (C7).
    public Fence raiseFence(UUID topicId, int partition, int leaderEpoch, long logStart) {
        return database.transaction(
                sql -> {
                    refuseDropped(sql, topicId);
                    Optional<Fence> fence =
                            sql.one(
                                    """
                                    insert into cold_fence as f
                                        (topic_id, partition, leader_epoch, log_start)
                                    values (?, ?, ?, ?)
                                    on conflict (topic_id, partition) do update set
                                        leader_epoch = excluded.leader_epoch,
                                        log_start = greatest(f.log_start, excluded.log_start)
                                    where f.leader_epoch <= excluded.leader_epoch
                                    returning cold_end, log_start, leader_epoch
                                    """,
                                    row -> new Fence(row.getLong(1), row.getLong(2), row.getInt(3)),
                                    topicId,
                                    partition,
                                    leaderEpoch,
                                    logStart);
                    if (fence.isEmpty()) {
                        throw new FencedException(
                                "Cannot raise the fence of %s-%d to leader epoch %d: a higher one was here; another broker leads"
                                        .formatted(topicId, partition, leaderEpoch));
                    }
                    List<UUID> lower =
                            sql.list(
                                    "select segment_uuid from cold_segment where topic_id = ?"
                                            + " and partition = ? and leader_epoch < ?"
                                            + " and state in ('PREPARED','UPLOADED')"
                                            + " order by segment_uuid for update",
                                    row -> Sql.uuid(row, "segment_uuid"),
                                    topicId,
                                    partition,
                                    leaderEpoch);
                    for (UUID segment : lower) {
                        abandon(sql, segment);
                    }
                    return fence.get();
                });
    }

    /// Records a range before the first byte of it is uploaded, or its final figures afterwards.
    public void prepared(SegmentRow s) {
        database.transaction(
                sql -> {
                    refuseDropped(sql, s.topicId());
                    Fence fence = fence(sql, s.topicId(), s.partition());
                    Optional<String> state = state(sql, s.segmentUuid());
                    if (state.isPresent() && !state.get().equals("PREPARED")) {
                        return refuseAbandoned(state.get(), s.segmentUuid()); // repeated: fine
                    }
                    if (fence.leaderEpoch() != s.leaderEpoch() || s.start() < fence.coldEnd()) {
                        throw new FencedException(
                                "Cannot prepare [%d, %d) of %s-%d for leader epoch %d: the fence is at epoch %d and offset %d; raise the fence and start there"
                                        .formatted(
                                                s.start(),
                                                s.end(),
                                                s.topicId(),
                                                s.partition(),
                                                s.leaderEpoch(),
                                                fence.leaderEpoch(),
                                                fence.nextStart()));
                    }
                    return sql.update(
                                    """
                                    insert into cold_segment (segment_uuid, topic_id, partition,
                                        start_offset, end_offset, leader_epoch, layout,
                                        content_digest, abort_index, epoch_lineage,
                                        producer_snapshot, max_timestamp, deadline, state)
                                    values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'PREPARED')
                                    on conflict (segment_uuid) do update set
                                        end_offset = excluded.end_offset,
                                        layout = excluded.layout,
                                        content_digest = excluded.content_digest,
                                        abort_index = excluded.abort_index,
                                        epoch_lineage = excluded.epoch_lineage,
                                        producer_snapshot = excluded.producer_snapshot,
                                        max_timestamp = excluded.max_timestamp,
                                        deadline = excluded.deadline,
                                        changed_at = now()
                                    """,
                                    s.segmentUuid(),
                                    s.topicId(),
                                    s.partition(),
                                    s.start(),
                                    s.end(),
                                    s.leaderEpoch(),
                                    s.layout(),
                                    s.contentDigest(),
                                    s.abortIndexJson(),
                                    s.epochLineageJson(),
                                    s.producerSnapshot(),
                                    s.maxTimestamp(),
                                    s.deadline())
                            == 1;
                });
    }

    /// The file is in the object store, whole; the segments in it may be committed.
    public void uploaded(UUID segment, FileRow file, List<ExtentRow> extents) {
        Set<UUID> segments = new TreeSet<>(); // ascending: the lock order
        extents.forEach(e -> segments.add(e.segmentUuid()));
        if (!segments.contains(segment)) {
            throw new IllegalArgumentException(
                    "Segment %s is uploaded in file %s without an extent; name its rows"
                            .formatted(segment, file.fileId()));
        }
        database.transaction(
                sql -> {
                    boolean anyNew = false;
                    for (UUID id : segments) {
                        String state =
                                state(sql, id)
                                        .orElseThrow(
                                                () ->
                                                        new StoreConflictException(
                                                                "Segment %s was never prepared; prepare it before its upload"
                                                                        .formatted(id)));
                        refuseAbandoned(state, id);
                        anyNew |= state.equals("PREPARED");
                    }
                    if (!anyNew) {
                        return true; // repeated
                    }
                    refuseExpired(sql, segments);
                    insertFile(sql, segment, file);
                    for (ExtentRow e : extents) {
                        sql.update(
                                "insert into cold_extent (segment_uuid, file_id, start_offset,"
                                        + " end_offset, seek_index) values (?, ?, ?, ?, ?)"
                                        + " on conflict do nothing",
                                e.segmentUuid(),
                                e.fileId(),
                                e.start(),
                                e.end(),
                                e.seekIndexJson());
                    }
                    sql.update(
                            "update cold_segment set state = 'UPLOADED', changed_at = now()"
                                    + " where segment_uuid = any(?) and state = 'PREPARED'",
                            segments);
                    return true;
                });
    }

    private static void insertFile(Sql sql, UUID segment, FileRow file) throws SQLException {
        sql.update(
                """
                insert into cold_file (file_id, topic_id, path, size, checksum, data_file, state)
                select ?, topic_id, ?, ?, ?, ?, 'UPLOADED' from cold_segment
                    where segment_uuid = ?
                on conflict (file_id) do nothing
                """,
                file.fileId(),
                file.path(),
                file.size(),
                file.checksum(),
                file.icebergDataFileJson(),
                segment);
    }

    /// C6: a late attempt is written anew under new names.
    private static void refuseExpired(Sql sql, Set<UUID> segments) throws SQLException {
        if (sql.exists(
                "select 1 from cold_segment where segment_uuid = any(?) and deadline < now()",
                segments)) {
            throw new FencedException(
                    "The upload of segments %s ended after their deadline; write them anew"
                            .formatted(segments));
        }
    }

    /// This attempt will never be committed. Without effect on what is committed already.
    public void abandoned(UUID segment) {
        database.transaction(sql -> abandon(sql, segment));
    }

    /// Abandons uploads whose deadline has passed without a commit.
    public int abandonExpired() {
        return database.transaction(
                sql -> {
                    List<UUID> expired =
                            sql.list(
                                    "select segment_uuid from cold_segment where deadline < now()"
                                            + " and state in ('PREPARED','UPLOADED')"
                                            + " order by segment_uuid limit 1000"
                                            + " for update skip locked",
                                    row -> Sql.uuid(row, "segment_uuid"));
                    for (UUID segment : expired) {
                        abandon(sql, segment);
                    }
                    return expired.size();
                });
    }

    /// A file's rows go to the table together or not at all, so whoever shares a file with an
    /// abandoned segment has to be written anew (FORMAT §6.1.4).
    public static boolean abandon(Sql sql, UUID segment) throws SQLException {
        int changed =
                sql.update(
                        """
                        update cold_segment set state = 'ABANDONED', changed_at = now()
                        where state in ('PREPARED','UPLOADED') and (segment_uuid = ?
                            or segment_uuid in (select other.segment_uuid from cold_extent mine
                                join cold_extent other on other.file_id = mine.file_id
                                where mine.segment_uuid = ?))
                        """,
                        segment,
                        segment);
        return changed > 0;
    }

    public static void refuseDropped(Sql sql, UUID topicId) throws SQLException {
        if (sql.exists("select 1 from topic where topic_id = ? and dropped for share", topicId)) {
            throw new TopicDroppedException(
                    "Topic %s was deleted; nothing of it is committed any more".formatted(topicId));
        }
    }

    private static Fence fence(Sql sql, UUID topicId, int partition) throws SQLException {
        return sql.one(
                        "select cold_end, log_start, leader_epoch from cold_fence"
                                + " where topic_id = ? and partition = ? for share",
                        row -> new Fence(row.getLong(1), row.getLong(2), row.getInt(3)),
                        topicId,
                        partition)
                .orElseThrow(
                        () ->
                                new FencedException(
                                        "Partition %s-%d has no fence yet; raise it first"
                                                .formatted(topicId, partition)));
    }

    private static Optional<String> state(Sql sql, UUID segment) throws SQLException {
        return sql.one(
                "select state from cold_segment where segment_uuid = ? for update",
                row -> row.getString(1),
                segment);
    }

    private static boolean refuseAbandoned(String state, UUID segment) {
        if (state.equals("ABANDONED")) {
            throw new FencedException(
                    "Segment %s was abandoned (a new leader, or its deadline); raise the fence and write it anew"
                            .formatted(segment));
        }
        return true;
    }
}
