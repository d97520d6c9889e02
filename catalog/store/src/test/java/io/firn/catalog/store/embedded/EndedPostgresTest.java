package io.firn.catalog.store.embedded;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;

class EndedPostgresTest {
    private static final Duration LONGEST = Duration.ofSeconds(60);

    @TempDir Path dir;

    @Test
    void aKilledServerComesBackOnItsPortWithWhatItHad() throws Exception {
        try (EmbeddedPostgresServer server =
                EmbeddedPostgresServer.start(dir.resolve("pg"), dir.resolve("password"), 0)) {
            try (Connection connection = connect(server);
                    Statement statement = connection.createStatement()) {
                statement.execute("create table kept (n int)");
                statement.execute("insert into kept values (7)");
            }
            kill();
            assertThat(awaitAnswer(server)).isEqualTo(7);
        }
        assertThat(dir.resolve("pg/data/postmaster.pid")).doesNotExist(); // stopped in order
    }

    private void kill() throws Exception {
        long pid =
                Long.parseLong(
                        Files.readAllLines(dir.resolve("pg/data/postmaster.pid")).getFirst());
        assertThat(ProcessHandle.of(pid).orElseThrow().destroyForcibly()).isTrue();
    }

    private static int awaitAnswer(EmbeddedPostgresServer server) throws Exception {
        long deadline = System.nanoTime() + LONGEST.toNanos();
        while (true) {
            try (Connection connection = connect(server);
                    Statement statement = connection.createStatement();
                    ResultSet kept = statement.executeQuery("select n from kept")) {
                kept.next();
                return kept.getInt(1);
            } catch (SQLException e) {
                if (System.nanoTime() - deadline > 0) {
                    throw e;
                }
                Thread.sleep(100);
            }
        }
    }

    private static Connection connect(EmbeddedPostgresServer server) throws SQLException {
        var config = server.config();
        return DriverManager.getConnection(config.jdbcUrl(), config.user(), config.password());
    }
}
