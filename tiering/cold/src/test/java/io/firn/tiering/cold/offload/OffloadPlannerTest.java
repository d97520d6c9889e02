package io.firn.tiering.cold.offload;

import static org.assertj.core.api.Assertions.assertThat;

import io.firn.catalog.client.ColdExtent;
import io.firn.catalog.client.ColdSegment;
import io.firn.catalog.client.ColdState;
import io.firn.catalog.client.SegmentRow;
import io.firn.tiering.cold.offload.OffloadPlanner.Plan;
import io.firn.tiering.cold.source.OffloadPolicy;
import io.firn.tiering.cold.source.OffloadRange;

import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;

class OffloadPlannerTest {
    private static OffloadRange range(long start, long end) {
        return new OffloadRange(start, end, 100, end, Instant.EPOCH);
    }

    private static final List<OffloadRange> CLOSED =
            List.of(range(0, 10), range(10, 20), range(20, 30));

    private static Plan plan(long next, long limit, List<OffloadRange> closed, long most) {
        return OffloadPlanner.plan(next, 0, limit, closed, most, offset -> offset);
    }

    private static OffloadRange taken(Plan plan) {
        return ((Plan.Take) plan).range();
    }

    @Test
    void segmentsAreJoinedUpToTheByteBoundButOneAlwaysGoes() {
        assertThat(taken(plan(0, 100, CLOSED, 200)).end()).isEqualTo(20);
        assertThat(taken(plan(0, 100, CLOSED, 1)).end()).isEqualTo(10);
        assertThat(taken(plan(0, 100, CLOSED, 1_000)))
                .isEqualTo(new OffloadRange(0, 30, 300, 30, Instant.EPOCH));
    }

    @Test
    void aRangeBeginsAtTheColdEndEvenInsideASegment() { // C1: segments differ between replicas
        assertThat(taken(plan(5, 100, CLOSED, 1)).start()).isEqualTo(5);
    }

    @Test
    void aRangeBeginsAtTheBaseOfTheBatchThatContainsTheLogStart() { // C17
        assertThat(taken(OffloadPlanner.plan(0, 17, 100, CLOSED, 1, offset -> 13)))
                .isEqualTo(new OffloadRange(13, 20, 100, 20, Instant.EPOCH));
        assertThat(taken(OffloadPlanner.plan(0, 20, 100, CLOSED, 1, offset -> 13)).start())
                .isEqualTo(20); // a segment begins there, and so does a batch
    }

    @Test
    void aSegmentThatReachesTheLimitStays() { // C1
        assertThat(plan(0, 9, CLOSED, 1_000)).isInstanceOf(Plan.Nothing.class);
        assertThat(taken(plan(0, 29, CLOSED, 1_000)).end()).isEqualTo(20);
        assertThat(plan(30, 100, CLOSED, 1_000)).isInstanceOf(Plan.Nothing.class);
    }

    @Test
    void aLogThatBeginsAboveTheColdEndIsAGap() {
        assertThat(plan(5, 100, CLOSED.subList(1, 3), 1_000)).isEqualTo(new Plan.Gap(5, 10));
    }

    @Test
    void theActiveSegmentIsClosedEarlyEnoughForItsRecordsToBeInTime() {
        Duration look = Duration.ofMillis(250);
        assertThat(OffloadPlanner.rollAge(Duration.ofSeconds(300), Duration.ofSeconds(3), look))
                .isEqualTo(Duration.ofSeconds(180));
        assertThat(OffloadPlanner.rollAge(Duration.ofSeconds(10), Duration.ofSeconds(3), look))
                .isEqualTo(Duration.ofMillis(3_500));
        assertThat(OffloadPlanner.rollAge(Duration.ofSeconds(5), Duration.ofSeconds(9), look))
                .isEqualTo(Duration.ofMillis(500));
    }

    private static final Instant COMMITTED = Instant.ofEpochMilli(5_000);

    private static ColdSegment cold(long start, long end, long maxTimestamp) {
        var row =
                new SegmentRow(
                        UUID.randomUUID(),
                        UUID.randomUUID(),
                        0,
                        start,
                        end,
                        1,
                        "raw",
                        new byte[0],
                        null,
                        null,
                        null,
                        maxTimestamp,
                        Instant.EPOCH);
        return new ColdSegment(
                row, 1, COMMITTED, List.of(new ColdExtent("s3://b/x", 100, start, end, "")));
    }

    private static final ColdState THREE =
            new ColdState(
                    30,
                    0,
                    3,
                    List.of(cold(0, 10, 1_000), cold(10, 20, 2_000), cold(20, 30, 3_000)));

    private static OffloadPolicy keeping(long millis, long bytes) {
        return new OffloadPolicy(Duration.ofSeconds(1), "", "", millis, bytes, false);
    }

    @Test
    void retentionTakesWholeSegmentsFromTheFront() {
        assertThat(ColdRetention.logStart(THREE, keeping(-1, -1), 1_000_000, 0)).isZero();
        assertThat(ColdRetention.logStart(THREE, keeping(1_000, -1), 3_001, 0)).isEqualTo(20);
        assertThat(ColdRetention.logStart(THREE, keeping(1_000, -1), 2_000, 0)).isZero();
    }

    @Test
    void aSegmentWithoutTimestampsIsAsOldAsItsFile() { // C4
        var one = new ColdState(10, 0, 1, List.of(cold(0, 10, -1)));
        assertThat(ColdRetention.logStart(one, keeping(1_000, -1), 6_000, 0)).isZero();
        assertThat(ColdRetention.logStart(one, keeping(1_000, -1), 6_001, 0)).isEqualTo(10);
    }

    @Test
    void retentionBySizeCountsNoByteTwice() { // C4, KAFKA-17062, KAFKA-20732
        assertThat(ColdRetention.logStart(THREE, keeping(-1, 300), 0, 0)).isZero();
        assertThat(ColdRetention.logStart(THREE, keeping(-1, 200), 0, 0)).isEqualTo(10);
        assertThat(ColdRetention.logStart(THREE, keeping(-1, 300), 0, 100)).isEqualTo(10);
        assertThat(ColdRetention.logStart(THREE, keeping(-1, 250), 0, 0)).isZero();
    }
}
