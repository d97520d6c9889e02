package io.firn.broker.offsets;

import io.firn.broker.cold.ColdTier;
import io.firn.broker.partition.LedPartition;
import io.firn.broker.partition.PartitionLookup;
import io.firn.broker.partition.PartitionTable;
import io.firn.broker.request.Handler;
import io.firn.log.EpochEnd;
import io.firn.log.EpochEntry;
import io.firn.log.SearchableLog;
import io.firn.protocol.connection.InboundRequest;

import org.apache.kafka.common.message.OffsetForLeaderEpochRequestData.OffsetForLeaderPartition;
import org.apache.kafka.common.message.OffsetForLeaderEpochRequestData.OffsetForLeaderTopic;
import org.apache.kafka.common.message.OffsetForLeaderEpochResponseData;
import org.apache.kafka.common.message.OffsetForLeaderEpochResponseData.EpochEndOffset;
import org.apache.kafka.common.message.OffsetForLeaderEpochResponseData.OffsetForLeaderTopicResult;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.OffsetsForLeaderEpochRequest;
import org.apache.kafka.common.requests.OffsetsForLeaderEpochResponse;

import java.util.List;
import java.util.concurrent.Executor;

/// OffsetForLeaderEpoch: where an epoch ended, so that a consumer notices a truncation (KIP-320).
/// The local lineage reaches down to the log start, the table's further (C9).
public final class OffsetForLeaderEpochHandler implements Handler {
    private final PartitionTable partitions;
    private final ColdTier cold;
    private final Executor waiting;

    public OffsetForLeaderEpochHandler(PartitionTable partitions, ColdTier cold, Executor waiting) {
        this.partitions = partitions;
        this.cold = cold;
        this.waiting = waiting;
    }

    @Override
    public void handle(InboundRequest request) {
        OffsetsForLeaderEpochRequest body = (OffsetsForLeaderEpochRequest) request.body();
        request.answerOn(waiting, () -> answer(request, body));
    }

    private OffsetsForLeaderEpochResponse answer(
            InboundRequest request, OffsetsForLeaderEpochRequest body) {
        OffsetForLeaderEpochResponseData data = new OffsetForLeaderEpochResponseData();
        for (OffsetForLeaderTopic topic : body.data().topics()) {
            OffsetForLeaderTopicResult out =
                    new OffsetForLeaderTopicResult().setTopic(topic.topic());
            for (OffsetForLeaderPartition part : topic.partitions()) {
                out.partitions()
                        .add(
                                end(
                                        partitions.find(
                                                request.names(), topic.topic(), part.partition()),
                                        part));
            }
            data.topics().add(out);
        }
        return new OffsetsForLeaderEpochResponse(data);
    }

    private EpochEndOffset end(PartitionLookup lookup, OffsetForLeaderPartition part) {
        EpochEndOffset out = new EpochEndOffset().setPartition(part.partition());
        return switch (lookup) {
            case PartitionLookup.Refused refused -> out.setErrorCode(refused.error().code());
            case PartitionLookup.Led found -> {
                LedPartition led = found.partition();
                Errors refused = led.checkEpoch(part.currentLeaderEpoch()); // R4
                if (refused != Errors.NONE) {
                    yield out.setErrorCode(refused.code());
                }
                try {
                    EpochEnd end = find(led, part.leaderEpoch());
                    yield out.setLeaderEpoch(end.epoch()).setEndOffset(end.endOffset());
                } catch (RuntimeException e) {
                    yield out.setErrorCode(Errors.KAFKA_STORAGE_ERROR.code());
                }
            }
        };
    }

    EpochEnd find(LedPartition led, int epoch) {
        SearchableLog log = led.log();
        if (epoch == led.epoch()) {
            return new EpochEnd(epoch, log.durableEnd()); // L3: never the appended end
        }
        if (epoch > led.epoch()) {
            return EpochEnd.NONE; // nobody here has heard of it
        }
        EpochEnd local = log.endOffsetForEpoch(epoch);
        if (local.epoch() >= 0) {
            return new EpochEnd(local.epoch(), Math.min(local.endOffset(), log.durableEnd()));
        }
        List<EpochEntry> epochs = log.epochs();
        if (!epochs.isEmpty() && epochs.getLast().epoch() < epoch) {
            // A leader without a record of its own: what came before ends at the log end.
            return new EpochEnd(epochs.getLast().epoch(), log.durableEnd());
        }
        return cold.endOfEpoch(led.partition(), epoch).orElse(EpochEnd.NONE);
    }
}
