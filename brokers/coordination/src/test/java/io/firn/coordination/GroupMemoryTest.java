package io.firn.coordination;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.apache.kafka.common.errors.CoordinatorNotAvailableException;
import org.apache.kafka.common.errors.GroupMaxSizeReachedException;
import org.junit.jupiter.api.Test;

class GroupMemoryTest {
    private static final long MOST = 1_000_000;
    private static final long SESSION_MS = 30_000;

    private long nowMs;
    private final GroupMemory memory = new GroupMemory(MOST, () -> nowMs);

    private GroupMemory.Reservation reserve(String group, String member, long bytes) {
        return memory.reserve(group, member, bytes, SESSION_MS, Long.MAX_VALUE);
    }

    private void fill() {
        for (int i = 0; i < 9; i++) {
            reserve("g" + i, "", 100_000).keptAs("m");
        }
    }

    @Test
    void groupsTogetherHoldNoMoreThanTheirShare() { // G7
        fill();
        assertThatThrownBy(() -> reserve("more", "", 100_000))
                .isInstanceOf(CoordinatorNotAvailableException.class)
                .hasMessageContaining("FIRN_HEAP");
        assertThat(memory.bytes()).isBetween(900_000L, MOST);
        assertThat(memory.refusals()).isOne();
    }

    @Test
    void aMemberGoesOnWithAsMuchAsItHeldThoughThereIsNoRoomForMore() {
        fill();
        reserve("g9", "", 60_000).keptAs("m");
        reserve("g3", "m", 100_000).keptAs("m");
        assertThatThrownBy(() -> reserve("g3", "m", 200_000))
                .isInstanceOf(CoordinatorNotAvailableException.class);
    }

    @Test
    void whatTheCoordinatorRefusedIsNotHeld() {
        reserve("g", "", 100_000).refused();
        assertThat(memory.bytes()).isLessThan(5_000);
        reserve("g", "m", 100_000).keptAs("m");
        reserve("g", "m", 100_000).refused(); // it is still the member that it was
        assertThat(memory.bytes()).isGreaterThan(100_000);
    }

    @Test
    void whoLeavesHoldsNothing() {
        fill();
        memory.left("g0", "m");
        reserve("more", "", 80_000).keptAs("m");
    }

    @Test
    void whoIsNotHeardOfForItsSessionHoldsNothingAndWhoBeatsHoldsOn() {
        fill();
        nowMs += SESSION_MS;
        memory.heard("g0", "m");
        nowMs += SESSION_MS;
        reserve("more", "", 700_000).keptAs("m");
        assertThatThrownBy(() -> reserve("most", "", 200_000))
                .isInstanceOf(CoordinatorNotAvailableException.class);
    }

    @Test
    void theMembersOfAGroupHoldNoMoreThanItsRecordHasRoomFor() { // G7
        memory.reserve("g", "", 300_000, SESSION_MS, 400_000).keptAs("m");
        assertThatThrownBy(() -> memory.reserve("g", "", 200_000, SESSION_MS, 400_000))
                .isInstanceOf(GroupMaxSizeReachedException.class);
        memory.reserve("other", "", 200_000, SESSION_MS, 400_000).keptAs("m");
    }
}
