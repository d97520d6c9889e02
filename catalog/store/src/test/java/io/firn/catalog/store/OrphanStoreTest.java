package io.firn.catalog.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.firn.catalog.client.ExtentRow;
import io.firn.catalog.client.FileRow;
import io.firn.catalog.client.SegmentRow;

import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;

class OrphanStoreTest { // C6
    private static final Duration DAY = Duration.ofHours(24);

    private final CatalogStore store = SharedPostgres.store();
    private final UUID topic = UUID.randomUUID();
    private final UUID segment = UUID.randomUUID();
    private final String path = "s3://b/t/data/0/0-10-e1-" + segment + ".parquet";
    private final AtomicInteger deleted = new AtomicInteger();

    @Test
    void aPathThatNoRowNamesIsDeleted() {
        assertThat(store.orphans().named(List.of(path), DAY)).isEmpty();
        assertThat(delete(DAY)).isTrue();
    }

    @Test
    void anUploadUnderWayAndOneThatWaitsAreNamed() {
        prepare();
        assertThat(store.orphans().named(List.of(path, "s3://b/t/data/x"), DAY))
                .containsExactly(path);
        assertThat(delete(Duration.ZERO)).isFalse();

        upload();
        assertThat(delete(Duration.ZERO)).isFalse();
        assertThat(deleted).hasValue(0);
    }

    @Test
    void anAbandonedUploadIsNamedUntilTheGraceIsOver() {
        prepare();
        upload();
        store.segments().abandoned(segment);

        assertThat(delete(DAY)).isFalse();
        assertThat(delete(Duration.ZERO)).isTrue();
        assertThat(deleted).hasValue(1);
    }

    @Test
    void aServerThatWasStartedSinceItsHistoryWasLookedAtDeletesNothing() { // C16
        Instant before = store.retired().serverStart().minusMillis(1);
        assertThat(store.orphans().deleteIfUnnamed(path, DAY, before, deleted::incrementAndGet))
                .isFalse();
        assertThat(deleted).hasValue(0);
        assertThat(delete(DAY)).isTrue();
    }

    private boolean delete(Duration grace) {
        return store.orphans()
                .deleteIfUnnamed(
                        path, grace, store.retired().serverStart(), deleted::incrementAndGet);
    }

    private void prepare() {
        store.segments().raiseFence(topic, 0, 1, 0);
        store.segments()
                .prepared(
                        new SegmentRow(
                                segment,
                                topic,
                                0,
                                0,
                                10,
                                1,
                                "raw",
                                new byte[] {1},
                                null,
                                null,
                                new byte[0],
                                42,
                                Instant.now().plusSeconds(600)));
    }

    private void upload() {
        store.segments()
                .uploaded(
                        segment,
                        new FileRow(segment, path, 4, "crc32c:0", "{}"),
                        List.of(new ExtentRow(segment, segment, 0, 10, "{}")));
    }
}
