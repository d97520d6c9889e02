package io.firn.broker.offsets;

import io.firn.broker.partition.LedPartition;
import io.firn.broker.partition.PartitionLookup;
import io.firn.broker.partition.PartitionTable;
import io.firn.broker.request.Failures;
import io.firn.broker.request.Handler;
import io.firn.log.Isolation;
import io.firn.log.TimestampOffset;
import io.firn.protocol.RateLimitedLog;
import io.firn.protocol.connection.InboundRequest;

import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.message.ListOffsetsRequestData.ListOffsetsPartition;
import org.apache.kafka.common.message.ListOffsetsRequestData.ListOffsetsTopic;
import org.apache.kafka.common.message.ListOffsetsResponseData;
import org.apache.kafka.common.message.ListOffsetsResponseData.ListOffsetsPartitionResponse;
import org.apache.kafka.common.message.ListOffsetsResponseData.ListOffsetsTopicResponse;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.ListOffsetsRequest;
import org.apache.kafka.common.requests.ListOffsetsResponse;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.util.concurrent.Executor;

/// ListOffsets over both tiers (C9); off the loop, since a search by time may wait for the store.
public final class ListOffsetsHandler implements Handler {
    private static final Logger LOG = LoggerFactory.getLogger(ListOffsetsHandler.class);

    /// Who meets a hole, or a log that cannot be read, asks again at once.
    private static final RateLimitedLog UNREADABLE = RateLimitedLog.everyMinute(LOG);

    private final PartitionTable partitions;
    private final OffsetFinder finder;
    private final Executor waiting;

    public ListOffsetsHandler(PartitionTable partitions, OffsetFinder finder, Executor waiting) {
        this.partitions = partitions;
        this.finder = finder;
        this.waiting = waiting;
    }

    @Override
    public void handle(InboundRequest request) {
        ListOffsetsRequest body = (ListOffsetsRequest) request.body();
        request.answerOn(waiting, () -> answer(request, body));
    }

    private ListOffsetsResponse answer(InboundRequest request, ListOffsetsRequest body) {
        Isolation isolation =
                body.isolationLevel() == IsolationLevel.READ_COMMITTED
                        ? Isolation.COMMITTED
                        : Isolation.UNCOMMITTED;
        ListOffsetsResponseData data = new ListOffsetsResponseData();
        for (ListOffsetsTopic topic : body.topics()) {
            ListOffsetsTopicResponse out = new ListOffsetsTopicResponse().setName(topic.name());
            for (ListOffsetsPartition part : topic.partitions()) {
                out.partitions().add(find(request, topic.name(), part, isolation));
            }
            data.topics().add(out);
        }
        return new ListOffsetsResponse(data);
    }

    private ListOffsetsPartitionResponse find(
            InboundRequest request, String topic, ListOffsetsPartition part, Isolation isolation) {
        PartitionLookup lookup = partitions.find(request.names(), topic, part.partitionIndex());
        return switch (lookup) {
            case PartitionLookup.Refused refused -> failed(part, refused.error());
            case PartitionLookup.Led found -> {
                LedPartition led = found.partition();
                Errors refused = led.checkEpoch(part.currentLeaderEpoch()); // R4
                yield refused == Errors.NONE
                        ? known(find(led, part, isolation), request.header().apiVersion())
                        : failed(part, refused);
            }
        };
    }

    private ListOffsetsPartitionResponse find(
            LedPartition led, ListOffsetsPartition part, Isolation isolation) {
        try {
            TimestampOffset found = finder.find(led, part.timestamp(), isolation);
            return failed(part, Errors.NONE)
                    .setTimestamp(found.timestamp())
                    .setOffset(found.offset())
                    .setLeaderEpoch(found.leaderEpoch());
        } catch (RuntimeException e) {
            Errors error = Failures.error(e);
            UNREADABLE.warn(
                    "Cannot find the offset for timestamp {} of {}", part.timestamp(), led, e);
            // What the table cannot answer now it may answer soon (C5).
            return failed(
                    part,
                    error == Errors.UNKNOWN_SERVER_ERROR ? Errors.KAFKA_STORAGE_ERROR : error);
        }
    }

    /// Before version 4 an answer has no place for the leader epoch.
    private static ListOffsetsPartitionResponse known(
            ListOffsetsPartitionResponse answer, short version) {
        return version < 4 ? answer.setLeaderEpoch(ListOffsetsResponse.UNKNOWN_EPOCH) : answer;
    }

    private static ListOffsetsPartitionResponse failed(ListOffsetsPartition part, Errors error) {
        return new ListOffsetsPartitionResponse()
                .setPartitionIndex(part.partitionIndex())
                .setErrorCode(error.code())
                .setTimestamp(ListOffsetsResponse.UNKNOWN_TIMESTAMP)
                .setOffset(ListOffsetsResponse.UNKNOWN_OFFSET);
    }
}
