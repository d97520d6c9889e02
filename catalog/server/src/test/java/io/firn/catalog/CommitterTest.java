package io.firn.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import io.firn.catalog.client.TopicRef;
import io.firn.catalog.iceberg.Committer;
import io.firn.catalog.iceberg.MetadataFiles;
import io.firn.catalog.iceberg.TopicTables;
import io.firn.catalog.registry.Registry;
import io.firn.catalog.store.CatalogStore;
import io.firn.catalog.store.embedded.EmbeddedPostgresServer;
import io.firn.objectstore.InMemoryObjectStore;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/// Faults in the catalog's own loops and reads (B14).
class CommitterTest {
    private final MetadataFiles files = new MetadataFiles("lake", () -> TestCatalog.OBJECTS);

    @Test
    void anErrorEndsTheCommittersLeaseAndAStandbyTakesOver(@TempDir Path folder) throws Exception {
        try (EmbeddedPostgresServer postgres =
                        EmbeddedPostgresServer.start(
                                folder.resolve("postgres"), folder.resolve("password"), 0);
                CatalogStore store = CatalogStore.open(postgres.config())) {
            InMemoryObjectStore objects = new InMemoryObjectStore();
            MetadataFiles own = new MetadataFiles("lake", () -> objects);
            AtomicInteger rounds = new AtomicInteger();
            // The third look at the store of a round comes after the lease was taken.
            Supplier<CatalogStore> failing =
                    () -> {
                        if (Thread.currentThread().getName().equals("committer")
                                && rounds.incrementAndGet() > 3) {
                            throw new StackOverflowError("of a table with odd metadata");
                        }
                        return store;
                    };
            try (Committer first =
                            new Committer(
                                    failing,
                                    own,
                                    new SimpleMeterRegistry(),
                                    Duration.ofMillis(100));
                    Committer standby =
                            new Committer(
                                    () -> store,
                                    own,
                                    new SimpleMeterRegistry(),
                                    Duration.ofMillis(100))) {
                first.start();
                await(first::failed);
                assertThat(standby.round()).as("the lease is free at once").isPresent();
            }
        }
    }

    @Test
    void aSchemaThatCameBetweenTwoReadsDoesNotSplitAColumn() throws Exception {
        CatalogStore store = TestCatalog.store();
        Registry registry = new Registry(store::schemas);
        TopicTables quick = new TopicTables(() -> store, files, registry);
        int first = register(registry, "x", "a");
        int second = register(registry, "x", "b");
        for (int moment = 1; moment <= 12; moment++) {
            TopicRef topic =
                    new TopicRef("public", "split-" + UUID.randomUUID(), UUID.randomUUID());
            quick.table(topic, "", Set.of());
            AtomicInteger looks = new AtomicInteger();
            int at = moment;
            TopicTables slow =
                    new TopicTables(
                            () -> {
                                if (looks.incrementAndGet() == at) {
                                    quick.table(topic, "", Set.of(first));
                                }
                                return store;
                            },
                            files,
                            registry);

            slow.table(topic, "", Set.of(second));

            String columns = quick.table(topic, "", Set.of(first, second)).icebergSchemaJson();
            assertThat(columns)
                    .as("another schema came at look " + moment)
                    .contains("\"x\"", "\"a\"", "\"b\"")
                    .doesNotContain("x_");
        }
    }

    private static int register(Registry registry, String... fields) {
        StringBuilder all = new StringBuilder();
        for (String field : fields) {
            all.append(all.isEmpty() ? "" : ",")
                    .append("{\"name\":\"" + field + "\",\"type\":\"long\"}");
        }
        String text = "{\"type\":\"record\",\"name\":\"S\",\"fields\":[" + all + "]}";
        return registry.register(
                "split-" + UUID.randomUUID(),
                new Registry.Submitted(text, null, null, null, null),
                false);
    }

    private static void await(java.util.function.BooleanSupplier until) throws Exception {
        Instant end = Instant.now().plusSeconds(20);
        while (!until.getAsBoolean()) {
            assertThat(Instant.now()).isBefore(end);
            Thread.sleep(20);
        }
    }
}
