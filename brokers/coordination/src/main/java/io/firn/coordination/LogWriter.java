package io.firn.coordination;

import io.firn.coordination.LedPartitions.Opened;
import io.firn.log.CoordinatorLog;

import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.coordinator.common.runtime.PartitionWriter;
import org.apache.kafka.storage.internals.log.LogConfig;
import org.apache.kafka.storage.internals.log.VerificationGuard;

import java.util.Map;
import java.util.Properties;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongConsumer;

/// Writes a coordinator's records to the hot log: an offset at once, durability later (DESIGN 6).
/// The coordinator answers its clients when the high watermark has passed their records.
final class LogWriter implements PartitionWriter {
    /// Room for one group's metadata with many members; Kafka's own default for a topic is 1 MiB.
    private static final int MAX_BATCH_BYTES = 1024 * 1024 + 12;

    private static final LogConfig CONFIG =
            new LogConfig(
                    Map.of(
                            TopicConfig.MAX_MESSAGE_BYTES_CONFIG,
                            String.valueOf(MAX_BATCH_BYTES),
                            TopicConfig.CLEANUP_POLICY_CONFIG,
                            TopicConfig.CLEANUP_POLICY_COMPACT));

    private record Registration(CoordinatorLog log, LongConsumer listener) {}

    private final LedPartitions led;
    private final KeptRecords kept;
    private final Map<Listener, Registration> registrations = new ConcurrentHashMap<>();

    LogWriter(LedPartitions led, KeptRecords kept) {
        this.led = led;
        this.kept = kept;
    }

    @Override
    public void registerListener(TopicPartition partition, Listener listener) {
        CoordinatorLog log = led.require(partition).log();
        LongConsumer upwards = new Upwards(partition, listener);
        registrations.put(listener, new Registration(log, upwards));
        log.onHighWatermark(upwards);
        // What became durable between the load and this line would otherwise never be reported.
        upwards.accept(log.highWatermark());
    }

    @Override
    public void deregisterListener(TopicPartition partition, Listener listener) {
        Registration registration = registrations.remove(listener);
        if (registration != null) {
            registration.log().removeListener(registration.listener());
        }
    }

    /// A coordinator fills its batches up to what this says, so it is not more than the log takes.
    @Override
    public LogConfig config(TopicPartition partition) {
        int most = led.require(partition).log().maxBatchBytes();
        return most >= CONFIG.maxMessageSize()
                ? CONFIG
                : LogConfig.fromProps(CONFIG.originals(), sized(most));
    }

    private static Properties sized(int maxBatchBytes) {
        Properties smaller = new Properties();
        smaller.put(TopicConfig.MAX_MESSAGE_BYTES_CONFIG, Integer.toString(maxBatchBytes));
        return smaller;
    }

    /// Returns the offset after the records; they are copied before, since the coordinator reuses
    /// its buffer.
    @Override
    public long append(
            TopicPartition partition,
            VerificationGuard guard,
            MemoryRecords records,
            short transactionVersion) {
        Opened opened = led.require(partition);
        long next = opened.log().appendNow(records, opened.leaderEpoch());
        kept.appended(partition.partition(), records);
        return next;
    }

    /// Offsets in transactions are not served yet, so there is nothing to verify.
    @Override
    public CompletableFuture<VerificationGuard> maybeStartTransactionVerification(
            TopicPartition partition,
            String transactionalId,
            long producerId,
            short producerEpoch,
            int apiVersion) {
        return CompletableFuture.completedFuture(VerificationGuard.SENTINEL);
    }

    @Override
    public CompletableFuture<Void> deleteRecords(TopicPartition partition, long beforeOffset) {
        try {
            led.require(partition).log().deleteRecordsBefore(beforeOffset);
            return CompletableFuture.completedFuture(null);
        } catch (RuntimeException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    /// Passes each high watermark on once and never a lower one: the coordinator takes a step back
    /// for a broken log.
    private static final class Upwards implements LongConsumer {
        private final TopicPartition partition;
        private final Listener listener;
        private long last;

        Upwards(TopicPartition partition, Listener listener) {
            this.partition = partition;
            this.listener = listener;
        }

        @Override
        public synchronized void accept(long highWatermark) {
            if (highWatermark > last) {
                last = highWatermark;
                listener.onHighWatermarkUpdated(partition, highWatermark);
            }
        }
    }
}
