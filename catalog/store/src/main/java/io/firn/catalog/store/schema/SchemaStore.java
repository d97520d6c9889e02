package io.firn.catalog.store.schema;

import io.firn.catalog.store.sql.Database;
import io.firn.catalog.store.sql.Sql;

import org.jspecify.annotations.Nullable;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;

/// Schemas by global id, subjects and their versions per tenant. A version that is deleted softly
/// keeps its number and can be seen by who asks for it; deleted for good, only the schema's text
/// stays, since records may still name its id.
public final class SchemaStore {
    /// Both under transaction-wide advisory locks.
    private static final int SUBJECTS = 4713;

    private static final int TEXTS = 4711;

    private static final String VERSION =
            "select * from schema_version v join schema_text s on s.id = v.schema_id"
                    + " where v.tenant = ? and v.subject = ?";

    private final Database database;

    public SchemaStore(Database database) {
        this.database = database;
    }

    /// A schema as stored.
    ///
    /// @param text as it was first registered
    /// @param referencesJson JSON list, `[]` when there are none
    public record StoredSchema(int id, String type, String text, String referencesJson) {}

    /// @param canonical the text by which two schemas are the same
    public record NewSchema(String type, String canonical, String text, String referencesJson) {}

    /// @param deleted softly
    public record Version(String subject, int version, StoredSchema schema, boolean deleted) {}

    /// Where a schema is to have the id and number that another registry gave it (mode IMPORT).
    ///
    /// @param version 0 for the next one
    public record Imported(int id, int version) {}

    /// Says whether a schema may follow what a subject has; throws when not.
    public interface Judge {
        /// @param all ascending, the deleted ones too
        void check(List<Version> all);
    }

    /// An id or a number that is to be imported belongs to something else.
    public static final class OccupiedException extends RuntimeException {
        OccupiedException(String message) {
            super(message);
        }
    }

    public Optional<StoredSchema> byId(int id) {
        return database.transaction(
                sql -> sql.one("select * from schema_text where id = ?", SchemaStore::schema, id));
    }

    /// The same, when any subject still has it.
    public Optional<StoredSchema> registeredById(String tenant, int id) {
        return database.transaction(
                sql ->
                        sql.one(
                                "select * from schema_text s where id = ? and exists (select 1"
                                        + " from schema_version v where v.tenant = ?"
                                        + " and v.schema_id = s.id)",
                                SchemaStore::schema,
                                id,
                                tenant));
    }

    /// The id of the schema in this subject; the same schema has one id in every subject. What the
    /// subject has is judged under the lock that the next one waits for, so that two schemas which
    /// both fit what was there, and not each other, do not both come in.
    ///
    /// @param judge asked when the subject does not have the schema already
    /// @throws OccupiedException when an imported id or number is another schema's
    public int register(
            String tenant,
            String subject,
            NewSchema schema,
            @Nullable Imported imported,
            Judge judge) {
        return database.transaction(
                sql -> {
                    lockSubject(sql, tenant, subject);
                    List<Version> all = versions(sql, tenant, subject);
                    Optional<Integer> known = find(sql, schema);
                    Optional<Version> there =
                            all.stream()
                                    .filter(v -> !v.deleted())
                                    .filter(v -> known.equals(Optional.of(v.schema().id())))
                                    .findFirst();
                    if (there.isPresent() && imported == null) {
                        return there.get().schema().id();
                    }
                    judge.check(all);
                    int id =
                            imported == null ? text(sql, schema) : text(sql, schema, imported.id());
                    int next = all.isEmpty() ? 1 : all.getLast().version() + 1;
                    int version =
                            imported == null || imported.version() == 0 ? next : imported.version();
                    Optional<Version> same =
                            all.stream().filter(v -> v.version() == version).findFirst();
                    if (same.isPresent() && same.get().schema().id() != id) {
                        throw new OccupiedException(
                                "Version %d of subject %s is schema %d already"
                                        .formatted(version, subject, same.get().schema().id()));
                    }
                    sql.update(
                            "insert into schema_version (tenant, subject, version, schema_id)"
                                    + " values (?, ?, ?, ?) on conflict (tenant, subject, version)"
                                    + " do update set deleted = false",
                            tenant,
                            subject,
                            version,
                            id);
                    return id;
                });
    }

    private static void lockSubject(Sql sql, String tenant, String subject) throws SQLException {
        sql.list(
                "select pg_advisory_xact_lock(?, hashtext(?))",
                row -> true,
                SUBJECTS,
                tenant + "/" + subject);
    }

    /// One new text at a time, so that ids have no gaps.
    private static int text(Sql sql, NewSchema schema) throws SQLException {
        sql.list("select pg_advisory_xact_lock(?)", row -> true, TEXTS);
        Optional<Integer> known = find(sql, schema);
        return known.isPresent()
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
    }

    private static int text(Sql sql, NewSchema schema, int id) throws SQLException {
        sql.list("select pg_advisory_xact_lock(?)", row -> true, TEXTS);
        Optional<Integer> known = find(sql, schema);
        if (known.equals(Optional.of(id))) {
            return id;
        }
        if (known.isPresent() || sql.exists("select 1 from schema_text where id = ?", id)) {
            throw new OccupiedException(
                    "Overwrite new schema with id %d is not permitted.".formatted(id));
        }
        sql.update(
                "insert into schema_text (id, type, canonical, text, refs)"
                        + " overriding system value values (?, ?, ?, ?, ?)",
                id,
                schema.type(),
                schema.canonical(),
                schema.text(),
                schema.referencesJson());
        sql.list( // the next of our own comes after it
                "select setval(pg_get_serial_sequence('schema_text', 'id'),"
                        + " greatest(?, (select max(id) from schema_text)))",
                row -> true,
                id);
        return id;
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

    /// The newest version under which a subject has this schema.
    public Optional<Version> lookup(
            String tenant, String subject, NewSchema schema, boolean deletedToo) {
        return database.transaction(
                sql -> {
                    Optional<Integer> id = find(sql, schema);
                    if (id.isEmpty()) {
                        return Optional.empty();
                    }
                    return versions(sql, tenant, subject).reversed().stream()
                            .filter(v -> v.schema().id() == id.get())
                            .filter(v -> deletedToo || !v.deleted())
                            .findFirst();
                });
    }

    public List<String> subjects(String tenant, String prefix, boolean deletedToo) {
        return database.transaction(
                sql ->
                        sql.list(
                                "select distinct subject from schema_version where tenant = ?"
                                        + " and (? or not deleted) and starts_with(subject, ?)"
                                        + " order by subject",
                                row -> row.getString(1),
                                tenant,
                                deletedToo,
                                prefix));
    }

    /// Ascending, the softly deleted ones too.
    public List<Version> versions(String tenant, String subject) {
        return database.transaction(sql -> versions(sql, tenant, subject));
    }

    private static List<Version> versions(Sql sql, String tenant, String subject)
            throws SQLException {
        return sql.list(VERSION + " order by version", SchemaStore::version, tenant, subject);
    }

    /// Every subject's version that is this schema.
    public List<Version> versionsOf(String tenant, int id) {
        return database.transaction(
                sql ->
                        sql.list(
                                "select * from schema_version v join schema_text s"
                                        + " on s.id = v.schema_id where v.tenant = ?"
                                        + " and v.schema_id = ? order by subject, version",
                                SchemaStore::version,
                                tenant,
                                id));
    }

    /// Ids of the schemas that name this version and that a subject has.
    public List<Integer> referencedBy(String tenant, String subject, int version) {
        return database.transaction(sql -> referencedBy(sql, tenant, subject, version));
    }

    private static List<Integer> referencedBy(Sql sql, String tenant, String subject, int version)
            throws SQLException {
        return sql.list(
                "select distinct s.id from schema_text s join schema_version v"
                        + " on v.schema_id = s.id where v.tenant = ? and not v.deleted"
                        + " and s.refs::jsonb @> jsonb_build_array("
                        + "jsonb_build_object('subject', ?::text, 'version', ?::int))"
                        + " order by s.id",
                row -> row.getInt(1),
                tenant,
                subject,
                version);
    }

    /// Says which versions are to be deleted; throws when that is not allowed.
    public interface Choice {
        /// @param all ascending, the deleted ones too
        List<Version> of(List<Version> all);
    }

    /// A schema that others name cannot go.
    public static final class ReferencedException extends RuntimeException {
        ReferencedException(Version version) {
            super(
                    "One or more references exist to the schema {magic=1,keytype=SCHEMA,subject=%s,version=%d}."
                            .formatted(version.subject(), version.version()));
        }
    }

    /// Deletes versions softly, or those that are so already for good.
    ///
    /// @return their numbers
    /// @throws ReferencedException when another schema names one of them
    public List<Integer> delete(String tenant, String subject, boolean permanent, Choice choice) {
        return database.transaction(
                sql -> {
                    lockSubject(sql, tenant, subject);
                    List<Version> chosen = choice.of(versions(sql, tenant, subject));
                    for (Version version : chosen) {
                        if (!referencedBy(sql, tenant, subject, version.version()).isEmpty()) {
                            throw new ReferencedException(version);
                        }
                        sql.update(
                                (permanent
                                                ? "delete from schema_version"
                                                : "update schema_version set deleted = true")
                                        + " where tenant = ? and subject = ? and version = ?",
                                tenant,
                                subject,
                                version.version());
                    }
                    return chosen.stream().map(Version::version).toList();
                });
    }

    /// What a subject, or for the empty one the tenant, is set to.
    public enum Setting {
        COMPATIBILITY("compatibility"),
        MODE("mode");

        private final String column;

        Setting(String column) {
            this.column = column;
        }
    }

    public Optional<String> setting(String tenant, String subject, Setting setting) {
        return database.transaction(
                sql ->
                        sql.one(
                                "select %1$s from schema_config where tenant = ? and subject = ? and %1$s is not null"
                                        .formatted(setting.column),
                                row -> row.getString(1),
                                tenant,
                                subject));
    }

    /// @param value null takes the setting away
    public void set(String tenant, String subject, Setting setting, @Nullable String value) {
        database.transaction(
                sql ->
                        sql.update(
                                "insert into schema_config (tenant, subject, %1$s) values (?, ?, ?) on conflict (tenant, subject) do update set %1$s = excluded.%1$s"
                                        .formatted(setting.column),
                                tenant,
                                subject,
                                value));
    }

    private static StoredSchema schema(ResultSet row) throws SQLException {
        return new StoredSchema(
                row.getInt("id"),
                row.getString("type"),
                row.getString("text"),
                row.getString("refs"));
    }

    private static Version version(ResultSet row) throws SQLException {
        return new Version(
                row.getString("subject"),
                row.getInt("version"),
                schema(row),
                row.getBoolean("deleted"));
    }
}
