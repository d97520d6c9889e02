package io.firn.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.util.concurrent.atomic.AtomicLong;

class DescriptorsTest {
    @Test
    void connectionsLeaveDescriptorsForTheLogAndAreTakenAgainWhenOthersGo() { // G7
        AtomicLong open = new AtomicLong(100);
        Descriptors descriptors = new Descriptors(open::get, 1000);
        assertThat(descriptors.hasRoom()).isTrue();
        int taken = 0;
        while (descriptors.hasRoom()) {
            open.incrementAndGet();
            taken++;
        }
        assertThat(taken).isBetween(700, 732);
        open.set(500);
        int refused = 0;
        while (!descriptors.hasRoom()) {
            refused++;
        }
        assertThat(refused).isLessThan(32);
    }
}
