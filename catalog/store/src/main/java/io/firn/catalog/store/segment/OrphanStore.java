package io.firn.catalog.store.segment;

import io.firn.catalog.store.sql.Database;
import io.firn.catalog.store.sql.Sql;
import io.firn.catalog.store.table.RetiredStore;

import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Which objects the index names (C6): by a file's row, or by the segment whose uuid is in the name
/// while its upload is not recorded yet.
public final class OrphanStore {
    /// FORMAT §6.1.2: a data file's name ends in its segment's uuid.
    private static final Pattern SEGMENT =
            Pattern.compile("([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\\.parquet$");

    private static final String OVER =
            "s.state = 'DELETED' or (s.state = 'ABANDONED'"
                    + " and s.changed_at < now() - ? * interval '1 millisecond')";

    private final Database database;

    public OrphanStore(Database database) {
        this.database = database;
    }

    /// Those of `paths` that a row names in any state but `DELETED`, or `ABANDONED` for longer than
    /// `grace`.
    public Set<String> named(Collection<String> paths, Duration grace) {
        return database.transaction(
                sql -> {
                    Set<String> named = new HashSet<>();
                    for (String path : paths) {
                        if (isNamed(sql, path, grace)) {
                            named.add(path);
                        }
                    }
                    return named;
                });
    }

    /// Locks what could still name `path` and runs `delete` when nothing does; the file's row, if
    /// it has one, is `DELETED` with it. A server that was started since may be a restored one,
    /// whose history nobody has looked at, and deletes nothing (C16).
    ///
    /// @param serverStart [RetiredStore#serverStart()] of the server whose history was found whole
    /// @return whether `delete` ran
    public boolean deleteIfUnnamed(
            String path, Duration grace, Instant serverStart, Runnable delete) {
        return database.transaction(
                sql -> {
                    lock(sql, path);
                    if (!RetiredStore.serverStart(sql).equals(serverStart)
                            || isNamed(sql, path, grace)) {
                        return false;
                    }
                    sql.update(
                            "update cold_file set state = 'DELETED', changed_at = now()"
                                    + " where path = ? and state <> 'DELETED'",
                            path);
                    // Last, so that a lost commit leaves a row without its object, of a segment
                    // that
                    // can never be committed.
                    delete.run();
                    return true;
                });
    }

    /// In the lock order: segments, then file.
    private static void lock(Sql sql, String path) throws SQLException {
        Optional<UUID> segment = segment(path);
        sql.list(
                "select segment_uuid from cold_segment where segment_uuid = ? or segment_uuid in"
                        + " (select e.segment_uuid from cold_extent e join cold_file f using (file_id)"
                        + " where f.path = ?) order by segment_uuid for update",
                row -> Sql.uuid(row, "segment_uuid"),
                segment.orElse(new UUID(0, 0)),
                path);
        sql.list(
                "select file_id from cold_file where path = ? for update",
                row -> Sql.uuid(row, "file_id"),
                path);
    }

    private static boolean isNamed(Sql sql, String path, Duration grace) throws SQLException {
        Optional<UUID> segment = segment(path);
        if (segment.isPresent()
                && sql.exists(
                        "select 1 from cold_segment s where s.segment_uuid = ? and not ("
                                + OVER
                                + ")",
                        segment.get(),
                        grace.toMillis())) {
            return true;
        }
        List<Boolean> files =
                sql.list(
                        "select (f.state = 'UPLOADED' and exists (select 1 from cold_extent e"
                                + " where e.file_id = f.file_id) and not exists (select 1"
                                + " from cold_extent e join cold_segment s using (segment_uuid)"
                                + " where e.file_id = f.file_id and not ("
                                + OVER
                                + "))) from cold_file f where f.path = ? and f.state <> 'DELETED'",
                        row -> row.getBoolean(1),
                        grace.toMillis(),
                        path);
        return files.contains(false);
    }

    private static Optional<UUID> segment(String path) {
        Matcher matcher = SEGMENT.matcher(path);
        return matcher.find() ? Optional.of(UUID.fromString(matcher.group(1))) : Optional.empty();
    }
}
