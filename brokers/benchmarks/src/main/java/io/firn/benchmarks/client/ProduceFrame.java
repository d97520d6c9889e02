package io.firn.benchmarks.client;

import org.apache.kafka.common.message.ProduceRequestData;
import org.apache.kafka.common.protocol.ApiKeys;

import java.nio.ByteBuffer;
import java.util.List;

/// A Produce request that is built once and sent many times: only its correlation id changes.
/// Belongs to one connection.
///
/// @param bytes the frame, at position 0
/// @param payloadBytes record values in it, before compression
/// @param records records in it
public record ProduceFrame(ByteBuffer bytes, long payloadBytes, int records) {
    private static final int TIMEOUT_MS = 30_000;

    /// A request with one batch for each of these partitions, acks=all.
    public static ProduceFrame of(
            String topic, List<Integer> partitions, BatchShape shape, Payload payload) {
        var data =
                new ProduceRequestData.TopicProduceData()
                        .setName(topic)
                        .setPartitionData(
                                partitions.stream()
                                        .map(p -> partition(p, shape, payload))
                                        .toList());
        var topics = new ProduceRequestData.TopicProduceDataCollection();
        topics.add(data);
        var request =
                new ProduceRequestData()
                        .setAcks((short) -1)
                        .setTimeoutMs(TIMEOUT_MS)
                        .setTopicData(topics);
        return new ProduceFrame(
                Wire.frame(ApiKeys.PRODUCE, Wire.PRODUCE_VERSION, request),
                shape.payloadBytes() * partitions.size(),
                shape.records() * partitions.size());
    }

    private static ProduceRequestData.PartitionProduceData partition(
            int partition, BatchShape shape, Payload payload) {
        return new ProduceRequestData.PartitionProduceData()
                .setIndex(partition)
                .setRecords(shape.batch(payload, System.currentTimeMillis()));
    }
}
