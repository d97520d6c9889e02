package io.firn.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import org.junit.jupiter.api.Test;

import java.util.concurrent.ExecutorService;
import java.util.concurrent.atomic.AtomicInteger;

class BrokerThreadsTest {
    /// The log still finishes groups, and the image still moves, when the broker's threads have
    /// ended: an exception would come out on the log's thread and take the disk offline.
    @Test
    void whoWakesAFetchOrFollowsAnImageAfterTheEndIsNotInterrupted() {
        BrokerThreads threads = new BrokerThreads(1);
        AtomicInteger ran = new AtomicInteger();
        threads.close();
        for (ExecutorService ended :
                new ExecutorService[] {threads.fetches, threads.housekeeping}) {
            assertThatCode(() -> ended.execute(ran::incrementAndGet)).doesNotThrowAnyException();
        }
        assertThat(ran).hasValue(0);
    }
}
