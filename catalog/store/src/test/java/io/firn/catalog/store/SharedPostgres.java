package io.firn.catalog.store;

import io.firn.catalog.store.embedded.EmbeddedPostgresServer;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// One embedded Postgres for all tests of the module.
final class SharedPostgres {
    private static CatalogStore store;

    private SharedPostgres() {}

    static synchronized CatalogStore store() {
        if (store == null) {
            try {
                Path folder = Files.createTempDirectory("firn-store-test");
                EmbeddedPostgresServer server =
                        EmbeddedPostgresServer.start(
                                folder.resolve("postgres"), folder.resolve("password"), 0);
                Runtime.getRuntime().addShutdownHook(new Thread(server::close));
                store = CatalogStore.open(server.config());
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        }
        return store;
    }
}
