package io.firn.broker.fetch;

import static org.assertj.core.api.Assertions.assertThat;

import io.firn.protocol.connection.Connection;

import org.junit.jupiter.api.Test;

import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;

/// G7: what slow readers keep on the heap is bounded.
class ColdAnswersTest {
    private final List<Runnable> afterPatience = new ArrayList<>();
    private final ColdAnswers answers = new ColdAnswers(100, afterPatience::add);
    private int closed;

    private Connection connection() {
        return (Connection)
                Proxy.newProxyInstance(
                        Connection.class.getClassLoader(),
                        new Class<?>[] {Connection.class},
                        (self, method, args) -> {
                            closed += method.getName().equals("close") ? 1 : 0;
                            return method.getReturnType() == String.class ? "test" : null;
                        });
    }

    @Test
    void partsThatFindNoRoomWaitUntilAnotherAnswerIsTaken() {
        ColdAnswers.Reservation one = answers.reserve();
        ColdAnswers.Reservation other = answers.reserve();
        assertThat(one.tryTake(60)).isTrue();
        assertThat(other.tryTake(60)).isFalse();
        assertThat(other.tryTake(40)).isTrue();
        one.release();
        one.release();
        assertThat(answers.heldBytes()).isEqualTo(40);
        assertThat(other.tryTake(60)).isTrue();
        assertThat(one.tryTake(1)).isFalse();
    }

    @Test
    void memoryOfAnAnswerIsFreeOnceAndOnlyWhenItWasSent() {
        int[] free = new int[1];
        ColdAnswers.Reservation reservation = answers.reserve();
        reservation.whenReleased(() -> free[0]++);
        assertThat(free[0]).isZero();
        reservation.release();
        reservation.release();
        assertThat(free[0]).isEqualTo(1);
        reservation.whenReleased(() -> free[0]++); // came after all was over
        reservation.release();
        assertThat(free[0]).isEqualTo(1);
    }

    @Test
    void whoDoesNotReadAColdAnswerIsDisconnected() {
        ColdAnswers.Reservation reads = answers.reserve();
        ColdAnswers.Reservation neverReads = answers.reserve();
        ColdAnswers.Reservation nothingCold = answers.reserve();
        reads.tryTake(10);
        neverReads.tryTake(10);
        for (ColdAnswers.Reservation reservation : List.of(reads, neverReads, nothingCold)) {
            reservation.awaitTaken(connection());
        }
        reads.release();
        afterPatience.forEach(Runnable::run);
        assertThat(afterPatience).hasSize(2);
        assertThat(closed).isEqualTo(1);
    }
}
