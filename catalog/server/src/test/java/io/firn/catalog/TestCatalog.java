package io.firn.catalog;

import io.firn.catalog.client.HttpCatalogClient;
import io.firn.catalog.store.CatalogStore;
import io.firn.catalog.store.embedded.EmbeddedPostgresServer;
import io.firn.objectstore.InMemoryObjectStore;
import io.firn.objectstore.S3Config;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/// One catalog with a real Postgres for all tests of the module; its bucket is in memory.
final class TestCatalog {
    static final byte[] KEY = "cluster key".getBytes(StandardCharsets.UTF_8);
    static final InMemoryObjectStore OBJECTS = new InMemoryObjectStore();
    private static CatalogServer server;
    private static CatalogStore store;

    private TestCatalog() {}

    static synchronized CatalogServer server() throws Exception {
        if (server == null) {
            Path folder = Files.createTempDirectory("firn-catalog-test");
            EmbeddedPostgresServer postgres =
                    EmbeddedPostgresServer.start(
                            folder.resolve("postgres"), folder.resolve("password"), 0);
            server =
                    CatalogServer.start(
                            new CatalogConfig(
                                    "127.0.0.1",
                                    0,
                                    postgres::config,
                                    () -> OBJECTS,
                                    new S3Config(
                                            URI.create("http://127.0.0.1:9000"),
                                            "us-east-1",
                                            "lake",
                                            "reader",
                                            "secret",
                                            true),
                                    KEY,
                                    new CatalogConfig.Timing(
                                            Duration.ofMillis(200),
                                            Duration.ofMillis(500),
                                            Duration.ofMillis(1),
                                            2,
                                            Duration.ofSeconds(2))));
            Runtime.getRuntime()
                    .addShutdownHook(
                            new Thread(
                                    () -> {
                                        server.close();
                                        store.close();
                                        postgres.close();
                                    }));
            while (!server.ready()) {
                Thread.sleep(50);
            }
            store = CatalogStore.open(postgres.config());
        }
        return server;
    }

    /// The server's Postgres, beside the server.
    static CatalogStore store() throws Exception {
        server();
        return store;
    }

    static URI uri() throws Exception {
        return URI.create("http://127.0.0.1:" + server().port());
    }

    static HttpCatalogClient client() throws Exception {
        return new HttpCatalogClient(uri(), KEY);
    }
}
