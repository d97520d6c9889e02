package io.firn.log.batch;

import io.firn.log.CheckBudget;

import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.errors.ApiException;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.MemoryRecordsBuilder;
import org.apache.kafka.common.record.internal.MutableRecordBatch;
import org.apache.kafka.common.record.internal.Record;
import org.apache.kafka.common.record.internal.RecordBatch;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.common.utils.internals.BufferSupplier;
import org.apache.kafka.common.utils.internals.ByteBufferOutputStream;
import org.apache.kafka.common.utils.internals.CloseableIterator;
import org.apache.kafka.common.utils.internals.PrimitiveRef;
import org.apache.kafka.server.record.BrokerCompressionType;
import org.apache.kafka.storage.internals.log.AppendOrigin;
import org.apache.kafka.storage.internals.log.LogConfig;
import org.apache.kafka.storage.internals.log.LogValidator;
import org.apache.kafka.storage.internals.log.RecordValidationException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/// What Kafka's leader append does to the batches of a topic that is compacted, restamps or
/// recompresses, done before they reach the log thread, on their sender's: that one unpacks nothing
/// for anybody (G12), and only gives offsets and times. Behind [BatchCheck], which has walked the
/// records within bounds. Confined to one thread.
public final class BatchRewriter {
    /// What became of the batches.
    public sealed interface Outcome {
        record Written(MemoryRecords records) implements Outcome {}

        record Refused(BatchCheck.Problem problem) implements Outcome {}
    }

    private static final Logger LOG = LoggerFactory.getLogger(BatchRewriter.class);

    /// Packing a byte anew takes about so many times as long as looking at it.
    private static final int PACKING_WEIGHT = 16;

    private static final LogValidator.MetricsRecorder UNCOUNTED =
            new LogValidator.MetricsRecorder() {
                @Override
                public void recordInvalidMagic() {}

                @Override
                public void recordInvalidOffset() {}

                @Override
                public void recordInvalidSequence() {}

                @Override
                public void recordInvalidChecksums() {}

                @Override
                public void recordNoKeyCompactedTopic() {}
            };

    private final BufferSupplier buffers = BufferSupplier.create();

    /// @param unpacked bytes of the records, as [BatchCheck] found them
    /// @param maxBytes that a batch may have afterwards
    /// @throws CheckBudget.SpentException if `budget` is not enough; the records are as they were
    public Outcome rewrite(
            MemoryRecords records,
            TopicPartition partition,
            LogConfig config,
            long unpacked,
            int maxBytes,
            Time time,
            CheckBudget budget) {
        budget.spend(recompresses(records, config) ? PACKING_WEIGHT * unpacked : unpacked);
        ByteBuffer all = records.buffer();
        List<MemoryRecords> written = new ArrayList<>(1);
        int at = all.position();
        try {
            for (MutableRecordBatch batch : records.batches()) {
                if (!batch.isValid()) { // it gets a new CRC, under which nobody would see it
                    return new Outcome.Refused(BatchCheck.DAMAGED);
                }
                int size = batch.sizeInBytes();
                MemoryRecords one =
                        validated(
                                MemoryRecords.readableRecords(all.slice(at, size)),
                                batch,
                                partition,
                                config,
                                time);
                Compression target = target(batch, config);
                if (target.type() != batch.compressionType()) {
                    one = packed(one.batchIterator().next(), target, maxBytes);
                    if (one.sizeInBytes() > maxBytes) {
                        return new Outcome.Refused(tooLarge(size, target, maxBytes));
                    }
                }
                written.add(one);
                at += size;
            }
        } catch (
                RecordValidationException refused) { // its code, its words, which records (KIP-467)
            ApiException why = refused.invalidException();
            return new Outcome.Refused(
                    new BatchCheck.Problem(
                            Errors.forException(why),
                            String.valueOf(why.getMessage()),
                            refused.recordErrors()));
        } catch (ApiException refused) {
            return new Outcome.Refused(
                    new BatchCheck.Problem(
                            Errors.forException(refused), String.valueOf(refused.getMessage())));
        } catch (RuntimeException failed) {
            LOG.warn("Refused a batch for {}: it cannot be written anew", partition, failed);
            return new Outcome.Refused(
                    new BatchCheck.Problem(
                            Errors.UNKNOWN_SERVER_ERROR,
                            "The batch for %s cannot be written anew: %s"
                                    .formatted(partition, failed)));
        }
        return new Outcome.Written(joined(written));
    }

    private static boolean recompresses(MemoryRecords records, LogConfig config) {
        for (MutableRecordBatch batch : records.batches()) {
            if (target(batch, config).type() != batch.compressionType()) {
                return true;
            }
        }
        return false;
    }

    private static Compression target(RecordBatch batch, LogConfig config) {
        return BrokerCompressionType.targetCompression(config.compression, batch.compressionType());
    }

    /// Kafka's own verdict on keys and timestamps; what it changes is in the batch's header.
    private MemoryRecords validated(
            MemoryRecords one,
            RecordBatch batch,
            TopicPartition partition,
            LogConfig config,
            Time time) {
        return new LogValidator(
                        one,
                        partition,
                        time,
                        batch.compressionType(),
                        Compression.of(batch.compressionType()).build(),
                        config.compact,
                        RecordBatch.MAGIC_VALUE_V2,
                        config.messageTimestampType,
                        config.messageTimestampBeforeMaxMs,
                        config.messageTimestampAfterMaxMs,
                        RecordBatch.NO_PARTITION_LEADER_EPOCH,
                        AppendOrigin.CLIENT,
                        config.maxDecompressedMessageBytes())
                .validateMessagesAndAssignOffsets(PrimitiveRef.ofLong(0), UNCOUNTED, buffers)
                .validatedRecords();
    }

    /// The same records in another codec, or as many of them as are more than `maxBytes` already.
    private MemoryRecords packed(RecordBatch batch, Compression target, int maxBytes) {
        boolean restamped = batch.timestampType() == TimestampType.LOG_APPEND_TIME;
        var out = new ByteBufferOutputStream(Math.min(batch.sizeInBytes(), maxBytes));
        try (var builder =
                        new MemoryRecordsBuilder(
                                out,
                                RecordBatch.MAGIC_VALUE_V2,
                                target,
                                batch.timestampType(),
                                0,
                                restamped ? batch.maxTimestamp() : RecordBatch.NO_TIMESTAMP,
                                batch.producerId(),
                                batch.producerEpoch(),
                                batch.baseSequence(),
                                batch.isTransactional(),
                                false,
                                RecordBatch.NO_PARTITION_LEADER_EPOCH,
                                Integer.MAX_VALUE);
                CloseableIterator<Record> each = batch.streamingIterator(buffers)) {
            for (long offset = 0; each.hasNext() && out.position() <= maxBytes; offset++) {
                builder.appendWithOffset(offset, each.next());
            }
            return builder.build();
        }
    }

    private static BatchCheck.Problem tooLarge(int size, Compression target, int maxBytes) {
        return new BatchCheck.Problem(
                Errors.MESSAGE_TOO_LARGE,
                "A batch of %d bytes has more than %d written anew as %s, which the topic's compression.type asks for, and max.message.bytes or the journal allow no more; send fewer records in one batch"
                        .formatted(size, maxBytes, target.type().name));
    }

    private static MemoryRecords joined(List<MemoryRecords> written) {
        if (written.size() == 1) {
            return written.getFirst();
        }
        int size = 0;
        for (MemoryRecords one : written) {
            size += one.sizeInBytes();
        }
        ByteBuffer all = ByteBuffer.allocate(size);
        written.forEach(one -> all.put(one.buffer()));
        return MemoryRecords.readableRecords(all.flip());
    }
}
