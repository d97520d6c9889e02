package io.firn.coordination;

import io.firn.log.PartitionLog;

import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.NotLeaderOrFollowerException;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.coordinator.common.runtime.CoordinatorLoader;
import org.apache.kafka.coordinator.common.runtime.CoordinatorPlayback;
import org.apache.kafka.coordinator.common.runtime.CoordinatorRecord;
import org.apache.kafka.coordinator.common.runtime.Deserializer;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

/// Rebuilds a coordinator's state from its internal partition: everything from the log start to the
/// log end (I12).
final class LogLoader implements CoordinatorLoader<CoordinatorRecord> {
    private static final long PAUSE_NANOS = 100_000;
    private static final int MOST_PAUSES = 10_000;

    private final LedPartitions led;
    private final Deserializer<CoordinatorRecord> deserializer;
    private final int bufferBytes;
    private final Time time;
    private final Consumer<TopicPartition> finished;
    private final ExecutorService thread =
            Executors.newSingleThreadExecutor(
                    Thread.ofPlatform().daemon().name("coordinator-loader").factory());

    /// @param finished called after each load, however it ended, when the coordinator has been told
    LogLoader(
            LedPartitions led,
            Deserializer<CoordinatorRecord> deserializer,
            int bufferBytes,
            Time time,
            Consumer<TopicPartition> finished) {
        this.led = led;
        this.deserializer = deserializer;
        this.bufferBytes = bufferBytes;
        this.time = time;
        this.finished = finished;
    }

    @Override
    public CompletableFuture<LoadSummary> load(
            TopicPartition partition, CoordinatorPlayback<CoordinatorRecord> playback) {
        CompletableFuture<LoadSummary> done = new CompletableFuture<>();
        long queuedAt = time.milliseconds();
        try {
            thread.execute(() -> load(partition, playback, done, queuedAt));
        } catch (RejectedExecutionException e) {
            done.completeExceptionally(
                    new IllegalStateException("Cannot load " + partition + ": shutting down", e));
        }
        return done;
    }

    private void load(
            TopicPartition partition,
            CoordinatorPlayback<CoordinatorRecord> playback,
            CompletableFuture<LoadSummary> done,
            long queuedAt) {
        long startedAt = time.milliseconds();
        try {
            PartitionLog log = led.require(partition).log();
            Replay replay = new Replay(partition, log, deserializer, playback, bufferBytes);
            replay.run(() -> led.leads(partition) && !thread.isShutdown());
            if (!led.leads(partition)) {
                throw new NotLeaderOrFollowerException(
                        "Stopped loading %s: this broker does not lead it any more"
                                .formatted(partition));
            }
            awaitListener(done);
            done.complete(
                    new LoadSummary(
                            startedAt,
                            time.milliseconds(),
                            startedAt - queuedAt,
                            replay.records(),
                            replay.bytes()));
        } catch (Throwable e) {
            done.completeExceptionally(e);
        } finally {
            finished.accept(partition);
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
