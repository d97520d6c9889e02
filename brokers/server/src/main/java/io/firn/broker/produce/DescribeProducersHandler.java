package io.firn.broker.produce;

import io.firn.broker.partition.LedPartition;
import io.firn.broker.partition.PartitionLookup;
import io.firn.broker.partition.PartitionTable;
import io.firn.broker.request.Failures;
import io.firn.broker.request.Handler;
import io.firn.log.ActiveProducer;
import io.firn.protocol.connection.InboundRequest;

import org.apache.kafka.common.message.DescribeProducersRequestData.TopicRequest;
import org.apache.kafka.common.message.DescribeProducersResponseData;
import org.apache.kafka.common.message.DescribeProducersResponseData.PartitionResponse;
import org.apache.kafka.common.message.DescribeProducersResponseData.ProducerState;
import org.apache.kafka.common.message.DescribeProducersResponseData.TopicResponse;
import org.apache.kafka.common.requests.DescribeProducersRequest;
import org.apache.kafka.common.requests.DescribeProducersResponse;

import java.util.List;
import java.util.concurrent.Executor;

/// DescribeProducers: whom the log of a partition remembers.
public final class DescribeProducersHandler implements Handler {
    private final PartitionTable partitions;
    private final Executor waiting;

    public DescribeProducersHandler(PartitionTable partitions, Executor waiting) {
        this.partitions = partitions;
        this.waiting = waiting;
    }

    @Override
    public void handle(InboundRequest request) {
        DescribeProducersRequest body = (DescribeProducersRequest) request.body();
        request.answerOn(waiting, () -> answer(request, body));
    }

    private DescribeProducersResponse answer(
            InboundRequest request, DescribeProducersRequest body) {
        DescribeProducersResponseData data = new DescribeProducersResponseData();
        for (TopicRequest topic : body.data().topics()) {
            TopicResponse out = new TopicResponse().setName(topic.name());
            for (int partition : topic.partitionIndexes()) {
                out.partitions()
                        .add(
                                describe(
                                        partitions.find(request.names(), topic.name(), partition),
                                        partition));
            }
            data.topics().add(out);
        }
        return new DescribeProducersResponse(data);
    }

    private static PartitionResponse describe(PartitionLookup lookup, int partition) {
        PartitionResponse out = new PartitionResponse().setPartitionIndex(partition);
        return switch (lookup) {
            case PartitionLookup.Refused refused ->
                    out.setErrorCode(refused.error().code())
                            .setErrorMessage(refused.error().message());
            case PartitionLookup.Led found -> {
                LedPartition led = found.partition();
                try {
                    yield out.setActiveProducers(states(led.log().producers()));
                } catch (RuntimeException e) {
                    yield out.setErrorCode(Failures.error(e).code())
                            .setErrorMessage(Failures.message(e));
                }
            }
        };
    }

    private static List<ProducerState> states(List<ActiveProducer> producers) {
        return producers.stream()
                .map(
                        producer ->
                                new ProducerState()
                                        .setProducerId(producer.producerId())
                                        .setProducerEpoch(producer.producerEpoch())
                                        .setLastSequence(producer.lastSequence())
                                        .setLastTimestamp(producer.lastTimestamp())
                                        .setCoordinatorEpoch(producer.coordinatorEpoch())
                                        .setCurrentTxnStartOffset(producer.currentTxnStartOffset()))
                .toList();
    }
}
