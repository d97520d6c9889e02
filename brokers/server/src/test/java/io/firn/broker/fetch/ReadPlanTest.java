package io.firn.broker.fetch;

import static org.assertj.core.api.Assertions.assertThat;

import io.firn.broker.partition.LogView;

import org.junit.jupiter.api.Test;

class ReadPlanTest {
    private static final LogView VIEW = new LogView(10, 50, 80, 100);

    @Test
    void belowTheLogStartAndAboveTheLogEndIsOutOfRange() {
        assertThat(ReadPlan.of(9, VIEW)).isEqualTo(new ReadPlan.OutOfRange(10, 100));
        assertThat(ReadPlan.of(101, VIEW)).isEqualTo(new ReadPlan.OutOfRange(10, 100));
    }

    @Test
    void belowTheFirstLocalOffsetIsCold() {
        assertThat(ReadPlan.of(10, VIEW)).isEqualTo(new ReadPlan.Cold());
        assertThat(ReadPlan.of(49, VIEW)).isEqualTo(new ReadPlan.Cold());
    }

    @Test
    void localRecordsAreHotUpToWhatTheReaderMaySee() {
        assertThat(ReadPlan.of(50, VIEW)).isEqualTo(new ReadPlan.Hot());
        assertThat(ReadPlan.of(79, VIEW)).isEqualTo(new ReadPlan.Hot());
    }

    @Test
    void aboveThatTheReaderWaits() { // R14
        assertThat(ReadPlan.of(80, VIEW)).isEqualTo(new ReadPlan.AtEnd());
        assertThat(ReadPlan.of(100, VIEW)).isEqualTo(new ReadPlan.AtEnd());
    }

    @Test
    void anEmptyLogIsAtItsEndAtOnce() {
        assertThat(ReadPlan.of(0, new LogView(0, 0, 0, 0))).isEqualTo(new ReadPlan.AtEnd());
    }
}
