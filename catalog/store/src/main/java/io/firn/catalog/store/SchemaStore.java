package io.firn.catalog.store;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;

/// Schemas by global id, subjects and their versions per tenant.
public final class SchemaStore {
    private final Database database;

    SchemaStore(Database database) {
        this.database = database;
    }

    /// A schema as stored.
    ///
    /// @param text as it was first registered
    /// @param referencesJson JSON list, `[]` when there are none
    public record StoredSchema(int id, String type, String text, String referencesJson) {}

    /// @param canonical the text by which two schemas are the same
    public record NewSchema(String type, String canonical, String text, String referencesJson) {}

    public record Version(String subject, int version, StoredSchema schema) {}

    public Optional<StoredSchema> byId(int id) {
        return database.transaction(
                sql -> sql.one("select * from schema_text where id = ?", SchemaStore::schema, id));
    }

    /// The id of the schema in this subject; the same schema has one id in every subject.
    public int register(String tenant, String subject, NewSchema schema) {
        return database.transaction(
                sql -> {
                    // One registration at a time, so that ids and versions have no gaps.
                    sql.list("select pg_advisory_xact_lock(4711)", row -> true);
                    Optional<Integer> known = find(sql, schema);
                    int id =
                            known.isPresent()
                                    ? known.get()
                                    : sql.one(
                                                    "insert into schema_text (type, canonical, text, refs)"
                                                            + " values (?, ?, ?, ?) returning id",
                                                    row -> row.getInt(1),
                                                    schema.type(),
                                                    schema.canonical(),
                                                    schema.text(),
                                                    schema.referencesJson())
                                            .orElseThrow();
                    if (!sql.exists(
                            "select 1 from schema_version where tenant = ? and subject = ?"
                                    + " and schema_id = ? and not deleted",
                            tenant,
                            subject,
                            id)) {
                        sql.update(
                                "insert into schema_version (tenant, subject, version, schema_id)"
                                        + " select ?, ?, coalesce(max(version), 0) + 1, ?"
                                        + " from schema_version where tenant = ? and subject = ?",
                                tenant,
                                subject,
                                id,
                                tenant,
                                subject);
                    }
                    return id;
                });
    }

    private static Optional<Integer> find(Sql sql, NewSchema schema) throws SQLException {
        return sql.one(
                "select id from schema_text where type = ? and md5(canonical) = md5(?)"
                        + " and md5(refs) = md5(?) and canonical = ?",
                row -> row.getInt(1),
                schema.type(),
                schema.canonical(),
                schema.referencesJson(),
                schema.canonical());
    }

    /// The version under which a subject has this schema.
    public Optional<Version> lookup(String tenant, String subject, NewSchema schema) {
        return database.transaction(
                sql -> {
                    Optional<Integer> id = find(sql, schema);
                    if (id.isEmpty()) {
                        return Optional.empty();
                    }
                    return sql.one(
                            VERSION + " and v.schema_id = ? order by version desc limit 1",
                            SchemaStore::version,
                            tenant,
                            subject,
                            id.get());
                });
    }

    private static final String VERSION =
            "select * from schema_version v join schema_text s on s.id = v.schema_id"
                    + " where v.tenant = ? and v.subject = ? and not v.deleted";

    public List<String> subjects(String tenant) {
        return database.transaction(
                sql ->
                        sql.list(
                                "select distinct subject from schema_version where tenant = ?"
                                        + " and not deleted order by subject",
                                row -> row.getString(1),
                                tenant));
    }

    /// Ascending.
    public List<Version> versions(String tenant, String subject) {
        return database.transaction(
                sql ->
                        sql.list(
                                VERSION + " order by version",
                                SchemaStore::version,
                                tenant,
                                subject));
    }

    public Optional<String> compatibility(String tenant, String subject) {
        return database.transaction(
                sql ->
                        sql.one(
                                "select compatibility from schema_config where tenant = ?"
                                        + " and subject = ?",
                                row -> row.getString(1),
                                tenant,
                                subject));
    }

    public void setCompatibility(String tenant, String subject, String compatibility) {
        database.transaction(
                sql ->
                        sql.update(
                                "insert into schema_config (tenant, subject, compatibility)"
                                        + " values (?, ?, ?) on conflict (tenant, subject)"
                                        + " do update set compatibility = excluded.compatibility",
                                tenant,
                                subject,
                                compatibility));
    }

    private static StoredSchema schema(ResultSet row) throws SQLException {
        return new StoredSchema(
                row.getInt("id"),
                row.getString("type"),
                row.getString("text"),
                row.getString("refs"));
    }

    private static Version version(ResultSet row) throws SQLException {
        return new Version(row.getString("subject"), row.getInt("version"), schema(row));
    }
}
