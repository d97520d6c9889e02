package io.firn.chaos.process;

import io.firn.catalog.store.embedded.EmbeddedPostgresServer;
import io.firn.objectstore.embedded.EmbeddedS3;

import java.nio.file.Path;

/// Postgres and the object store, outside of Firn: a process of its own that prints where they are
/// and ends when its standard input does.
final class BackendsMain {
    static final String READY = "backends ";
    static final EmbeddedS3.Identity WRITES = new EmbeddedS3.Identity("CHAOSWRITE", "chaos-write");
    static final EmbeddedS3.Identity READS = new EmbeddedS3.Identity("CHAOSREAD", "chaos-read");

    private BackendsMain() {}

    public static void main(String[] args) throws Exception {
        Path folder = Path.of(args[0]);
        try (EmbeddedPostgresServer postgres =
                        EmbeddedPostgresServer.start(
                                folder.resolve("postgres"), folder.resolve("password"), 0);
                EmbeddedS3 objects =
                        EmbeddedS3.start(
                                new EmbeddedS3.Config(
                                        folder.resolve("objects"),
                                        "127.0.0.1",
                                        Free.port(),
                                        "firn",
                                        WRITES,
                                        READS),
                                () -> true)) {
            System.out.printf(
                    "%s%d %d %s%n",
                    READY, postgres.port(), objects.port(), postgres.config().password());
            System.out.flush();
            while (System.in.read() >= 0) {
                // until whoever started us is gone
            }
        }
    }
}
