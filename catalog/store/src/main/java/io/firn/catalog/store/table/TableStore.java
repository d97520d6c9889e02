package io.firn.catalog.store.table;

import io.firn.catalog.store.sql.Database;
import io.firn.catalog.store.sql.Sql;
import io.firn.catalog.store.sql.StoreConflictException;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/// Iceberg namespaces and table pointers.
public final class TableStore {
    static final String SELECT =
            "select i.*, t.topic_id as topic from iceberg_table i"
                    + " left join topic t on t.table_id = i.table_id ";

    /// Between the levels of a namespace.
    private static final char LEVEL = '\u001f';

    /// One claim of a folder at a time, so that two cannot be made inside each other.
    private static final int CLAIMS = 4712;

    private final Database database;

    public TableStore(Database database) {
        this.database = database;
    }

    public boolean createNamespace(String namespace, String propertiesJson) {
        return database.transaction(
                sql ->
                        sql.update(
                                        "insert into iceberg_namespace (namespace, properties) values (?, ?)"
                                                + " on conflict do nothing",
                                        namespace,
                                        propertiesJson)
                                == 1);
    }

    /// @return false when it is absent
    /// @throws StoreConflictException when tables or namespaces are in it
    public boolean dropNamespace(String namespace) {
        return database.transaction(
                sql -> {
                    if (sql.exists(
                            "select 1 from iceberg_namespace where starts_with(namespace, ?)",
                            namespace + LEVEL)) {
                        throw new StoreConflictException("Other namespaces are below it");
                    }
                    return sql.update(
                                    "delete from iceberg_namespace where namespace = ?", namespace)
                            == 1;
                });
    }

    public List<String> namespaces() {
        return database.transaction(
                sql ->
                        sql.list(
                                "select namespace from iceberg_namespace order by namespace",
                                row -> row.getString(1)));
    }

    /// Of a namespace that is there, or that only has others below it: those have no properties
    /// yet.
    public Optional<String> namespaceProperties(String namespace) {
        return database.transaction(
                sql ->
                        sql.one(
                                """
                                select p from (select coalesce(
                                    (select properties from iceberg_namespace
                                        where namespace = ?),
                                    (select '{}' where exists (select 1 from iceberg_namespace
                                        where starts_with(namespace, ?)))) as p) found
                                where p is not null
                                """,
                                row -> row.getString(1),
                                namespace,
                                namespace + LEVEL));
    }

    public boolean setNamespaceProperties(String namespace, String propertiesJson) {
        return database.transaction(
                sql ->
                        sql.update(
                                        "insert into iceberg_namespace (namespace, properties)"
                                                + " values (?, ?) on conflict (namespace)"
                                                + " do update set properties = excluded.properties",
                                        namespace,
                                        propertiesJson)
                                == 1);
    }

    public List<TableRow> tables(String namespace) {
        return database.transaction(
                sql ->
                        sql.list(
                                SELECT + "where namespace = ? order by name",
                                TableStore::row,
                                namespace));
    }

    /// Every topic's table.
    public List<TableRow> topicTables() {
        return database.transaction(
                sql ->
                        sql.list(
                                SELECT + "where t.topic_id is not null order by namespace, name",
                                TableStore::row));
    }

    public Optional<TableRow> table(String namespace, String name) {
        return database.transaction(
                sql ->
                        sql.one(
                                SELECT + "where namespace = ? and name = ?",
                                TableStore::row,
                                namespace,
                                name));
    }

    public Optional<TableRow> table(UUID tableId) {
        return database.transaction(
                sql -> sql.one(SELECT + "where i.table_id = ?", TableStore::row, tableId));
    }

    /// @throws StoreConflictException when the name is taken
    /// @throws OwnedPrefixException when its folder is another table's
    public void createTable(TableRow table) {
        database.transaction(sql -> insert(sql, table));
    }

    static int insert(Sql sql, TableRow table) throws SQLException {
        sql.list("select pg_advisory_xact_lock(?)", row -> true, CLAIMS);
        Optional<String> owner = owner(sql, table.prefix());
        if (owner.isPresent()) {
            throw new OwnedPrefixException(
                    "Cannot make table %s.%s at %s: that folder belongs to %s; choose another location, or none"
                            .formatted(
                                    table.namespace(), table.name(), table.prefix(), owner.get()));
        }
        sql.update( // one that only had others below it becomes one of its own
                "insert into iceberg_namespace (namespace) select ? where exists (select 1"
                        + " from iceberg_namespace where starts_with(namespace, ?))"
                        + " on conflict do nothing",
                table.namespace(),
                table.namespace() + LEVEL);
        return sql.update(
                "insert into iceberg_table (table_id, namespace, name, metadata_location, prefix)"
                        + " values (?, ?, ?, ?, ?)",
                table.tableId(),
                table.namespace(),
                table.name(),
                table.metadataLocation(),
                table.prefix());
    }

    /// C18: whose a folder is, said for people; empty when it is free. One is taken too when it
    /// lies in another, has another in it, or waits to be emptied.
    public Optional<String> owner(String prefix) {
        return database.transaction(sql -> owner(sql, prefix));
    }

    private static Optional<String> owner(Sql sql, String prefix) throws SQLException {
        return sql.one(
                """
                select 'table ' || replace(namespace, chr(31), '.') || '.' || name as owner
                    from iceberg_table where prefix = ? or starts_with(prefix, ?)
                        or starts_with(?, prefix || '/')
                union all
                select 'a dropped table until it is emptied' from dropped_location
                    where location = ? or starts_with(location, ?)
                        or starts_with(?, location || '/')
                limit 1
                """,
                row -> row.getString("owner"),
                prefix,
                prefix + "/",
                prefix,
                prefix,
                prefix + "/",
                prefix);
    }

    /// Compare-and-set of the metadata pointer, for everything but a tiering commit.
    ///
    /// @throws StoreConflictException when the pointer is not `before` any more
    ///
    /// @param dropped metadata files that the new metadata's log does not name any more
    public void swap(UUID tableId, String before, String after, List<String> dropped) {
        database.transaction(
                sql -> {
                    move(sql, tableId, before, after);
                    return drop(sql, tableId, dropped);
                });
    }

    /// The same, and the topic's new column plans with it. Plans and columns are one thing: they
    /// are compared and set together, else the columns that one schema brought are given to another
    /// a second time.
    ///
    /// @throws StoreConflictException when pointer or plans are not those that were read
    public void swap(
            UUID tableId, String before, String after, List<String> dropped, TopicPlan plan) {
        database.transaction(
                sql -> {
                    move(sql, tableId, before, after);
                    int planned =
                            sql.update(
                                    "update topic set mapping = ?, layout = ?"
                                            + " where table_id = ? and mapping = ?",
                                    plan.mapping(),
                                    plan.layout(),
                                    tableId,
                                    plan.mappingBefore());
                    if (planned != 1) {
                        throw new StoreConflictException(
                                "The columns of table %s were planned anew meanwhile"
                                        .formatted(tableId));
                    }
                    return drop(sql, tableId, dropped);
                });
    }

    /// The same, when snapshots are expired: their manifest lists are deleted later (C5).
    public void expire(
            UUID tableId,
            String before,
            String after,
            List<String> dropped,
            List<RetiredStore.RetiredObject> manifestLists) {
        database.transaction(
                sql -> {
                    move(sql, tableId, before, after);
                    RetiredStore.record(
                            sql, tableId, RetiredStore.Kind.MANIFEST_LIST, manifestLists);
                    return drop(sql, tableId, dropped);
                });
    }

    private static void move(Sql sql, UUID tableId, String before, String after)
            throws SQLException {
        int swapped =
                sql.update(
                        "update iceberg_table set metadata_location = ?"
                                + " where table_id = ? and metadata_location = ?",
                        after,
                        tableId,
                        before);
        if (swapped != 1) {
            throw new StoreConflictException(
                    "Table %s is not at %s any more".formatted(tableId, before));
        }
    }

    public static boolean drop(Sql sql, UUID tableId, List<String> metadata) throws SQLException {
        RetiredStore.record(
                sql,
                tableId,
                RetiredStore.Kind.METADATA,
                metadata.stream()
                        .map(path -> new RetiredStore.RetiredObject(path, 0, true))
                        .toList());
        return true;
    }

    /// Column plans and layout of a topic, as they change together with its schema.
    ///
    /// @param mappingBefore what they were made from
    public record TopicPlan(String mappingBefore, String mapping, String layout) {}

    /// @param purge whether its folder is to be emptied: by maintenance, and until it is empty
    public boolean dropTable(UUID tableId, boolean purge) {
        return database.transaction(
                sql -> {
                    Optional<TableRow> row =
                            sql.one(
                                    SELECT + "where i.table_id = ? for update of i",
                                    TableStore::row,
                                    tableId);
                    if (row.isEmpty()) {
                        return false;
                    }
                    if (purge) {
                        purge(sql, row.get().prefix());
                    }
                    return sql.update("delete from iceberg_table where table_id = ?", tableId) == 1;
                });
    }

    public static void purge(Sql sql, String prefix) throws SQLException {
        sql.update(
                "insert into dropped_location (location) values (?) on conflict do nothing",
                prefix);
    }

    /// @throws StoreConflictException when the new name is taken or its namespace absent
    public boolean rename(UUID tableId, String namespace, String name) {
        return database.transaction(
                sql ->
                        sql.update(
                                        "update iceberg_table set namespace = ?, name = ? where table_id = ?",
                                        namespace,
                                        name,
                                        tableId)
                                == 1);
    }

    public static TableRow row(ResultSet row) throws SQLException {
        return new TableRow(
                Sql.uuid(row, "table_id"),
                row.getString("namespace"),
                row.getString("name"),
                row.getString("metadata_location"),
                row.getString("prefix"),
                row.getLong("commit_seq"),
                row.getObject("topic", UUID.class));
    }
}
