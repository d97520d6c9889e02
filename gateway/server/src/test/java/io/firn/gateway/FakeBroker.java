package io.firn.gateway;

import io.firn.controller.FakeCluster;
import io.firn.controller.image.TopicState;
import io.firn.protocol.KafkaServer;
import io.firn.protocol.ServerConfig;
import io.firn.protocol.connection.InboundRequest;

import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.CreateTopicsResponseData;
import org.apache.kafka.common.message.CreateTopicsResponseData.CreatableTopicResult;
import org.apache.kafka.common.message.FetchResponseData;
import org.apache.kafka.common.message.InitProducerIdResponseData;
import org.apache.kafka.common.message.ListOffsetsResponseData;
import org.apache.kafka.common.message.ProduceResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.MutableRecordBatch;
import org.apache.kafka.common.requests.CreateTopicsRequest;
import org.apache.kafka.common.requests.CreateTopicsResponse;
import org.apache.kafka.common.requests.FetchRequest;
import org.apache.kafka.common.requests.FetchResponse;
import org.apache.kafka.common.requests.InitProducerIdRequest;
import org.apache.kafka.common.requests.InitProducerIdResponse;
import org.apache.kafka.common.requests.ListOffsetsRequest;
import org.apache.kafka.common.requests.ListOffsetsResponse;
import org.apache.kafka.common.requests.ProduceRequest;
import org.apache.kafka.common.requests.ProduceResponse;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/// As much of a broker as a gateway's clients need: logs in memory behind the real wire protocol,
/// on a port that wants the cluster's preface.
final class FakeBroker implements AutoCloseable {
    static final byte[] KEY = "cluster key of the tests".getBytes();

    final List<ApiKeys> seen = new CopyOnWriteArrayList<>();
    final AtomicInteger connections = new AtomicInteger();
    volatile java.util.function.Predicate<InboundRequest> intercept = request -> false;

    private final FakeCluster cluster;
    private final int id;
    private final KafkaServer server;
    private final Map<String, List<ByteBuffer>> logs = new ConcurrentHashMap<>();
    private final Map<String, Long> ends = new ConcurrentHashMap<>();

    FakeBroker(FakeCluster cluster, int id) {
        this.cluster = cluster;
        this.id = id;
        this.server =
                KafkaServer.start(
                        ServerConfig.of("broker-" + id, "127.0.0.1", 0).withClusterKey(KEY),
                        this::handle);
        cluster.broker(id, server.port(), false);
    }

    int port() {
        return server.port();
    }

    private void handle(InboundRequest request) {
        request.connection().attribute(Integer.class, () -> connections.incrementAndGet());
        seen.add(request.header().apiKey());
        if (intercept.test(request)) {
            return;
        }
        switch (request.body()) {
            case InitProducerIdRequest init ->
                    request.answer(
                            new InitProducerIdResponse(
                                    new InitProducerIdResponseData()
                                            .setProducerId(77)
                                            .setProducerEpoch((short) 0)));
            case CreateTopicsRequest create -> request.answer(create(request, create));
            case ProduceRequest produce -> {
                var response = append(produce);
                if (produce.acks() == 0) {
                    request.answerNothing();
                } else {
                    request.answer(response);
                }
            }
            case FetchRequest fetch -> request.answer(fetch(fetch));
            case ListOffsetsRequest list -> request.answer(offsets(request, list));
            default -> request.fail(Errors.UNSUPPORTED_VERSION.exception());
        }
    }

    private CreateTopicsResponse create(InboundRequest request, CreateTopicsRequest create) {
        var data = new CreateTopicsResponseData();
        for (var topic : create.data().topics()) {
            int[] leaders = new int[Math.max(1, topic.numPartitions())];
            Arrays.fill(leaders, id);
            Uuid topicId = cluster.topic(request.names().inside(topic.name()), leaders);
            data.topics()
                    .add(
                            new CreatableTopicResult()
                                    .setName(topic.name())
                                    .setTopicId(topicId)
                                    .setNumPartitions(leaders.length)
                                    .setReplicationFactor((short) 1));
        }
        return new CreateTopicsResponse(data);
    }

    private ProduceResponse append(ProduceRequest produce) {
        var data = new ProduceResponseData();
        for (var topic : produce.data().topicData()) {
            var answered =
                    new ProduceResponseData.TopicProduceResponse()
                            .setName(topic.name())
                            .setTopicId(topic.topicId());
            for (var partition : topic.partitionData()) {
                String log = topic.topicId() + "-" + partition.index();
                long base = append(log, (MemoryRecords) partition.records());
                answered.partitionResponses()
                        .add(
                                new ProduceResponseData.PartitionProduceResponse()
                                        .setIndex(partition.index())
                                        .setBaseOffset(base));
            }
            data.responses().add(answered);
        }
        return new ProduceResponse(data);
    }

    private synchronized long append(String log, MemoryRecords records) {
        long base = ends.getOrDefault(log, 0L);
        long next = base;
        ByteBuffer copy = ByteBuffer.allocate(records.sizeInBytes());
        copy.put(records.buffer().duplicate()).flip();
        for (MutableRecordBatch batch : MemoryRecords.readableRecords(copy).batches()) {
            long count = batch.lastOffset() - batch.baseOffset() + 1;
            batch.setLastOffset(next + count - 1);
            next += count;
        }
        logs.computeIfAbsent(log, l -> new CopyOnWriteArrayList<>()).add(copy);
        ends.put(log, next);
        return base;
    }

    private FetchResponse fetch(FetchRequest fetch) {
        var responses = new ArrayList<FetchResponseData.FetchableTopicResponse>();
        for (var topic : fetch.data().topics()) {
            var answered =
                    new FetchResponseData.FetchableTopicResponse().setTopicId(topic.topicId());
            for (var partition : topic.partitions()) {
                String log = topic.topicId() + "-" + partition.partition();
                answered.partitions()
                        .add(
                                new FetchResponseData.PartitionData()
                                        .setPartitionIndex(partition.partition())
                                        .setHighWatermark(ends.getOrDefault(log, 0L))
                                        .setLastStableOffset(ends.getOrDefault(log, 0L))
                                        .setLogStartOffset(0)
                                        .setRecords(read(log, partition.fetchOffset())));
            }
            responses.add(answered);
        }
        return FetchResponse.of(new FetchResponseData().setResponses(responses));
    }

    private synchronized MemoryRecords read(String log, long offset) {
        for (ByteBuffer bytes : logs.getOrDefault(log, List.of())) {
            MemoryRecords records = MemoryRecords.readableRecords(bytes.duplicate());
            for (var batch : records.batches()) {
                if (batch.lastOffset() >= offset) {
                    return records;
                }
            }
        }
        return MemoryRecords.EMPTY;
    }

    private ListOffsetsResponse offsets(InboundRequest request, ListOffsetsRequest list) {
        var data = new ListOffsetsResponseData();
        for (var topic : list.data().topics()) {
            Uuid topicId =
                    cluster.image()
                            .topic(request.names().inside(topic.name()))
                            .map(TopicState::id)
                            .orElseThrow();
            var answered =
                    new ListOffsetsResponseData.ListOffsetsTopicResponse().setName(topic.name());
            for (var partition : topic.partitions()) {
                String log = topicId + "-" + partition.partitionIndex();
                answered.partitions()
                        .add(
                                new ListOffsetsResponseData.ListOffsetsPartitionResponse()
                                        .setPartitionIndex(partition.partitionIndex())
                                        .setTimestamp(-1)
                                        .setOffset(
                                                partition.timestamp() == -2
                                                        ? 0
                                                        : ends.getOrDefault(log, 0L)));
            }
            data.topics().add(answered);
        }
        return new ListOffsetsResponse(data);
    }

    @Override
    public void close() {
        server.close();
    }
}
