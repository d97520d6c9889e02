package io.firn.broker;

import io.firn.catalog.CatalogConfig;
import io.firn.catalog.CatalogServer;
import io.firn.catalog.client.CatalogClient;
import io.firn.catalog.client.CatalogUnavailableException;
import io.firn.catalog.client.ColdState;
import io.firn.catalog.client.HttpCatalogClient;
import io.firn.catalog.iceberg.MetadataFiles;
import io.firn.catalog.store.CatalogStore;
import io.firn.catalog.store.embedded.EmbeddedPostgresServer;
import io.firn.catalog.store.table.TableRow;
import io.firn.objectstore.InMemoryObjectStore;
import io.firn.objectstore.S3Config;

import org.apache.iceberg.BaseTable;
import org.apache.iceberg.StaticTableOperations;
import org.apache.iceberg.Table;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;

/// A catalog with a real Postgres and a bucket in memory, that can be away, lose its answers and
/// start anew.
final class RealCatalog implements AutoCloseable {
    private static final CatalogConfig.Timing TIMING =
            new CatalogConfig.Timing(
                    Duration.ofMillis(50),
                    Duration.ofHours(1),
                    Duration.ofHours(1),
                    10,
                    Duration.ofHours(1));

    final InMemoryObjectStore bucket = new InMemoryObjectStore();
    private final byte[] key;
    private final EmbeddedPostgresServer postgres;
    private final CatalogStore store;
    private volatile CatalogServer server;
    private volatile HttpCatalogClient client;
    volatile boolean away;

    /// Calls whose answers are lost from here on.
    final AtomicInteger lost = new AtomicInteger();

    RealCatalog(Path dir, byte[] key) throws Exception {
        this.key = key;
        this.postgres =
                EmbeddedPostgresServer.start(dir.resolve("postgres"), dir.resolve("password"), 0);
        start();
        this.store = CatalogStore.open(postgres.config());
    }

    private void start() throws InterruptedException {
        server =
                CatalogServer.start(
                        new CatalogConfig(
                                "127.0.0.1",
                                0,
                                postgres::config,
                                () -> bucket,
                                new S3Config(
                                        URI.create("http://127.0.0.1:9000"),
                                        "us-east-1",
                                        "lake",
                                        "reader",
                                        "secret",
                                        true),
                                key,
                                TIMING));
        while (!server.ready()) {
            Thread.sleep(20);
        }
        client = new HttpCatalogClient(URI.create("http://127.0.0.1:" + server.port()), key);
    }

    void restart() throws InterruptedException {
        HttpCatalogClient before = client;
        server.close();
        start();
        before.close();
    }

    /// What brokers have of it; closing it closes nothing.
    CatalogClient client() {
        return (CatalogClient)
                Proxy.newProxyInstance(
                        CatalogClient.class.getClassLoader(),
                        new Class<?>[] {CatalogClient.class},
                        (proxy, method, arguments) -> {
                            if (method.getName().equals("close")) {
                                return null;
                            }
                            if (away) {
                                throw new CatalogUnavailableException("The catalog is away");
                            }
                            try {
                                Object answer = method.invoke(client, arguments);
                                if (lost.getAndUpdate(n -> Math.max(0, n - 1)) > 0) {
                                    throw new CatalogUnavailableException("The answer was lost");
                                }
                                return answer;
                            } catch (InvocationTargetException e) {
                                throw e.getCause();
                            }
                        });
    }

    /// What is cold, as Postgres has it.
    ColdState cold(UUID topicId, int partition) {
        return store.coldIndex().stateSince(topicId, partition, -1).orElseThrow();
    }

    /// The table as it is now.
    Optional<Table> table(String name) {
        return store.tables()
                .table("public", name)
                .map(TableRow::metadataLocation)
                .map(
                        location ->
                                new BaseTable(
                                        new StaticTableOperations(
                                                location, new MetadataFiles("lake", () -> bucket)),
                                        name));
    }

    @Override
    public void close() {
        server.close();
        store.close();
        postgres.close();
    }
}
