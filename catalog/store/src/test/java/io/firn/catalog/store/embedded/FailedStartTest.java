package io.firn.catalog.store.embedded;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

class FailedStartTest {
    @Test
    void aServerThatDoesNotAnswerIsNamedWithTheReasonAndTheWayOut(@TempDir Path dir)
            throws IOException {
        Path data = Files.createDirectories(dir.resolve("pg/data"));
        Files.writeString(data.resolve("postgresql.conf"), "no_such_setting = 1\n");
        Files.writeString(dir.resolve("pg/secured"), "");
        Files.writeString(dir.resolve("password"), "secret");
        assertThatThrownBy(
                        () ->
                                EmbeddedPostgresServer.start(
                                        dir.resolve("pg"),
                                        dir.resolve("password"),
                                        0,
                                        Duration.ofSeconds(1)))
                .hasMessageContainingAll(
                        "Cannot start the embedded PostgreSQL in " + dir.resolve("pg"),
                        "It said: ",
                        "LOG:  unrecognized configuration parameter \"no_such_setting\"",
                        "start again, or name a Postgres with postgres.url");
    }
}
