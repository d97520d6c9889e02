package io.firn.log.batch;

import io.firn.log.CheckBudget;
import io.firn.log.ProduceCheck;

import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.common.record.internal.CompressionType;
import org.apache.kafka.common.record.internal.DefaultRecordBatch;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.MutableRecordBatch;
import org.apache.kafka.common.record.internal.Record;
import org.apache.kafka.common.record.internal.RecordBatch;
import org.apache.kafka.common.requests.ProduceResponse.RecordError;
import org.apache.kafka.common.utils.internals.BufferSupplier;
import org.apache.kafka.common.utils.internals.CloseableIterator;
import org.apache.kafka.storage.internals.log.LogConfig;
import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/// What a client's batch must be before it gets an offset (L2). Confined to one thread.
///
/// All but its CRC, which `UnifiedLog` checks of every batch before it appends any (`Appender`):
/// here it only says whether a batch that is refused lies or was damaged on its way.
public final class BatchCheck {
    /// Why a batch is refused.
    ///
    /// @param records which of them were the reason, where that is known (KIP-467)
    public record Problem(Errors error, String message, List<RecordError> records) {
        Problem(Errors error, String message) {
            this(error, message, List.of());
        }
    }

    /// A batch that unpacks to more is refused: whoever unpacks it pays for it, and 1 MiB of zstd
    /// may hold 30 GiB. A record counts with [#RECORD_WEIGHT] bytes more.
    private static final long LEAST_UNPACKED_BOUND = 64L << 20;

    private static final int BOUND_PER_BATCH_BYTE = 16;

    /// What a record costs Kafka's validator beside its bytes.
    private static final int RECORD_WEIGHT = 64;

    private static final int WINDOW_BYTES = 16 << 10; // of unpacked bytes on their way

    /// An answer names so many records of a batch; a client needs no more to find the rest.
    private static final int MOST_RECORD_ERRORS = 1_000;

    /// What a batch is refused with whose CRC does not hold.
    public static final Problem DAMAGED =
            new Problem(Errors.CORRUPT_MESSAGE, "The batch's CRC does not hold");

    private final BufferSupplier buffers = BufferSupplier.create();
    private final byte[] window = new byte[WINDOW_BYTES];
    private boolean mustRewrite;
    private long unpacked;

    /// Whether the records checked last say other times than their batch (some clients do), which
    /// [BatchRewriter] puts right.
    public boolean mustRewrite() {
        return mustRewrite;
    }

    /// Bytes of the records checked last. Only of batches that were walked.
    public long unpacked() {
        return unpacked;
    }

    /// Null when every batch is fine.
    ///
    /// @throws CheckBudget.SpentException if `budget` is not enough to know
    public @Nullable Problem check(
            MemoryRecords records,
            LogConfig config,
            int maxBytes,
            ProduceCheck depth,
            long nowMillis,
            CheckBudget budget) {
        mustRewrite = false;
        unpacked = 0;
        int bytes = 0;
        int batches = 0;
        boolean producer = false;
        ByteBuffer all = records.buffer();
        try {
            for (MutableRecordBatch batch : records.batches()) {
                Problem problem = form(batch, maxBytes);
                if (problem != null) {
                    return problem;
                }
                problem = header(batch);
                if (problem == null) {
                    problem = codec(batch, all, bytes, mostUnpacked(maxBytes));
                }
                boolean late = tooFarAhead(batch, config, nowMillis);
                if (problem == null) {
                    problem =
                            inside(
                                    batch,
                                    all,
                                    bytes,
                                    late ? ProduceCheck.RECORDS : depth,
                                    config,
                                    mostUnpacked(maxBytes),
                                    budget);
                }
                if (problem == null && late) {
                    budget.spend(unpacked);
                    problem = timestamps(batch, config, nowMillis);
                }
                if (problem != null) {
                    return batch.isValid() ? problem : DAMAGED;
                }
                bytes += batch.sizeInBytes();
                batches++;
                producer |= batch.hasProducerId();
            }
        } catch (KafkaException
                | IllegalArgumentException
                | java.nio.BufferUnderflowException broken) {
            return new Problem(
                    Errors.CORRUPT_MESSAGE, "Batch cannot be read: " + broken.getMessage());
        }
        if (batches == 0 || bytes != records.sizeInBytes()) {
            return new Problem(
                    Errors.CORRUPT_MESSAGE,
                    "%d bytes hold %d whole batches of %d bytes"
                            .formatted(records.sizeInBytes(), batches, bytes));
        }
        if (producer && batches > 1) {
            return new Problem(
                    Errors.INVALID_RECORD,
                    "A request of an idempotent producer holds one batch a partition");
        }
        return null;
    }

    private static @Nullable Problem form(RecordBatch batch, int maxBytes) {
        if (batch.magic() != RecordBatch.MAGIC_VALUE_V2) {
            return new Problem(
                    Errors.UNSUPPORTED_FOR_MESSAGE_FORMAT, "Only batches of magic 2 are taken");
        }
        if (batch.sizeInBytes() < DefaultRecordBatch.RECORD_BATCH_OVERHEAD) {
            return new Problem(
                    Errors.CORRUPT_MESSAGE,
                    "A batch of %d bytes is shorter than its header of %d"
                            .formatted(
                                    batch.sizeInBytes(), DefaultRecordBatch.RECORD_BATCH_OVERHEAD));
        }
        if (batch.sizeInBytes() > maxBytes) {
            return new Problem(
                    Errors.MESSAGE_TOO_LARGE,
                    "A batch of %d bytes is larger than max.message.bytes = %d"
                            .formatted(batch.sizeInBytes(), maxBytes));
        }
        return null;
    }

    private static @Nullable Problem header(RecordBatch batch) {
        long span = batch.lastOffset() - batch.baseOffset() + 1;
        Integer count = batch.countOrNull();
        if (count == null || count <= 0 || span != count) {
            return new Problem(
                    Errors.INVALID_RECORD,
                    "The batch says %s records over %d offsets".formatted(count, span));
        }
        if (batch.isControlBatch()) {
            return new Problem(Errors.INVALID_RECORD, "Clients do not write control batches");
        }
        if (batch.producerId() < RecordBatch.NO_PRODUCER_ID) {
            return new Problem(
                    Errors.INVALID_RECORD,
                    "The batch's producer id is %d and has to be at least -1"
                            .formatted(batch.producerId()));
        }
        if (batch.hasProducerId() && (batch.baseSequence() < 0 || batch.producerEpoch() < 0)) {
            return new Problem(
                    Errors.INVALID_RECORD,
                    "A producer id needs an epoch and a sequence of at least 0");
        }
        if (batch.timestampType() == TimestampType.LOG_APPEND_TIME) {
            return new Problem(
                    Errors.INVALID_TIMESTAMP, "Clients do not set the log's append time");
        }
        if (batch.compressionType() == CompressionType.NONE
                && batch.deleteHorizonMs().isPresent()) {
            return new Problem(Errors.INVALID_RECORD, "Clients do not set delete horizons");
        }
        return null;
    }

    private static boolean tooFarAhead(RecordBatch batch, LogConfig config, long nowMillis) {
        return batch.maxTimestamp() - nowMillis > config.messageTimestampAfterMaxMs;
    }

    /// Which records of a batch that says it reaches too far ahead do so. Only behind [#inside],
    /// which has walked over them within bounds. Null when none does: its header lies, and
    /// [BatchRewriter] puts that right.
    private @Nullable Problem timestamps(
            MutableRecordBatch batch, LogConfig config, long nowMillis) {
        String message =
                "Timestamp %d is further ahead than message.timestamp.after.max.ms = %d allows"
                        .formatted(batch.maxTimestamp(), config.messageTimestampAfterMaxMs);
        List<RecordError> records = new ArrayList<>();
        int index = 0;
        try (CloseableIterator<Record> each =
                ((DefaultRecordBatch) batch).skipKeyValueIterator(buffers)) {
            while (each.hasNext() && records.size() < MOST_RECORD_ERRORS) {
                long timestamp = each.next().timestamp();
                if (timestamp - nowMillis > config.messageTimestampAfterMaxMs) {
                    records.add(
                            new RecordError(
                                    index,
                                    "Timestamp %d is out of range: the latest allowed is %d"
                                            .formatted(
                                                    timestamp,
                                                    nowMillis
                                                            + config.messageTimestampAfterMaxMs)));
                }
                index++;
            }
        }
        return records.isEmpty() ? null : new Problem(Errors.INVALID_TIMESTAMP, message, records);
    }

    /// Whatever the depth: nobody who unpacks it later may be made to allocate what it claims.
    private static @Nullable Problem codec(
            RecordBatch batch, ByteBuffer all, int at, long mostUnpacked) {
        if (batch.compressionType() != CompressionType.SNAPPY) {
            return null;
        }
        int head = DefaultRecordBatch.RECORD_BATCH_OVERHEAD;
        ByteBuffer packed = all.slice(all.position() + at + head, batch.sizeInBytes() - head);
        return SnappyFrames.hold(packed, mostUnpacked)
                ? null
                : new Problem(
                        Errors.INVALID_RECORD,
                        "The batch's snappy chunks claim more bytes than they have, or more than %d unpacked"
                                .formatted(mostUnpacked));
    }

    private static long mostUnpacked(int maxBytes) {
        return Math.max(LEAST_UNPACKED_BOUND, (long) BOUND_PER_BATCH_BYTE * maxBytes);
    }

    /// Walks the records: those of a compressed batch only when asked to.
    private @Nullable Problem inside(
            MutableRecordBatch batch,
            ByteBuffer all,
            int at,
            ProduceCheck depth,
            LogConfig config,
            long mostUnpacked,
            CheckBudget budget) {
        DefaultRecordBatch whole = (DefaultRecordBatch) batch; // magic 2: see form
        if (!batch.isCompressed()) {
            budget.spend(batch.sizeInBytes());
            return walked(
                    whole,
                    RecordWalk.in(all.slice(all.position() + at, batch.sizeInBytes())),
                    config,
                    null);
        }
        if (depth == ProduceCheck.BATCH) {
            return null;
        }
        long weights = (long) whole.countOrNull() * RECORD_WEIGHT;
        long most = mostUnpacked - weights;
        try (InputStream unpacked = whole.recordInputStream(buffers)) {
            RecordWalk walk =
                    RecordWalk.of(
                            unpacked,
                            window,
                            Math.min(most, budget.left()),
                            config.maxDecompressedMessageBytes());
            Problem problem = walked(whole, walk, config, budget.left() < most ? budget : null);
            budget.spend(walk.position());
            return problem;
        } catch (VirtualMachineError | CheckBudget.SpentException out) {
            throw out;
        } catch (IOException
                | RuntimeException
                | Error lies) { // whatever a codec throws at bytes not its own
            return new Problem(
                    Errors.INVALID_RECORD,
                    "A record of the batch cannot be read: " + lies.getMessage());
        }
    }

    /// Kafka's builder takes no timestamp below -1, and would say so when the log is being written.
    private static boolean canBeBuiltAnew(long base, RecordWalk walk) {
        return base >= RecordBatch.NO_TIMESTAMP
                && walk.minTimestampDelta() >= RecordBatch.NO_TIMESTAMP - base
                && (base < 0 || walk.maxTimestampDelta() <= Long.MAX_VALUE - base);
    }

    /// @param budget that the walk ends with; null if it ends before
    private @Nullable Problem walked(
            DefaultRecordBatch batch,
            RecordWalk walk,
            LogConfig config,
            @Nullable CheckBudget budget) {
        try {
            walk.to(batch.countOrNull());
        } catch (RecordWalk.TooLargeException large) {
            if (budget != null) {
                throw budget.exhausted();
            }
            return new Problem(
                    Errors.MESSAGE_TOO_LARGE,
                    "The batch's %d bytes are too many unpacked (%s); send fewer records in one batch"
                            .formatted(batch.sizeInBytes(), large.getMessage()));
        } catch (RecordWalk.RecordTooLargeException large) {
            return new Problem(Errors.INVALID_RECORD, "In a batch, " + large.getMessage());
        } catch (RecordWalk.LieException lie) {
            return new Problem(
                    Errors.INVALID_RECORD, "The batch cannot be read: " + lie.getMessage());
        }
        if (mustRewrite(config) && !canBeBuiltAnew(batch.baseTimestamp(), walk)) {
            return new Problem(
                    Errors.INVALID_TIMESTAMP,
                    "The batch has timestamps below -1, with which it cannot be compressed anew");
        }
        unpacked += walk.position();
        mustRewrite |= batch.baseTimestamp() + walk.maxTimestampDelta() != batch.maxTimestamp();
        return null;
    }

    /// Whether [BatchRewriter] must see every batch: it looks at keys, restamps or recompresses.
    public static boolean mustRewrite(LogConfig config) {
        return config.compact
                || config.messageTimestampType == TimestampType.LOG_APPEND_TIME
                || config.compressionType
                        != org.apache.kafka.server.record.BrokerCompressionType.PRODUCER
                || config.messageTimestampBeforeMaxMs != Long.MAX_VALUE;
    }
}
