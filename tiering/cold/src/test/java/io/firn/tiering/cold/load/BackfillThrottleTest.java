package io.firn.tiering.cold.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

import java.time.Duration;

class BackfillThrottleTest {
    private static final long WORK = Duration.ofMillis(20).toNanos();

    private double load;
    private long now;
    private boolean producing = true;
    private long groups;
    private BackfillThrottle throttle = on(8);

    private BackfillThrottle on(int processors) {
        return new BackfillThrottle(
                () -> producing ? ++groups : groups, () -> load, processors, () -> now);
    }

    /// Works for so many seconds; returns the part of the last of them that it worked.
    private double workFor(int seconds) {
        long end = now + Duration.ofSeconds(seconds).toNanos();
        long last = end - Duration.ofSeconds(1).toNanos();
        long worked = 0;
        while (now < end) {
            now += Math.max(0, throttle.restNanos()) + WORK;
            throttle.worked(WORK);
            worked += now > last ? WORK : 0;
        }
        return worked / 1e9;
    }

    @Test
    void onAnIdleMachineItNeverRests() {
        load = 0.3;
        assertThat(workFor(3)).isCloseTo(1, within(0.05));
    }

    @Test
    void onABusyMachineItGoesOnSlowlyAndRecovers() {
        load = 0.95;
        assertThat(workFor(10)).isBetween(0.02, 0.12);
        load = 0.2;
        assertThat(workFor(20)).isCloseTo(1, within(0.05));
    }

    /// Of two processors, both are busy a quarter of the time; of eight, hardly ever.
    @Test
    void theFewerProcessorsTheEarlierItRests() {
        load = 0.5;
        assertThat(workFor(10)).isCloseTo(1, within(0.05));
        throttle = on(2);
        assertThat(workFor(10)).isBetween(0.02, 0.12);
    }

    @Test
    void whereNobodyProducesItNeverRests() {
        load = 1;
        producing = false;
        assertThat(workFor(3)).isCloseTo(1, within(0.05));
    }

    @Test
    void whereTheLoadIsNotKnownItNeverRests() {
        load = -1;
        assertThat(workFor(3)).isCloseTo(1, within(0.05));
    }
}
