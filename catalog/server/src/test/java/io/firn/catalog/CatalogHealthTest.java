package io.firn.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import io.firn.catalog.store.embedded.EmbeddedPostgresServer;
import io.firn.catalog.store.sql.StoreConfig;
import io.firn.objectstore.InMemoryObjectStore;
import io.firn.objectstore.ObjectStore;
import io.firn.objectstore.S3Config;
import io.firn.objectstore.StoreUnavailableException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.lang.reflect.Proxy;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.function.Supplier;

/// D11: the catalog's /health with its servers away.
class CatalogHealthTest {
    @TempDir Path temp;

    @Test
    void withoutPostgresTheCatalogIsDown() throws Exception {
        try (CatalogServer server =
                start(
                        () -> {
                            throw new IllegalStateException("no Postgres");
                        },
                        new InMemoryObjectStore())) {
            HttpResponse<String> health = health(server);
            assertThat(health.statusCode()).isEqualTo(503);
            assertThat(health.body())
                    .contains("\"status\":\"DOWN\"", "\"postgres\":\"DOWN\"", "\"why\"");
        }
    }

    @Test
    void withoutItsObjectStoreTheCatalogServesAndIsDegraded() throws Exception {
        try (EmbeddedPostgresServer postgres =
                        EmbeddedPostgresServer.start(
                                temp.resolve("postgres"), temp.resolve("password"), 0);
                CatalogServer server = start(postgres::config, away())) {
            while (!server.ready()) {
                Thread.sleep(20);
            }
            HttpResponse<String> health = health(server);
            assertThat(health.statusCode()).isEqualTo(200);
            assertThat(health.body())
                    .contains(
                            "\"status\":\"DEGRADED\"",
                            "\"postgres\":\"UP\"",
                            "\"objectStore\":\"DEGRADED\"",
                            "no route");
        }
    }

    private static CatalogServer start(Supplier<StoreConfig> database, ObjectStore objects) {
        return CatalogServer.start(
                new CatalogConfig(
                        "127.0.0.1",
                        0,
                        database,
                        () -> objects,
                        new S3Config(
                                URI.create("http://127.0.0.1:9000"),
                                "us-east-1",
                                "lake",
                                "reader",
                                "secret",
                                true),
                        new byte[] {1},
                        CatalogConfig.Timing.DEFAULT));
    }

    private static HttpResponse<String> health(CatalogServer server) throws Exception {
        try (HttpClient http = HttpClient.newHttpClient()) {
            return http.send(
                    HttpRequest.newBuilder(
                                    URI.create(
                                            "http://127.0.0.1:%d/health".formatted(server.port())))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
        }
    }

    private static ObjectStore away() {
        return (ObjectStore)
                Proxy.newProxyInstance(
                        ObjectStore.class.getClassLoader(),
                        new Class<?>[] {ObjectStore.class},
                        (proxy, method, args) -> {
                            if (method.getName().equals("close")) {
                                return null;
                            }
                            throw new StoreUnavailableException("no route", null);
                        });
    }
}
