package io.firn.catalog.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.firn.catalog.store.embedded.EmbeddedPostgresServer;
import io.firn.catalog.store.sql.StoreConfig;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;

class EmbeddedPostgresServerTest {
    @Test
    void isDurableAsksForAPasswordAndComesBackAfterItsOwnerWasKilled(@TempDir Path dir)
            throws Exception {
        Process owner =
                new ProcessBuilder(
                                System.getProperty("java.home") + "/bin/java",
                                "-cp",
                                System.getProperty("java.class.path"),
                                Owner.class.getName(),
                                dir.toString())
                        .redirectError(ProcessBuilder.Redirect.DISCARD)
                        .start();
        String url = "";
        for (String line : (Iterable<String>) owner.inputReader().lines()::iterator) {
            if (line.startsWith("READY ")) {
                url = line.substring(6);
                break;
            }
        }
        StoreConfig config =
                StoreConfig.of(url, "postgres", Files.readString(dir.resolve("password")));
        try (CatalogStore store = CatalogStore.open(config)) {
            store.tables().createNamespace("kept", "{}");
        }
        assertThatThrownBy(() -> DriverManager.getConnection(config.jdbcUrl(), "postgres", "wrong"))
                .hasMessageContaining("password authentication failed");
        try (var connection =
                        DriverManager.getConnection(
                                config.jdbcUrl(), config.user(), config.password());
                var rows =
                        connection
                                .createStatement()
                                .executeQuery(
                                        "select current_setting('fsync'), current_setting('synchronous_commit')")) {
            assertThat(rows.next()).isTrue();
            assertThat(rows.getString(1)).isEqualTo("on");
            assertThat(rows.getString(2)).isEqualTo("on");
        }
        owner.destroyForcibly().waitFor();

        try (EmbeddedPostgresServer second =
                        EmbeddedPostgresServer.start(
                                dir.resolve("pg"), dir.resolve("password"), 0);
                CatalogStore store = CatalogStore.open(second.config())) {
            assertThat(store.tables().namespaces()).contains("kept");
        }
    }

    /// The process that is killed.
    static final class Owner {
        public static void main(String[] args) throws InterruptedException {
            Path dir = Path.of(args[0]);
            EmbeddedPostgresServer server =
                    EmbeddedPostgresServer.start(dir.resolve("pg"), dir.resolve("password"), 0);
            System.out.println("READY " + server.config().jdbcUrl());
            Thread.sleep(600_000);
        }
    }
}
