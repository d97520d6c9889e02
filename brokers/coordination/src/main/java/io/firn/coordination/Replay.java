package io.firn.coordination;

import io.firn.log.Isolation;
import io.firn.log.LogRead;
import io.firn.log.ReadableLog;

import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.CorruptRecordException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.record.internal.ControlRecordType;
import org.apache.kafka.common.record.internal.Record;
import org.apache.kafka.common.record.internal.RecordBatch;
import org.apache.kafka.common.requests.TransactionResult;
import org.apache.kafka.coordinator.common.runtime.CoordinatorPlayback;
import org.apache.kafka.coordinator.common.runtime.CoordinatorRecord;
import org.apache.kafka.coordinator.common.runtime.Deserializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.LongConsumer;

/// One pass over an internal partition, record by record into a coordinator's state.
final class Replay {
    private static final Logger LOG = LoggerFactory.getLogger(Replay.class);

    /// How long appends of an earlier leadership may take to become durable.
    private static final Duration TAIL_WAIT = Duration.ofSeconds(10);

    /// Snapshots of the state are dropped every so many offsets, as Kafka's own loader does.
    private static final long COMMIT_INTERVAL = 16_384;

    private final TopicPartition partition;
    private final ReadableLog log;
    private final Deserializer<CoordinatorRecord> deserializer;
    private final CoordinatorPlayback<CoordinatorRecord> playback;
    private final KeptRecords kept;
    private final int bufferBytes;

    private long next;
    private long written;
    private long committed = -1;
    private long records;
    private long bytes;

    Replay(
            TopicPartition partition,
            ReadableLog log,
            Deserializer<CoordinatorRecord> deserializer,
            CoordinatorPlayback<CoordinatorRecord> playback,
            KeptRecords kept,
            int bufferBytes) {
        this.partition = partition;
        this.log = log;
        this.deserializer = deserializer;
        this.playback = playback;
        this.kept = kept;
        this.bufferBytes = bufferBytes;
        this.next = log.logStartOffset();
    }

    long records() {
        return records;
    }

    long bytes() {
        return bytes;
    }

    /// Replays up to the log end, or until `goOn` says no.
    void run(BooleanSupplier goOn) {
        long end = log.endOffset();
        awaitDurable(end);
        while (next < end && goOn.getAsBoolean()) {
            LogRead read = log.read(next, bufferBytes, true, Isolation.LOG_END);
            if (read.records().sizeInBytes() == 0) {
                break; // compaction removed what was last
            }
            for (RecordBatch batch : read.records().batches()) {
                if (batch.nextOffset() > next) {
                    requireIntact(batch);
                    replay(batch);
                    next = batch.nextOffset();
                    report(false);
                }
            }
            bytes += read.records().sizeInBytes();
        }
        // The coordinator expects its next append at the log end, also when no batch reaches it. An
        // empty log reports nothing: offset 0 is not a last written offset.
        next = Math.max(next, end);
        report(true);
    }

    /// A wrong offset would be served as if somebody had committed it.
    private void requireIntact(RecordBatch batch) {
        if (!batch.isValid()) {
            throw new CorruptRecordException(
                    "Cannot load %s: the batch of offsets %d to %d is damaged, its CRC does not fit. Restore the partition's folder from a copy and restart (firn inspect segment shows what is whole)."
                            .formatted(partition, batch.baseOffset(), batch.lastOffset()));
        }
    }

    private void replay(RecordBatch batch) {
        if (batch.isControlBatch()) {
            for (Record record : batch) {
                records++;
                replayMarker(batch, record);
            }
            return;
        }
        for (Record record : batch) {
            if (record.offset() < next) {
                continue;
            }
            records++;
            kept.replayed(partition.partition(), record.key(), record.value());
            try {
                CoordinatorRecord read = deserializer.deserialize(record.key(), record.value());
                playback.replay(record.offset(), batch.producerId(), batch.producerEpoch(), read);
            } catch (Deserializer.UnknownRecordTypeException e) {
                LOG.warn(
                        "Skipping record {} of {}: its type {} is not known to this version",
                        record.offset(),
                        partition,
                        e.unknownType());
            } catch (RuntimeException e) {
                throw new IllegalStateException(
                        "Cannot load %s: record at offset %d (%s) does not replay: %s"
                                .formatted(partition, record.offset(), record, e.getMessage()),
                        e);
            }
        }
    }

    private void replayMarker(RecordBatch batch, Record record) {
        ControlRecordType type = ControlRecordType.parse(record.key());
        if (type == ControlRecordType.COMMIT || type == ControlRecordType.ABORT) {
            playback.replayEndTransactionMarker(
                    batch.producerId(),
                    batch.producerEpoch(),
                    type == ControlRecordType.COMMIT
                            ? TransactionResult.COMMIT
                            : TransactionResult.ABORT);
        }
    }

    /// `committed <= written <= next`, and committed is never above the high watermark.
    private void report(boolean atEnd) {
        long highWatermark = Math.min(log.highWatermark(), next);
        boolean due = atEnd || next >= log.highWatermark() || next - committed >= COMMIT_INTERVAL;
        if (!due || next == 0) {
            return;
        }
        if (next > written) {
            playback.updateLastWrittenOffset(next);
            written = next;
        }
        if (highWatermark > committed && highWatermark <= written) {
            playback.updateLastCommittedOffset(highWatermark);
            committed = highWatermark;
        }
    }

    private void awaitDurable(long end) {
        if (log.durableEnd() >= end) {
            return;
        }
        CountDownLatch durable = new CountDownLatch(1);
        LongConsumer listener =
                highWatermark -> {
                    if (highWatermark >= end) {
                        durable.countDown();
                    }
                };
        log.onHighWatermark(listener);
        try {
            if (log.durableEnd() < end
                    && !durable.await(TAIL_WAIT.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new TimeoutException(
                        "Cannot load %s: its log is durable to offset %d only, not to its end %d, after %s"
                                .formatted(partition, log.durableEnd(), end, TAIL_WAIT));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new TimeoutException("Interrupted while loading " + partition, e);
        } finally {
            log.removeListener(listener);
        }
    }
}
