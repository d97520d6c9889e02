package io.firn.broker.offsets;

import io.firn.broker.partition.LedPartition;
import io.firn.broker.partition.PartitionLookup;
import io.firn.broker.partition.PartitionTable;
import io.firn.broker.request.Failures;
import io.firn.broker.request.Handler;
import io.firn.log.TieredLog;
import io.firn.protocol.body.AnswerTable;
import io.firn.protocol.connection.InboundRequest;

import org.apache.kafka.common.errors.OffsetOutOfRangeException;
import org.apache.kafka.common.errors.PolicyViolationException;
import org.apache.kafka.common.message.DeleteRecordsRequestData.DeleteRecordsPartition;
import org.apache.kafka.common.message.DeleteRecordsRequestData.DeleteRecordsTopic;
import org.apache.kafka.common.message.DeleteRecordsResponseData;
import org.apache.kafka.common.message.DeleteRecordsResponseData.DeleteRecordsPartitionResult;
import org.apache.kafka.common.message.DeleteRecordsResponseData.DeleteRecordsPartitionResultCollection;
import org.apache.kafka.common.message.DeleteRecordsResponseData.DeleteRecordsTopicResult;
import org.apache.kafka.common.requests.DeleteRecordsRequest;
import org.apache.kafka.common.requests.DeleteRecordsResponse;

import java.util.concurrent.Executor;

/// DeleteRecords over both tiers: the log start moves here and is durable (L6); the table follows
/// when the offload loop next tells the catalog, which may be away now (C11).
public final class DeleteRecordsHandler implements Handler {
    private final PartitionTable partitions;
    private final Executor waiting;

    public DeleteRecordsHandler(PartitionTable partitions, Executor waiting) {
        this.partitions = partitions;
        this.waiting = waiting;
    }

    @Override
    public void handle(InboundRequest request) {
        DeleteRecordsRequest body = (DeleteRecordsRequest) request.body();
        request.answerOn(waiting, () -> answer(request, body));
    }

    private DeleteRecordsResponse answer(InboundRequest request, DeleteRecordsRequest body) {
        DeleteRecordsResponseData data = new DeleteRecordsResponseData();
        for (DeleteRecordsTopic topic : body.data().topics()) {
            DeleteRecordsTopicResult out =
                    new DeleteRecordsTopicResult()
                            .setName(topic.name())
                            .setPartitions(
                                    new DeleteRecordsPartitionResultCollection(
                                            AnswerTable.sizeFor(topic.partitions().size())));
            for (DeleteRecordsPartition part : topic.partitions()) {
                out.partitions()
                        .add(
                                delete(
                                        partitions.find(
                                                request.names(),
                                                topic.name(),
                                                part.partitionIndex()),
                                        part));
            }
            data.topics().add(out);
        }
        return new DeleteRecordsResponse(data);
    }

    private DeleteRecordsPartitionResult delete(
            PartitionLookup lookup, DeleteRecordsPartition part) {
        DeleteRecordsPartitionResult out =
                new DeleteRecordsPartitionResult()
                        .setPartitionIndex(part.partitionIndex())
                        .setLowWatermark(DeleteRecordsResponse.INVALID_LOW_WATERMARK);
        return switch (lookup) {
            case PartitionLookup.Refused refused -> out.setErrorCode(refused.error().code());
            case PartitionLookup.Led found -> {
                LedPartition led = found.partition();
                try {
                    yield out.setLowWatermark(delete(led, part.offset()));
                } catch (RuntimeException e) {
                    yield out.setErrorCode(Failures.error(e).code());
                }
            }
        };
    }

    private long delete(LedPartition led, long asked) {
        if (!partitions.image().logConfig(led.partition().topic()).delete) {
            throw new PolicyViolationException(
                    "Cannot delete records of %s: its cleanup.policy does not hold delete"
                            .formatted(led));
        }
        TieredLog log = led.log();
        long offset = asked == DeleteRecordsRequest.HIGH_WATERMARK ? log.highWatermark() : asked;
        if (offset < 0) {
            throw new OffsetOutOfRangeException(
                    "Cannot delete records of %s before %d: give an offset, or -1 for all of them"
                            .formatted(led, asked));
        }
        log.deleteRecordsBefore(offset);
        return log.logStartOffset();
    }
}
