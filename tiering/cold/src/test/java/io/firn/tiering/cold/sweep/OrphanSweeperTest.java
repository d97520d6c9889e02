package io.firn.tiering.cold.sweep;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.firn.objectstore.InMemoryObjectStore;
import io.firn.objectstore.ObjectKey;

import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collection;
import java.util.HashSet;
import java.util.Set;

class OrphanSweeperTest {
    final InMemoryObjectStore store = new InMemoryObjectStore();
    final Set<String> named = new HashSet<>();
    final Set<String> lockedLate = new HashSet<>();
    Instant now = Instant.now().plus(Duration.ofHours(2));

    final OrphanIndex index =
            new OrphanIndex() {
                @Override
                public Set<String> named(Collection<String> paths) {
                    var found = new HashSet<>(paths);
                    found.retainAll(named);
                    return found;
                }

                @Override
                public boolean deleteIfUnnamed(String path, Runnable delete) {
                    if (lockedLate.contains(path)) {
                        return false;
                    }
                    delete.run();
                    return true;
                }
            };

    OrphanSweeper sweeper() {
        return new OrphanSweeper(
                store,
                index,
                "firn",
                Duration.ofHours(1),
                Duration.ofMinutes(15),
                InstantSource.fixed(now));
    }

    private void put(String name) {
        store.putIfAbsent(new ObjectKey(name), new byte[] {1});
    }

    @Test
    void onlyOldObjectsThatNothingNamesAreDeleted() { // C6
        put("t/data/orphan");
        put("t/data/named");
        put("t/data/claimed-meanwhile");
        put("other/data/x");
        named.add("s3://firn/t/data/named");
        lockedLate.add("s3://firn/t/data/claimed-meanwhile");

        assertThat(sweeper().sweep("t/", 100)).isEqualTo(new OrphanSweeper.Swept(3, 1, 1, 0));
        assertThat(store.list("").map(o -> o.key().name()))
                .containsExactly("other/data/x", "t/data/claimed-meanwhile", "t/data/named");
    }

    @Test
    void whatIsYoungerThanTheGraceStays() {
        put("t/data/young");
        now = Instant.now().plus(Duration.ofMinutes(30));
        assertThat(sweeper().sweep("t/", 100).deleted()).isZero();
    }

    @Test
    void oneSweepDeletesNoMoreThanItMay() {
        for (int i = 0; i < 10; i++) {
            put("t/data/" + i);
        }
        assertThat(sweeper().sweep("t/", 4).deleted()).isEqualTo(4);
        assertThat(store.list("t/")).hasSize(6);
    }

    @Test
    void aGraceWithinAnAttemptsDeadlineIsRefused() {
        assertThatThrownBy(
                        () ->
                                new OrphanSweeper(
                                        store,
                                        index,
                                        "b",
                                        Duration.ofMinutes(5),
                                        Duration.ofMinutes(15),
                                        InstantSource.system()))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
