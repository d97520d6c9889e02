package io.firn.coordination;

import io.firn.log.ReadableLog;

import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.coordinator.common.runtime.CoordinatorLoader;
import org.apache.kafka.coordinator.common.runtime.CoordinatorPlayback;
import org.apache.kafka.coordinator.common.runtime.CoordinatorRecord;
import org.apache.kafka.coordinator.common.runtime.Deserializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

/// Rebuilds a coordinator's state from its internal partition: everything from the log start to the
/// log end (I12).
///
/// The runtime takes the end of any load for the end of the one that it waits for. A load that a
/// resignation has overtaken therefore never ends: after the next election it would make a
/// coordinator active that is still being loaded, and group commits would seem lost (R3).
final class LogLoader implements CoordinatorLoader<CoordinatorRecord> {
    private static final Logger LOG = LoggerFactory.getLogger(LogLoader.class);
    private static final long PAUSE_NANOS = 100_000;
    private static final int MOST_PAUSES = 10_000;

    private final LedPartitions led;
    private final KeptRecords kept;
    private final Deserializer<CoordinatorRecord> deserializer;
    private final int bufferBytes;
    private final Time time;
    private final Consumer<TopicPartition> finished;
    private final ExecutorService thread =
            Executors.newSingleThreadExecutor(
                    Thread.ofPlatform().daemon().name("coordinator-loader").factory());

    /// @param finished called after each load that was not overtaken, however it ended, when the
    ///     coordinator has been told
    LogLoader(
            LedPartitions led,
            KeptRecords kept,
            Deserializer<CoordinatorRecord> deserializer,
            int bufferBytes,
            Time time,
            Consumer<TopicPartition> finished) {
        this.led = led;
        this.kept = kept;
        this.deserializer = deserializer;
        this.bufferBytes = bufferBytes;
        this.time = time;
        this.finished = finished;
    }

    @Override
    public CompletableFuture<LoadSummary> load(
            TopicPartition partition, CoordinatorPlayback<CoordinatorRecord> playback) {
        CompletableFuture<LoadSummary> done = new CompletableFuture<>();
        long term = led.termToLoad(partition);
        long queuedAt = time.milliseconds();
        try {
            thread.execute(() -> load(partition, term, playback, done, queuedAt));
        } catch (RejectedExecutionException e) {
            done.completeExceptionally(
                    new IllegalStateException("Cannot load " + partition + ": shutting down", e));
        }
        return done;
    }

    private void load(
            TopicPartition partition,
            long term,
            CoordinatorPlayback<CoordinatorRecord> playback,
            CompletableFuture<LoadSummary> done,
            long queuedAt) {
        long startedAt = time.milliseconds();
        Runnable end;
        try {
            ReadableLog log = led.require(partition).log();
            Replay replay = new Replay(partition, log, deserializer, playback, kept, bufferBytes);
            kept.forget(partition.partition());
            replay.run(() -> led.term(partition) == term && !thread.isShutdown());
            LoadSummary summary =
                    new LoadSummary(
                            startedAt,
                            time.milliseconds(),
                            startedAt - queuedAt,
                            replay.records(),
                            replay.bytes());
            end = () -> done.complete(summary);
        } catch (Throwable e) {
            end = () -> done.completeExceptionally(e);
        }
        awaitListener(done);
        if (term > 0 && led.during(partition, term, end)) {
            finished.accept(partition);
        } else {
            LOG.info("Dropped the load of {}: a resignation has overtaken it", partition);
        }
    }

    /// The runtime listens to the load as soon as it has asked for it. A load that ended earlier
    /// would be noted after the requests that wait for it, and they would hear that it goes on.
    private static void awaitListener(CompletableFuture<LoadSummary> done) {
        for (int i = 0; i < MOST_PAUSES && done.getNumberOfDependents() == 0; i++) {
            LockSupport.parkNanos(PAUSE_NANOS);
        }
    }

    @Override
    public void close() {
        thread.shutdown();
    }
}
