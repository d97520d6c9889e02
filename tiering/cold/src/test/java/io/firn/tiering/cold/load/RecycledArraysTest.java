package io.firn.tiering.cold.load;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.util.Random;

class RecycledArraysTest {
    private static final int MIB = 1 << 20;

    private final RecycledArrays arrays = new RecycledArrays(8 * MIB);

    @Test
    void anArrayThatWasGivenBackIsUsedAgain() {
        byte[] array = arrays.take(MIB - 100);
        assertThat(arrays.take(MIB - 100)).isNotSameAs(array);
        arrays.give(array);
        assertThat(arrays.take(MIB - 200)).isSameAs(array);
        assertThat(arrays.take(MIB - 200)).isNotSameAs(array);
    }

    @Test
    void noArrayIsMuchLongerThanItWasAskedFor() {
        Random random = new Random(7);
        for (int i = 0; i < 1_000; i++) {
            int asked = 1 + random.nextInt(4 * MIB);
            byte[] array = arrays.take(asked);
            assertThat(array.length).isBetween(asked, asked + asked / 3 * 2 + 2);
            arrays.give(array);
        }
    }

    @Test
    void whatIsIdleStaysWithinTheBudget() {
        byte[] first = arrays.take(5 * MIB);
        byte[] second = arrays.take(4 * MIB);
        arrays.give(first);
        arrays.give(second); // 9 MiB: the older goes
        assertThat(arrays.take(5 * MIB)).isNotSameAs(first);
        assertThat(arrays.take(4 * MIB)).isSameAs(second);
        byte[] large = arrays.take(9 * MIB);
        arrays.give(large);
        assertThat(arrays.take(9 * MIB)).isNotSameAs(large);
    }
}
