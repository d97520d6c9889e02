package io.firn.gateway.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.util.concurrent.TimeUnit;

class ReachabilityTest { // B12
    private static final Reachability.Address BROKER = new Reachability.Address(1, "b", 9);
    private static final Reachability.Address OTHER = new Reachability.Address(2, "c", 9);

    private long now = -5;
    private final Reachability reachability = new Reachability(() -> now);

    @Test
    void oneTriesAfterAWhileAndTheOthersAreToldAtOnce() {
        assertThat(reachability.mayTry(BROKER)).isTrue();
        reachability.failed(BROKER);
        assertThat(reachability.mayTry(BROKER)).isFalse();
        assertThat(reachability.mayTry(OTHER)).isTrue();
        pass(300);
        assertThat(reachability.mayTry(BROKER)).isTrue();
        assertThat(reachability.mayTry(BROKER)).isFalse(); // somebody does
        reachability.reached(BROKER);
        assertThat(reachability.mayTry(BROKER)).isTrue();
        assertThat(reachability.awayCount()).isZero();
    }

    @Test
    void theLongerABrokerIsAwayTheRarerItIsTried() {
        int tries = 0;
        for (int i = 0; i < 600; i++) { // a minute
            if (reachability.mayTry(BROKER)) {
                tries++;
                reachability.failed(BROKER);
            }
            pass(100);
        }
        assertThat(tries).isBetween(8, 14);
    }

    @Test
    void whoTriedAndWasNotHeardOfAgainDoesNotKeepTheBrokerAway() {
        reachability.failed(BROKER);
        pass(300);
        assertThat(reachability.mayTry(BROKER)).isTrue();
        pass(3000);
        assertThat(reachability.mayTry(BROKER)).isTrue();
    }

    private void pass(long millis) {
        now += TimeUnit.MILLISECONDS.toNanos(millis);
    }
}
