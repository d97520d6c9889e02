package io.firn.catalog.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.firn.catalog.store.lease.Lease;
import io.firn.catalog.store.lease.LeaseKeeper;

import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;

class LeaseKeeperTest {
    private static final Duration SHORT = Duration.ofMillis(1200);

    private final CatalogStore store = SharedPostgres.store();
    private final String name = "keeper-" + UUID.randomUUID();

    @Test
    void slowWorkKeepsTheLeaseAndItsEpoch() throws Exception {
        try (LeaseKeeper keeper = keeper()) {
            keeper.start();
            Lease lease = keeper.take().orElseThrow();

            Thread.sleep(SHORT.multipliedBy(2)); // no round, only the thread

            assertThat(keeper().take()).isEmpty();
            assertThat(keeper.take()).contains(lease);
        }
    }

    @Test
    void theSuccessorOfAKilledHolderWaitsNoLongerThanTheLease() throws Exception {
        LeaseKeeper killed = keeper();
        killed.start();
        Lease old = killed.take().orElseThrow();
        killed.stop();

        LeaseKeeper next = keeper();
        Instant from = Instant.now();
        Optional<Lease> taken = next.take();
        while (taken.isEmpty() && Duration.between(from, Instant.now()).toSeconds() < 5) {
            Thread.sleep(50);
            taken = next.take();
        }

        assertThat(taken.orElseThrow().epoch()).isEqualTo(old.epoch() + 1);
        assertThat(store.leases().prolong(old, SHORT)).isFalse(); // fenced, not revived
        assertThat(LeaseKeeper.COMMITTER).isLessThanOrEqualTo(Duration.ofSeconds(5));
    }

    @Test
    void aClosedKeeperLeavesTheLeaseToTheNextAtOnce() {
        LeaseKeeper first = keeper();
        Lease old = first.take().orElseThrow();
        first.close();

        assertThat(keeper().take().orElseThrow().epoch()).isEqualTo(old.epoch() + 1);
    }

    private LeaseKeeper keeper() {
        return new LeaseKeeper(store::leases, name, SHORT);
    }
}
