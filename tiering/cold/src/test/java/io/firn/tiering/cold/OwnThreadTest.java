package io.firn.tiering.cold;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;

@Timeout(30)
class OwnThreadTest {
    @Test
    void workOfAVirtualThreadLeavesItsCarrier() throws Exception {
        var where = new AtomicReference<Thread>();
        Thread.ofVirtual().start(() -> where.set(ownThread())).join();
        assertThat(where.get().isVirtual()).isFalse();
        assertThat(where.get().getName()).isEqualTo("work");
    }

    @Test
    void whatTheWorkThrowsComesToItsCaller() {
        assertThatThrownBy(
                        () ->
                                OwnThread.call(
                                        "work",
                                        () -> {
                                            throw new ColdUnavailableException("no store", null);
                                        }))
                .isInstanceOf(ColdUnavailableException.class)
                .hasMessage("no store");
    }

    @Test
    void anInterruptReachesTheWorkAndItsEndIsWaitedFor() throws Exception {
        var begun = new CountDownLatch(1);
        var mayEnd = new CountDownLatch(1);
        var told = new CountDownLatch(1);
        var ended = new AtomicBoolean();
        var endedFirst = new AtomicBoolean();
        var caller =
                Thread.ofVirtual()
                        .start(
                                () -> {
                                    try {
                                        OwnThread.call(
                                                "work", () -> stubborn(begun, told, mayEnd, ended));
                                    } catch (InterruptedException e) {
                                        endedFirst.set(ended.get());
                                    }
                                });
        begun.await();
        caller.interrupt();
        told.await();
        assertThat(caller.isAlive()).isTrue();
        mayEnd.countDown();
        caller.join();
        assertThat(endedFirst).isTrue();
    }

    /// Is told by an interrupt, and ends only later.
    private static boolean stubborn(
            CountDownLatch begun, CountDownLatch told, CountDownLatch mayEnd, AtomicBoolean ended) {
        begun.countDown();
        try {
            new CountDownLatch(1).await();
        } catch (InterruptedException e) {
            told.countDown();
        }
        try {
            mayEnd.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
        ended.set(true);
        return true;
    }

    private static Thread ownThread() {
        try {
            return OwnThread.call("work", Thread::currentThread);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
