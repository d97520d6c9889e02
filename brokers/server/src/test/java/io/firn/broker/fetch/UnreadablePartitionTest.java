package io.firn.broker.fetch;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;

import io.firn.broker.cold.ColdTier;
import io.firn.broker.partition.LedPartition;
import io.firn.broker.request.BrokerMetrics;
import io.firn.log.Isolation;
import io.firn.log.PartitionLog;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;

import org.apache.kafka.common.TopicIdPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.FetchRequest;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

import java.lang.reflect.Proxy;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/// Consumers that ask again and again for what nobody can give them.
class UnreadablePartitionTest {
    /// Of a kind that nothing else in the process has told of.
    private static final class HoleForTests extends RuntimeException {
        private static final long serialVersionUID = 1;

        HoleForTests() {
            super("the cold index has nothing of [7, 9)");
        }
    }

    private final Logger log = (Logger) LoggerFactory.getLogger(PartitionReader.class);
    private final ListAppender<ILoggingEvent> told = new ListAppender<>();

    @BeforeEach
    void listen() {
        told.start();
        log.addAppender(told);
        log.setLevel(Level.WARN);
    }

    @AfterEach
    void end() {
        log.detachAppender(told);
        log.setLevel(null);
    }

    @Test
    void aHoleInTheTableIsOneLineHoweverOftenItIsMet() {
        LedPartition led =
                new LedPartition(
                        new TopicIdPartition(Uuid.randomUuid(), 3, "public.orders"),
                        new LedPartition.Leadership(1, 1),
                        UnreadablePartitionTest::coldLog);
        PartitionReader reader =
                new PartitionReader(withHole(), new BrokerMetrics(new SimpleMeterRegistry()));
        for (int i = 0; i < 500; i++) {
            var outcome =
                    (PartitionReader.Outcome.Coming)
                            reader.read(
                                    led,
                                    3,
                                    new FetchRequest.PartitionData(
                                            Uuid.ZERO_UUID, 7, 0, 1000, Optional.empty()),
                                    Isolation.UNCOMMITTED,
                                    1000,
                                    true,
                                    ColdAnswers.ofHeap().reserve());
            assertThat(outcome.data().join().errorCode())
                    .isEqualTo(Errors.KAFKA_STORAGE_ERROR.code());
        }
        assertThat(told.list)
                .singleElement()
                .satisfies(
                        line ->
                                assertThat(line.getFormattedMessage())
                                        .contains("offset 7 of public.orders-3", "[7, 9)"));
    }

    /// Local from 100 on.
    private static PartitionLog coldLog() {
        return (PartitionLog)
                Proxy.newProxyInstance(
                        PartitionLog.class.getClassLoader(),
                        new Class<?>[] {PartitionLog.class},
                        (self, method, args) ->
                                switch (method.getName()) {
                                    case "logStartOffset" -> 0L;
                                    case "localLogStartOffset" -> 100L;
                                    case "endOffset",
                                            "durableEnd",
                                            "highWatermark",
                                            "lastStableOffset" ->
                                            200L;
                                    default -> null;
                                });
    }

    private static ColdTier withHole() {
        return (ColdTier)
                Proxy.newProxyInstance(
                        ColdTier.class.getClassLoader(),
                        new Class<?>[] {ColdTier.class},
                        (self, method, args) -> CompletableFuture.failedFuture(new HoleForTests()));
    }
}
