package io.firn.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import io.firn.catalog.client.ColdState;
import io.firn.catalog.client.HttpCatalogClient;
import io.firn.catalog.iceberg.MetadataFiles;
import io.firn.catalog.iceberg.OrphanSweep;
import io.firn.objectstore.ObjectKey;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/// A Postgres that comes back older than it was has forgotten commits; what they brought into the
/// object store is never taken for orphans, however far the new commits have come (C16).
class RestoredPostgresTest {
    private final FlakyStore objects = new FlakyStore();
    private final TestTopic topic = new TestTopic(objects);
    @TempDir private Path folder;
    private OwnCatalog catalog;

    @BeforeEach
    void start() throws Exception {
        catalog =
                new OwnCatalog(
                        folder.resolve("catalog"),
                        objects,
                        new CatalogConfig.Timing(
                                Duration.ofMillis(50),
                                Duration.ofMillis(200),
                                Duration.ofHours(24),
                                10,
                                Duration.ofMillis(100)));
    }

    @AfterEach
    void stop() {
        catalog.close();
    }

    @Test
    void whatARestoredDatabaseHasForgottenIsNotSweptAlsoWhenNewCommitsPassedIt() throws Exception {
        try (HttpCatalogClient client = catalog.client()) {
            commits(client, 0, 3);
        }
        backUp();
        List<String> forgotten;
        long generation;
        try (HttpCatalogClient client = catalog.client()) {
            forgotten = commits(client, 30, 5);
            generation = client.coldState(topic.ref.topicId(), 0).generation();
        }
        restore();
        try (HttpCatalogClient client = catalog.client()) {
            ColdState older = client.coldState(topic.ref.topicId(), 0);
            assertThat(older.coldEnd()).isEqualTo(30);
            commits(client, 30, 30); // far beyond the forgotten number
            assertThat(client.coldStateSince(topic.ref.topicId(), 0, generation))
                    .as("a generation of the other history is never taken for this one's")
                    .isPresent();

            String orphan =
                    topic.table(client).location() + "/data/0/" + topic.ref.topicId() + ".parquet";
            objects.putIfAbsent(ObjectKey.ofAddress(orphan), new byte[] {9});
            SimpleMeterRegistry metrics = new SimpleMeterRegistry();
            assertThat(sweep(metrics)).isZero();
            assertThat(forgotten).allMatch(objects::has);
            assertThat(metrics.get("firn.catalog.forgotten.tables").gauge().value()).isEqualTo(1);

            // Nor does the table's own maintenance delete anything of it.
            String retired = topic.commit(client, 330, 340);
            client.advanceLogStart(topic.ref.topicId(), 0, 340);
            for (long start = 340; start < 500; start += 10) {
                topic.commit(client, start, start + 10);
            }
            Thread.sleep(1500);
            assertThat(objects.has(retired)).isTrue();
            assertThat(forgotten).allMatch(objects::has);
        }
    }

    @Test
    void oneForgottenCommitIsKeptToo() throws Exception {
        try (HttpCatalogClient client = catalog.client()) {
            commits(client, 0, 3);
        }
        backUp();
        List<String> forgotten;
        try (HttpCatalogClient client = catalog.client()) {
            forgotten = commits(client, 30, 1);
        }
        restore();
        try (HttpCatalogClient client = catalog.client()) {
            commits(client, 30, 30);
            String orphan =
                    topic.table(client).location() + "/data/0/" + topic.ref.topicId() + ".parquet";
            objects.putIfAbsent(ObjectKey.ofAddress(orphan), new byte[] {9});

            assertThat(sweep(new SimpleMeterRegistry())).isEqualTo(1);

            assertThat(objects.has(orphan)).isFalse();
            assertThat(forgotten).allMatch(objects::has);
        }
    }

    @Test
    void aTableWhoseCommitsWereCutOffByAKillIsSweptAsUsual() throws Exception {
        try (HttpCatalogClient client = catalog.client()) {
            List<String> files = commits(client, 0, 30);
            String location = topic.table(client).location();
            // What a catalog leaves that is killed between its metadata file and its transaction.
            String now = metadata();
            objects.putIfAbsent(
                    ObjectKey.ofAddress(location + "/metadata/00099-cut-off.metadata.json"),
                    objects.read(ObjectKey.ofAddress(now)));
            commits(client, 300, 30);
            String orphan = location + "/data/0/" + topic.ref.topicId() + ".parquet";
            objects.putIfAbsent(ObjectKey.ofAddress(orphan), new byte[] {9});

            assertThat(sweep(new SimpleMeterRegistry())).isEqualTo(1);

            assertThat(objects.has(orphan)).isFalse();
            assertThat(files).allMatch(objects::has);
        }
    }

    private List<String> commits(HttpCatalogClient client, long from, int count) {
        List<String> files = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            files.add(topic.commit(client, from + i * 10L, from + i * 10L + 10));
        }
        return files;
    }

    private String metadata() {
        return catalog.server().services().backends().store().tables().topicTables().stream()
                .filter(t -> topic.ref.topicId().equals(t.topicId()))
                .findFirst()
                .orElseThrow()
                .metadataLocation();
    }

    private void backUp() throws Exception {
        catalog.stop();
        catalog.backUp(folder.resolve("backup"));
        catalog.start();
    }

    private void restore() throws Exception {
        catalog.stop();
        catalog.restore(folder.resolve("backup"));
        catalog.start();
    }

    private int sweep(SimpleMeterRegistry metrics) {
        return new OrphanSweep(
                        catalog.server().services().backends(),
                        new MetadataFiles("lake", () -> objects),
                        () -> Instant.now().plus(Duration.ofHours(25)),
                        metrics)
                .sweep();
    }
}
