package io.firn.broker.partition;

import static org.assertj.core.api.Assertions.assertThat;

import io.firn.log.PartitionLog;

import org.apache.kafka.common.TopicIdPartition;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.protocol.Errors;
import org.junit.jupiter.api.Test;

import java.lang.reflect.Proxy;
import java.util.concurrent.atomic.AtomicInteger;

class LedPartitionTest {
    private final LedPartition led =
            new LedPartition(
                    new TopicIdPartition(Uuid.randomUuid(), new TopicPartition("public.t", 0)),
                    new LedPartition.Leadership(5, 1),
                    () -> {
                        throw new AssertionError("nobody used the log");
                    });

    @Test
    void epochsAreComparedBeforeAnythingElse() { // R4
        assertThat(led.checkEpoch(-1)).isEqualTo(Errors.NONE);
        assertThat(led.checkEpoch(5)).isEqualTo(Errors.NONE);
        assertThat(led.checkEpoch(4)).isEqualTo(Errors.FENCED_LEADER_EPOCH);
        assertThat(led.checkEpoch(6)).isEqualTo(Errors.UNKNOWN_LEADER_EPOCH);
    }

    @Test
    void whoeverWaitsIsToldOfResignation() {
        AtomicInteger woken = new AtomicInteger();
        led.waitlist().add(woken::incrementAndGet);
        led.resign();
        assertThat(woken).hasValue(1);
        assertThat(led.checkEpoch(5)).isEqualTo(Errors.NOT_LEADER_OR_FOLLOWER);
    }

    @Test
    void whatWaitsForTheFirstUseIsDoneOnceAndThenAtOnce() {
        AtomicInteger done = new AtomicInteger();
        LedPartition used = opening();
        used.whenUsed(() -> done.addAndGet(100)); // replaced before anybody used the log
        used.whenUsed(done::incrementAndGet);
        assertThat(done).hasValue(0);
        used.log();
        used.log();
        assertThat(done).hasValue(1);
        used.whenUsed(done::incrementAndGet);
        assertThat(done).hasValue(2);
    }

    @Test
    void aPartitionThatIsResignedForgetsWhatWaitedForItsFirstUse() {
        AtomicInteger done = new AtomicInteger();
        LedPartition lost = opening();
        lost.whenUsed(done::incrementAndGet);
        lost.resign();
        lost.log();
        assertThat(done).hasValue(0);
    }

    private static LedPartition opening() {
        PartitionLog log =
                (PartitionLog)
                        Proxy.newProxyInstance(
                                PartitionLog.class.getClassLoader(),
                                new Class<?>[] {PartitionLog.class},
                                (proxy, method, arguments) -> null);
        return new LedPartition(
                new TopicIdPartition(Uuid.randomUuid(), new TopicPartition("public.t", 0)),
                new LedPartition.Leadership(0, 1),
                () -> log);
    }

    @Test
    void aNewEpochDoesNotOpenTheLog() {
        led.lead(new LedPartition.Leadership(7, 1));
        assertThat(led.epoch()).isEqualTo(7);
        assertThat(led.usedLog()).isEmpty();
    }
}
