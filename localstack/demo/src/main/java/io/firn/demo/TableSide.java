package io.firn.demo;

import org.apache.iceberg.CatalogProperties;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.Table;
import org.apache.iceberg.catalog.Namespace;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.rest.RESTCatalog;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// SQL over the Iceberg table. Iceberg's own client plans the scan through the REST catalog with
/// vended keys; DuckDB reads the files it names. (DuckDB's own Iceberg extension does both, but it
/// is a download that its JDBC driver does not bring.)
final class TableSide {
    private static final String QUESTION =
            """
            SELECT carrier, count(*) AS departures, round(avg(dep_delay), 1) AS avg_delay_min,
                   round(100.0 * count(*) FILTER (dep_time IS NULL) / count(*), 1) AS cancelled_pct
            FROM flights GROUP BY carrier ORDER BY departures DESC LIMIT 5""";

    private TableSide() {}

    static void query(FirnProcess firn, Screen screen, long expectedRows) throws Exception {
        List<String> files = new ArrayList<>();
        try (var catalog = new RESTCatalog()) {
            Map<String, String> properties = new HashMap<>();
            properties.put(CatalogProperties.URI, firn.catalog() + "/iceberg");
            properties.put("header.X-Iceberg-Access-Delegation", "vended-credentials");
            properties.put("http-client.type", "urlconnection");
            properties.put(CatalogProperties.FILE_IO_IMPL, "org.apache.iceberg.aws.s3.S3FileIO");
            catalog.initialize("firn", properties);
            Table table =
                    catalog.loadTable(TableIdentifier.of(Namespace.of("public"), "flights_avro"));
            try (CloseableIterable<FileScanTask> tasks = table.newScan().planFiles()) {
                for (FileScanTask task : tasks) {
                    files.add(localPath(firn.objects(), task.file().location()));
                }
            }
            screen.line(
                    "public.flights_avro: snapshot %d, %d data files, %d columns",
                    table.currentSnapshot().snapshotId(),
                    files.size(),
                    table.schema().columns().size());
        }
        try (Connection duck = DriverManager.getConnection("jdbc:duckdb:");
                Statement statement = duck.createStatement()) {
            statement.execute(
                    "CREATE VIEW flights AS SELECT * FROM read_parquet(['%s'])"
                            .formatted(String.join("','", files)));
            long rows = single(statement, "SELECT count(*) FROM flights");
            if (rows != expectedRows) {
                throw new DemoException(
                        "The table has %d rows and should have %d.".formatted(rows, expectedRows));
            }
            QUESTION.lines().forEach(line -> screen.line("%s", line));
            print(statement, screen);
        }
    }

    /// The embedded S3 endpoint keeps object `key` of `bucket` in the file `bucket/key`.
    private static String localPath(Path objects, String location) {
        return objects.resolve(location.replaceFirst("^s3[an]?://", "")).toString();
    }

    private static long single(Statement statement, String sql) throws SQLException {
        try (ResultSet result = statement.executeQuery(sql)) {
            result.next();
            return result.getLong(1);
        }
    }

    private static void print(Statement statement, Screen screen) throws SQLException {
        try (ResultSet result = statement.executeQuery(QUESTION)) {
            screen.line(
                    "%-8s %10s %14s %14s",
                    "carrier", "departures", "avg_delay_min", "cancelled_pct");
            while (result.next()) {
                screen.line(
                        "%-8s %,10d %14s %14s",
                        result.getString(1),
                        result.getLong(2),
                        result.getString(3),
                        result.getString(4));
            }
        }
    }
}
