package io.firn.broker.fetch;

import io.firn.broker.cold.ColdTier;
import io.firn.broker.partition.LedPartition;
import io.firn.broker.partition.LogView;
import io.firn.broker.request.BrokerMetrics;
import io.firn.broker.request.Failures;
import io.firn.log.AbortedTxn;
import io.firn.log.Isolation;
import io.firn.log.LogRead;
import io.firn.log.ReadableLog;
import io.firn.protocol.RateLimitedLog;

import org.apache.kafka.common.errors.OffsetOutOfRangeException;
import org.apache.kafka.common.message.FetchResponseData.AbortedTransaction;
import org.apache.kafka.common.message.FetchResponseData.PartitionData;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.requests.FetchRequest;
import org.apache.kafka.common.requests.FetchResponse;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/// Reads one partition for a Fetch, wherever the offset is.
public final class PartitionReader {
    private static final Logger LOG = LoggerFactory.getLogger(PartitionReader.class);

    /// Who meets a hole, or a log that cannot be read, asks again at once: one line a minute for
    /// each kind.
    private static final RateLimitedLog UNREADABLE = RateLimitedLog.everyMinute(LOG);

    private static final Map<Class<?>, RateLimitedLog> MISSED = new ConcurrentHashMap<>();

    /// A segment may move to the table between the look at the partition and the read (C9).
    private static final int LOOKS = 3;

    /// Shorter than clients wait for a response; what arrives later is in the cold cache for the
    /// next try.
    private static final long COLD_WAIT_SECONDS = 20;

    private final ColdTier cold;
    private final BrokerMetrics metrics;

    public PartitionReader(ColdTier cold, BrokerMetrics metrics) {
        this.cold = cold;
        this.metrics = metrics;
    }

    /// What came of it.
    sealed interface Outcome {
        /// Local records, or an error.
        record Ready(PartitionData data, int bytes) implements Outcome {
            boolean failed() {
                return data.errorCode() != Errors.NONE.code();
            }
        }

        /// Nothing to read yet.
        record Nothing(PartitionData data) implements Outcome {}

        /// On its way from the table; `data` always completes with a value.
        record Coming(CompletableFuture<PartitionData> data, int maxBytes) implements Outcome {}
    }

    /// @param maxBytes room that is left in the response
    /// @param atLeastOne whether a first batch that is larger may go out all the same
    /// @param cold what the answer may hold of the table's records
    Outcome read(
            LedPartition led,
            int partition,
            FetchRequest.PartitionData wanted,
            Isolation isolation,
            int maxBytes,
            boolean atLeastOne,
            ColdAnswers.Reservation cold) {
        Errors refused = led.checkEpoch(wanted.currentLeaderEpoch.orElse(-1)); // R4
        if (refused != Errors.NONE) {
            return failed(partition, refused);
        }
        try {
            int most = Math.min(wanted.maxBytes, maxBytes);
            for (int look = 0; look < LOOKS; look++) {
                Optional<Outcome> outcome =
                        readOnce(
                                led,
                                partition,
                                wanted.fetchOffset,
                                isolation,
                                most,
                                atLeastOne,
                                cold);
                if (outcome.isPresent()) {
                    return outcome.get();
                }
            }
            return failed(partition, Errors.KAFKA_STORAGE_ERROR);
        } catch (RuntimeException e) {
            UNREADABLE.warn("Cannot read {} at offset {}", led, wanted.fetchOffset, e);
            return failed(partition, Failures.error(e));
        }
    }

    private Optional<Outcome> readOnce(
            LedPartition led,
            int partition,
            long offset,
            Isolation isolation,
            int most,
            boolean atLeastOne,
            ColdAnswers.Reservation reservation) {
        ReadableLog log = led.log();
        LogView view = LogView.of(log, isolation);
        return switch (ReadPlan.of(offset, view)) {
            case ReadPlan.AtEnd atEnd -> Optional.of(new Outcome.Nothing(bounds(partition, log)));
            case ReadPlan.OutOfRange out -> {
                LOG.debug(
                        "Offset {} of {} is out of range: the log has [{}, {}]",
                        offset,
                        led,
                        out.logStart(),
                        out.logEnd());
                yield Optional.of(
                        new Outcome.Ready(
                                bounds(partition, log)
                                        .setErrorCode(Errors.OFFSET_OUT_OF_RANGE.code()),
                                0));
            }
            case ReadPlan.Cold inTable -> {
                int part = Math.clamp(most, 1, ColdAnswers.MOST_PART_BYTES);
                yield Optional.of(
                        (most > 0 || atLeastOne) && reservation.tryTake(part)
                                ? readCold(
                                        led, log, partition, offset, isolation, part, reservation)
                                : new Outcome.Nothing(bounds(partition, log)));
            }
            case ReadPlan.Hot local -> {
                if (most <= 0 && !atLeastOne) {
                    yield Optional.of(new Outcome.Ready(bounds(partition, log), 0));
                }
                try {
                    yield Optional.of(
                            hot(
                                    partition,
                                    log.read(offset, Math.max(most, 0), atLeastOne, isolation),
                                    isolation));
                } catch (OffsetOutOfRangeException moved) {
                    yield Optional.empty();
                }
            }
        };
    }

    private Outcome.Ready hot(int partition, LogRead read, Isolation isolation) {
        int bytes = read.records().sizeInBytes();
        metrics.fetchedHot(bytes);
        PartitionData data =
                empty(partition)
                        .setHighWatermark(read.highWatermark())
                        .setLastStableOffset(read.lastStableOffset())
                        .setLogStartOffset(read.logStartOffset())
                        .setRecords(read.records());
        if (isolation == Isolation.COMMITTED) {
            data.setAbortedTransactions(aborted(read.aborted()));
        }
        return new Outcome.Ready(data, bytes);
    }

    private Outcome readCold(
            LedPartition led,
            ReadableLog log,
            int partition,
            long offset,
            Isolation isolation,
            int most,
            ColdAnswers.Reservation reservation) {
        long started = System.nanoTime();
        CompletableFuture<PartitionData> data =
                cold.read(led.partition(), offset, Math.max(most, 1))
                        .orTimeout(COLD_WAIT_SECONDS, TimeUnit.SECONDS)
                        .handle(
                                (batches, failure) -> {
                                    if (failure != null) {
                                        return missed(led, log, partition, offset, failure);
                                    }
                                    reservation.whenReleased(batches.done());
                                    return arrived(
                                            led, log, partition, offset, batches, isolation, most,
                                            started);
                                });
        return new Outcome.Coming(data, most);
    }

    private PartitionData arrived(
            LedPartition led,
            ReadableLog log,
            int partition,
            long offset,
            ColdTier.ColdBatches batches,
            Isolation isolation,
            int most,
            long startedNanos) {
        metrics.fetchedCold(batches.records().sizeInBytes(), System.nanoTime() - startedNanos);
        if (batches.records().sizeInBytes() == 0) {
            // Nothing is left in the table from there on: the reader goes on in the local log, if
            // that begins there (C4).
            long next = batches.nextOffset();
            if (next < log.localLogStartOffset()) {
                return missed(
                        led,
                        log,
                        partition,
                        offset,
                        new IllegalStateException(
                                "the table ends at %d, the local log begins at %d, and records between are in neither; give them up with DeleteRecords, or restore the catalog's database"
                                        .formatted(next, log.localLogStartOffset())));
            }
            if (next < LogView.limit(log, isolation)) {
                return hot(partition, log.read(next, most, true, isolation), isolation).data();
            }
        }
        PartitionData data = bounds(partition, log).setRecords(batches.records());
        if (isolation == Isolation.COMMITTED) {
            data.setAbortedTransactions(batches.aborted());
        }
        return data;
    }

    /// C5: what is above the log start is never out of range.
    private PartitionData missed(
            LedPartition led, ReadableLog log, int partition, long offset, Throwable failure) {
        if (offset < log.logStartOffset()) {
            return bounds(partition, log).setErrorCode(Errors.OFFSET_OUT_OF_RANGE.code());
        }
        metrics.coldReadFailed();
        Throwable cause = Failures.cause(failure);
        MISSED.computeIfAbsent(cause.getClass(), kind -> RateLimitedLog.everyMinute(LOG))
                .warn(
                        "Cannot read offset {} of {} from the table; the client will try again: {}",
                        offset,
                        led,
                        cause.toString());
        return bounds(partition, log).setErrorCode(Errors.KAFKA_STORAGE_ERROR.code());
    }

    /// No records, but where the log stands.
    private static PartitionData bounds(int partition, ReadableLog log) {
        return empty(partition)
                .setHighWatermark(log.highWatermark())
                .setLastStableOffset(log.lastStableOffset())
                .setLogStartOffset(log.logStartOffset());
    }

    static PartitionData empty(int partition) {
        return new PartitionData().setPartitionIndex(partition).setRecords(MemoryRecords.EMPTY);
    }

    static Outcome.Ready failed(int partition, Errors error) {
        return new Outcome.Ready(
                empty(partition)
                        .setErrorCode(error.code())
                        .setHighWatermark(FetchResponse.INVALID_HIGH_WATERMARK),
                0);
    }

    private static List<AbortedTransaction> aborted(List<AbortedTxn> aborted) {
        return aborted.stream()
                .map(
                        txn ->
                                new AbortedTransaction()
                                        .setProducerId(txn.producerId())
                                        .setFirstOffset(txn.firstOffset()))
                .toList();
    }
}
