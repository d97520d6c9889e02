package io.firn.catalog.store.table;

import io.firn.catalog.store.sql.Database;
import io.firn.catalog.store.sql.Sql;

import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;

/// What may be deleted from the object store, and is tried again until it is gone (C5, C18): data
/// files that retention took, and metadata that no live metadata names. A row goes after its object
/// only, so a restart, a busy store or a grace that is not over loses nothing.
public final class RetiredStore {
    /// How an object was named, and so how what it names is judged.
    public enum Kind {
        /// A table metadata file that left the metadata log.
        METADATA,
        /// The manifest list of an expired snapshot.
        MANIFEST_LIST
    }

    /// @param sequence the snapshot's sequence number; 0 for metadata files
    /// @param due whether the grace is over
    public record RetiredObject(String path, long sequence, boolean due) {}

    private final Database database;

    public RetiredStore(Database database) {
        this.database = database;
    }

    /// Runs inside the transaction that moves the pointer: what the new metadata drops is recorded
    /// with the drop or not at all.
    public static void record(Sql sql, UUID tableId, Kind kind, Collection<RetiredObject> objects)
            throws SQLException {
        if (objects.isEmpty()) {
            return;
        }
        sql.update(
                "insert into retired_object (path, table_id, kind, sequence)"
                        + " select p, ?, ?, s::bigint from unnest(?::text[], ?::text[]) as o(p, s)"
                        + " on conflict do nothing",
                tableId,
                kind.name(),
                objects.stream().map(RetiredObject::path).toList(),
                objects.stream().map(o -> Long.toString(o.sequence())).toList());
    }

    /// Objects below a table that nothing names, nor ever will.
    public void record(UUID tableId, Collection<String> paths) {
        database.transaction(sql -> TableStore.drop(sql, tableId, List.copyOf(paths)));
    }

    /// Ascending by sequence.
    public List<RetiredObject> objects(UUID tableId, Kind kind, Duration grace, int most) {
        return database.transaction(
                sql ->
                        sql.list(
                                "select path, sequence,"
                                        + " retired_at < now() - ? * interval '1 millisecond' as due"
                                        + " from retired_object where table_id = ? and kind = ?"
                                        + " order by sequence, retired_at, path limit ?",
                                row ->
                                        new RetiredObject(
                                                row.getString("path"),
                                                row.getLong("sequence"),
                                                row.getBoolean("due")),
                                grace.toMillis(),
                                tableId,
                                kind.name(),
                                most));
    }

    /// Tables that have metadata to delete.
    public List<TableRow> tables() {
        return database.transaction(
                sql ->
                        sql.list(
                                TableStore.SELECT
                                        + "where exists (select 1 from retired_object r"
                                        + " where r.table_id = i.table_id)"
                                        + " order by i.namespace, i.name",
                                TableStore::row));
    }

    /// These objects are not there any more.
    public void gone(Collection<String> paths) {
        if (!paths.isEmpty()) {
            database.transaction(
                    sql -> sql.update("delete from retired_object where path = any(?)", paths));
        }
    }

    /// Those of `paths` that this database has ever had as a table's metadata and not yet deleted.
    public Set<String> known(Collection<String> paths) {
        if (paths.isEmpty()) {
            return Set.of();
        }
        return database.transaction(
                sql ->
                        new HashSet<>(
                                sql.list(
                                        "select metadata_location from iceberg_table"
                                                + " where metadata_location = any(?)"
                                                + " union select metadata_location from table_commit"
                                                + " where metadata_location = any(?)"
                                                + " union select path from retired_object"
                                                + " where path = any(?)",
                                        row -> row.getString(1),
                                        paths,
                                        paths,
                                        paths)));
    }

    /// Data files of a topic that retention took out of its table, longer than `grace` ago and by
    /// a commit no later than `upToSeq`; the oldest first.
    public List<String> files(UUID topicId, long upToSeq, Duration grace, int most) {
        return database.transaction(
                sql ->
                        sql.list(
                                "select path from cold_file where topic_id = ? and state = 'RETIRED'"
                                        + " and retired_seq <= ?"
                                        + " and changed_at < now() - ? * interval '1 millisecond'"
                                        + " order by changed_at, path limit ?",
                                row -> row.getString(1),
                                topicId,
                                upToSeq,
                                grace.toMillis(),
                                most));
    }

    /// The objects of these data files are not there any more.
    public void filesGone(Collection<String> paths) {
        if (!paths.isEmpty()) {
            database.transaction(
                    sql ->
                            sql.update(
                                    "update cold_file set state = 'DELETED', changed_at = now()"
                                            + " where path = any(?) and state = 'RETIRED'",
                                    paths));
        }
    }

    /// When the server behind the connection was started. A database that was restored, or a
    /// standby that took over, is another one (C16).
    public Instant serverStart() {
        return database.transaction(RetiredStore::serverStart);
    }

    /// The same, of the server that runs this transaction.
    public static Instant serverStart(Sql sql) throws SQLException {
        return sql.one("select pg_postmaster_start_time() as at", row -> Sql.instant(row, "at"))
                .orElseThrow();
    }
}
