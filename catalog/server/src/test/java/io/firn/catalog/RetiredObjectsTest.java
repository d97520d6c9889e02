package io.firn.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import io.firn.catalog.client.HttpCatalogClient;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.function.BooleanSupplier;

/// Retired objects go by their rows, again and again until they are gone (C5, C18).
class RetiredObjectsTest {
    private static final FlakyStore OBJECTS = new FlakyStore();

    @TempDir private static Path folder;
    private static OwnCatalog catalog;

    @BeforeAll
    static void start() throws Exception {
        catalog =
                new OwnCatalog(
                        folder,
                        OBJECTS,
                        new CatalogConfig.Timing(
                                Duration.ofMillis(100),
                                Duration.ofMillis(200),
                                Duration.ofMillis(1),
                                2,
                                Duration.ofSeconds(1)));
    }

    @AfterAll
    static void stop() {
        catalog.close();
    }

    @Test
    void aRetiredFileGoesThoughItsSnapshotWasExpiredBeforeItsGraceWasOver() { // C5
        try (HttpCatalogClient client = catalog.client()) {
            TestTopic topic = new TestTopic(OBJECTS);
            String old = retire(client, topic);
            await(() -> !OBJECTS.has(old));
        }
    }

    @Test
    void aFileThatTheStoreRefusedToDeleteIsDeletedLaterAlsoByTheNextProcess() throws Exception {
        TestTopic topic = new TestTopic(OBJECTS);
        String old;
        OBJECTS.refusesDeletes = true;
        try {
            try (HttpCatalogClient client = catalog.client()) {
                old = retire(client, topic);
            }
            OBJECTS.refused.set(0);
            await(() -> OBJECTS.refused.get() > 20);
            assertThat(OBJECTS.has(old)).isTrue();
            catalog.stop(); // what it has in memory is gone
            catalog.start();
            OBJECTS.refused.set(0);
            await(() -> OBJECTS.refused.get() > 2);
        } finally {
            OBJECTS.refusesDeletes = false;
        }
        await(() -> !OBJECTS.has(old));
    }

    @Test
    void metadataOfExpiredSnapshotsGoesAsWellAndTheTableStaysWhole() throws Exception {
        TestTopic topic = new TestTopic(OBJECTS);
        String location;
        OBJECTS.refusesDeletes = true;
        try (HttpCatalogClient client = catalog.client()) {
            location = topic.table(client).location();
            for (long start = 0; start < 400; start += 10) {
                topic.commit(client, start, start + 10);
            }
            await(() -> OBJECTS.refused.get() > 20);
            assertThat(OBJECTS.count(location + "/metadata")).isGreaterThan(100);
        } finally {
            OBJECTS.refusesDeletes = false;
        }
        // At most: two snapshots with a list each, 21 metadata files and one commit on its way, and
        // the manifests that two snapshots share.
        await(() -> OBJECTS.count(location + "/metadata") < 21 + 4 + 45);
        String namesAll =
                catalog.server().services().backends().store().topics().topics().stream()
                        .filter(t -> t.topicId().equals(topic.ref.topicId()))
                        .map(t -> t.tableId())
                        .map(
                                id ->
                                        catalog.server()
                                                .services()
                                                .backends()
                                                .store()
                                                .tables()
                                                .table(id)
                                                .orElseThrow()
                                                .metadataLocation())
                        .findFirst()
                        .orElseThrow();
        assertThat(LiveFiles.of(OBJECTS, namesAll)).hasSize(40);
    }

    /// Commits a file, retires it, and lets so many commits follow that no snapshot names it.
    private static String retire(HttpCatalogClient client, TestTopic topic) {
        String old = topic.commit(client, 0, 10);
        client.advanceLogStart(topic.ref.topicId(), 0, 10);
        for (long start = 10; start < 60; start += 10) {
            topic.commit(client, start, start + 10);
        }
        return old;
    }

    private static void await(BooleanSupplier until) {
        Instant end = Instant.now().plusSeconds(30);
        while (!until.getAsBoolean()) {
            assertThat(Instant.now()).as("waited half a minute").isBefore(end);
            try {
                Thread.sleep(50);
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }
    }
}
