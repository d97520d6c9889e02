package io.firn.catalog.store;

import org.jspecify.annotations.Nullable;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/// Iceberg namespaces and table pointers.
public final class TableStore {
    private static final String SELECT =
            "select i.*, t.topic_id as topic from iceberg_table i"
                    + " left join topic t on t.table_id = i.table_id ";

    private final Database database;

    TableStore(Database database) {
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
    /// @throws StoreConflictException when tables are in it
    public boolean dropNamespace(String namespace) {
        return database.transaction(
                sql ->
                        sql.update("delete from iceberg_namespace where namespace = ?", namespace)
                                == 1);
    }

    public List<String> namespaces() {
        return database.transaction(
                sql ->
                        sql.list(
                                "select namespace from iceberg_namespace order by namespace",
                                row -> row.getString(1)));
    }

    public Optional<String> namespaceProperties(String namespace) {
        return database.transaction(
                sql ->
                        sql.one(
                                "select properties from iceberg_namespace where namespace = ?",
                                row -> row.getString(1),
                                namespace));
    }

    public boolean setNamespaceProperties(String namespace, String propertiesJson) {
        return database.transaction(
                sql ->
                        sql.update(
                                        "update iceberg_namespace set properties = ? where namespace = ?",
                                        propertiesJson,
                                        namespace)
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
    public void createTable(UUID tableId, String namespace, String name, String location) {
        database.transaction(sql -> insert(sql, tableId, namespace, name, location));
    }

    static int insert(Sql sql, UUID tableId, String namespace, String name, String location)
            throws SQLException {
        return sql.update(
                "insert into iceberg_table (table_id, namespace, name, metadata_location)"
                        + " values (?, ?, ?, ?)",
                tableId,
                namespace,
                name,
                location);
    }

    /// Compare-and-set of the metadata pointer, for everything but a tiering commit.
    ///
    /// @throws StoreConflictException when the pointer is not `before` any more
    public void swap(UUID tableId, String before, String after) {
        swap(tableId, before, after, null);
    }

    /// The same, and the topic's new column plans with it.
    public void swap(UUID tableId, String before, String after, @Nullable TopicPlan plan) {
        database.transaction(
                sql -> {
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
                    if (plan != null) {
                        sql.update(
                                "update topic set mapping = ?, layout = ? where table_id = ?",
                                plan.mapping(),
                                plan.layout(),
                                tableId);
                    }
                    return swapped;
                });
    }

    /// Column plans and layout of a topic, as they change together with its schema.
    public record TopicPlan(String mapping, String layout) {}

    public boolean dropTable(UUID tableId) {
        return database.transaction(
                sql -> sql.update("delete from iceberg_table where table_id = ?", tableId) == 1);
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

    static TableRow row(ResultSet row) throws SQLException {
        return new TableRow(
                Sql.uuid(row, "table_id"),
                row.getString("namespace"),
                row.getString("name"),
                row.getString("metadata_location"),
                row.getLong("commit_seq"),
                row.getObject("topic", UUID.class));
    }
}
