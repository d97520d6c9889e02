package io.firn.catalog.store.embedded;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

class OrphanPostmasterTest {
    @TempDir Path dir;

    /// PostgreSQL refuses each of these lock files: of a process that has the id now, of a
    /// postmaster that nobody has reaped, and one that a power cut left empty.
    @Test
    void whatIsLeftOfAnEndedServerDoesNotKeepTheNextFromStarting() throws Exception {
        start().close();
        Process other = new ProcessBuilder("sleep", "60").start();
        Process parent = new ProcessBuilder("sh", "-c", "true & echo $!; exec sleep 60").start();
        try (BufferedReader ended = parent.inputReader()) {
            for (String pid : new String[] {"" + other.pid(), ended.readLine(), ""}) {
                leaveLockFile(pid);
                try (EmbeddedPostgresServer server = start()) {
                    assertThat(server.port()).as("lock file of %s", pid).isPositive();
                }
            }
        } finally {
            other.destroyForcibly();
            parent.destroyForcibly();
        }
    }

    private EmbeddedPostgresServer start() {
        return EmbeddedPostgresServer.start(dir.resolve("pg"), dir.resolve("password"), 0);
    }

    private void leaveLockFile(String pid) throws IOException {
        Path data = dir.resolve("pg/data");
        Files.writeString(
                data.resolve("postmaster.pid"),
                pid.isEmpty() ? "" : "%s%n%s%n1%n5432%n%n127.0.0.1%n".formatted(pid, data));
    }
}
