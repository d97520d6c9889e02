package io.firn.catalog.store.table;

import io.firn.catalog.store.sql.Database;
import io.firn.catalog.store.sql.Sql;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/// Topics that have, or had, a table.
public final class TopicStore {
    private final Database database;

    public TopicStore(Database database) {
        this.database = database;
    }

    public Optional<TopicRow> topic(UUID topicId) {
        return database.transaction(
                sql -> sql.one("select * from topic where topic_id = ?", TopicStore::row, topicId));
    }

    public List<TopicRow> topics() {
        return database.transaction(
                sql ->
                        sql.list(
                                "select * from topic where not dropped order by tenant, topic",
                                TopicStore::row));
    }

    /// Records a new topic and its table, and the tenant's namespace when this is its first.
    ///
    /// @throws StoreConflictException when the topic or the table's name is there already
    public void create(TopicRow topic, TableRow table) {
        database.transaction(
                sql -> {
                    sql.update(
                            "insert into iceberg_namespace (namespace) values (?)"
                                    + " on conflict do nothing",
                            table.namespace());
                    TableStore.insert(sql, table);
                    return sql.update(
                            "insert into topic (topic_id, tenant, topic, table_id, mapping, layout)"
                                    + " values (?, ?, ?, ?, ?, ?)",
                            topic.topicId(),
                            topic.tenant(),
                            topic.topic(),
                            table.tableId(),
                            topic.mapping(),
                            topic.layout());
                });
    }

    /// Leaves a tombstone of the topic id, so that nothing of it commits any more (C14), and takes
    /// the table away, or leaves it as an ordinary one.
    ///
    /// @param keepTable false: the table goes at once, and what is in its folder after the grace
    public void drop(UUID topicId, boolean keepTable) {
        database.transaction(
                sql -> {
                    sql.update(
                            "insert into topic (topic_id, tenant, topic, dropped)"
                                    + " values (?, '', '', true)"
                                    + " on conflict (topic_id) do nothing",
                            topicId);
                    Optional<TopicRow> topic =
                            sql.one(
                                    "select * from topic where topic_id = ? for update",
                                    TopicStore::row,
                                    topicId);
                    UUID tableId = topic.orElseThrow().tableId();
                    sql.update(
                            "update topic set dropped = true, table_id = null where topic_id = ?",
                            topicId);
                    sql.update(
                            "update cold_segment set changed_at = now(), state ="
                                    + " case when state = 'COMMITTED' then 'RETIRED' else 'ABANDONED' end"
                                    + " where topic_id = ? and state in ('PREPARED','UPLOADED','COMMITTED')",
                            topicId);
                    sql.update(
                            "update cold_fence set generation = generation + 1 where topic_id = ?",
                            topicId);
                    if (tableId != null && !keepTable) {
                        Optional<String> prefix =
                                sql.one(
                                        "delete from iceberg_table where table_id = ?"
                                                + " returning prefix",
                                        row -> row.getString(1),
                                        tableId);
                        if (prefix.isPresent()) {
                            TableStore.purge(sql, prefix.get());
                        }
                    }
                    return true;
                });
    }

    /// Folders of tables that were dropped longer than `grace` ago.
    public List<DroppedLocation> locationsToPurge(Duration grace) {
        return database.transaction(
                sql ->
                        sql.list(
                                "select location, dropped_at from dropped_location"
                                        + " where dropped_at < now() - ? * interval '1 millisecond'",
                                row ->
                                        new DroppedLocation(
                                                row.getString("location"),
                                                Sql.instant(row, "dropped_at")),
                                grace.toMillis()));
    }

    /// A dropped table's folder.
    public record DroppedLocation(String location, Instant droppedAt) {}

    /// A topic and its table as they were at one moment; empty when it has none (any more).
    public Optional<TopicTable> topicTable(UUID topicId) {
        return database.transaction(
                sql ->
                        sql.one(
                                """
                                select t.topic_id, t.tenant, t.topic as topic_name, t.mapping,
                                    t.layout, t.dropped, i.*, t.topic_id as topic
                                from topic t join iceberg_table i on i.table_id = t.table_id
                                where t.topic_id = ?
                                """,
                                row ->
                                        new TopicTable(
                                                new TopicRow(
                                                        topicId,
                                                        row.getString("tenant"),
                                                        row.getString("topic_name"),
                                                        Sql.uuid(row, "table_id"),
                                                        row.getString("mapping"),
                                                        row.getString("layout"),
                                                        row.getBoolean("dropped")),
                                                TableStore.row(row)),
                                topicId));
    }

    /// Both rows of one moment: column plans fit the columns that the pointer's metadata has.
    public record TopicTable(TopicRow topic, TableRow table) {}

    /// The folder is empty now.
    public void purged(String location) {
        database.transaction(
                sql -> {
                    sql.update(
                            "update cold_file set state = 'DELETED', changed_at = now()"
                                    + " where starts_with(path, ?)",
                            location + "/");
                    return sql.update("delete from dropped_location where location = ?", location);
                });
    }

    public static TopicRow row(ResultSet row) throws SQLException {
        return new TopicRow(
                Sql.uuid(row, "topic_id"),
                row.getString("tenant"),
                row.getString("topic"),
                row.getObject("table_id", UUID.class),
                row.getString("mapping"),
                row.getString("layout"),
                row.getBoolean("dropped"));
    }
}
