package io.firn.catalog.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.firn.catalog.web.TableTurns.BusyException;
import io.micronaut.http.MutableHttpResponse;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

@Timeout(60)
class TableTurnsTest {
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final CountDownLatch end = new CountDownLatch(1);

    @AfterEach
    void stop() {
        end.countDown();
        threads.close();
    }

    /// Work that goes on until the test ends it.
    private Future<?> begin(TableTurns turns) throws Exception {
        CountDownLatch began = new CountDownLatch(1);
        Future<?> work =
                threads.submit(
                        () ->
                                turns.take(
                                        () -> {
                                            began.countDown();
                                            try {
                                                end.await();
                                            } catch (InterruptedException e) {
                                                Thread.currentThread().interrupt();
                                            }
                                            return "";
                                        }));
        began.await();
        return work;
    }

    private static MutableHttpResponse<String> answer(int chars) {
        return JsonBodies.text(200, "application/json", "x".repeat(chars));
    }

    @Test
    void whoHasNoTurnInTimeIsToldSo() throws Exception { // G12
        TableTurns turns = new TableTurns(Duration.ofMillis(50));
        begin(turns);
        assertThat(turns.take(() -> "second")).isEqualTo("second");
        begin(turns);
        assertThatThrownBy(() -> turns.take(() -> "third")).isInstanceOf(BusyException.class);
    }

    @Test
    void whoWaitsHasTheTurnThatEnds() throws Exception {
        TableTurns turns = new TableTurns(Duration.ofMinutes(1));
        begin(turns);
        begin(turns);
        Future<String> third = threads.submit(() -> turns.take(() -> "third"));
        Thread.sleep(20);
        assertThat(third.isDone()).isFalse();
        end.countDown();
        assertThat(third.get()).isEqualTo("third");
    }

    @Test
    void aTableThatIsKnownToBeSmallWaitsForNobody() throws Exception {
        TableTurns turns = new TableTurns(Duration.ofMillis(50));
        turns.load(Optional.of("small"), true, () -> answer(1_000));
        turns.load(Optional.of("large"), true, () -> answer(1_000_000));
        turns.load(Optional.of("part of it"), false, () -> answer(1_000));
        begin(turns);
        begin(turns);
        assertThat(turns.load(Optional.of("small"), true, () -> answer(1_000)).code())
                .isEqualTo(200);
        assertThat(turns.load(Optional.empty(), true, () -> answer(1_000)).code()).isEqualTo(200);
        for (String waits : new String[] {"large", "part of it", "not seen yet"}) {
            assertThatThrownBy(() -> turns.load(Optional.of(waits), true, () -> answer(1_000)))
                    .as(waits)
                    .isInstanceOf(BusyException.class);
        }
    }

    @Test
    void workThatFailsEndsItsTurn() {
        TableTurns turns = new TableTurns(Duration.ofMillis(50));
        for (int i = 0; i < 3; i++) {
            assertThatThrownBy(
                            () ->
                                    turns.take(
                                            () -> {
                                                throw new IllegalStateException("no");
                                            }))
                    .hasMessage("no");
        }
    }
}
