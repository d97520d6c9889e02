package io.firn.objectstore;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/// D11: whether a server elsewhere answers.
class ReachabilityTest {
    private final AtomicLong nanos = new AtomicLong();
    private final AtomicInteger questions = new AtomicInteger();

    @Test
    void aServerIsAskedOnceInAWhileHoweverOftenSomebodyWantsToKnow() {
        var store = new Reachability("the store", questions::incrementAndGet, nanos::get);
        for (int i = 0; i < 10; i++) {
            assertThat(store.get()).isEmpty();
        }
        assertThat(questions).hasValue(1);
        nanos.addAndGet(TimeUnit.SECONDS.toNanos(6));
        assertThat(store.get()).isEmpty();
        assertThat(questions).hasValue(2);
    }

    @Test
    void whatItSaysIsPassedOn() {
        var store =
                new Reachability(
                        "the store",
                        () -> {
                            throw new IllegalStateException("503");
                        },
                        nanos::get);
        assertThat(store.get()).contains("the store does not answer: 503");
    }

    @Test
    void aServerThatHangsIsAwayAndGetsNoSecondQuestion() {
        CountDownLatch answers = new CountDownLatch(1);
        var store =
                new Reachability(
                        "the store",
                        () -> {
                            questions.incrementAndGet();
                            answers.await();
                            return "late";
                        },
                        nanos::get);
        assertThat(store.get()).isEmpty(); // slow so far
        nanos.addAndGet(TimeUnit.SECONDS.toNanos(60));
        assertThat(store.get()).contains("the store does not answer");
        assertThat(questions).hasValue(1);
        answers.countDown();
    }
}
