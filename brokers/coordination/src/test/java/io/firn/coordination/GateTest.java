package io.firn.coordination;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;

class GateTest {
    @Test
    void whoWaitsPassesInTheOrderInWhichItCame() {
        var gate = new Gate();
        List<Integer> passed = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            int caller = i;
            gate.pass(60_000).thenRun(() -> passed.add(caller));
        }
        gate.open();
        assertThat(passed).containsExactly(0, 1, 2, 3, 4); // G1
    }

    @Test
    void whoComesWhileItOpensPassesAfterThoseWhoWaited() {
        var gate = new Gate();
        List<String> passed = new ArrayList<>();
        gate.pass(60_000).thenRun(() -> gate.pass(60_000).thenRun(() -> passed.add("late")));
        gate.pass(60_000).thenRun(() -> passed.add("early"));
        gate.open();
        assertThat(passed).containsExactly("early", "late");
        assertThat(gate.pass(60_000)).isDone();
    }

    @Test
    void whoWaitsTooLongPassesAndIsForgotten() {
        var gate = new Gate();
        assertThat(gate.pass(1)).succeedsWithin(java.time.Duration.ofSeconds(10));
        gate.open();
        assertThat(gate.pass(1)).isDone();
    }
}
