package io.firn.broker.produce;

import io.firn.broker.BrokerMetrics;
import io.firn.broker.Failures;
import io.firn.broker.Handler;
import io.firn.broker.admin.TopicRules;
import io.firn.broker.cluster.LedPartition;
import io.firn.broker.cluster.PartitionLookup;
import io.firn.broker.cluster.PartitionTable;
import io.firn.log.Appended;
import io.firn.protocol.InboundRequest;

import org.apache.kafka.common.errors.ApiException;
import org.apache.kafka.common.message.ProduceRequestData.PartitionProduceData;
import org.apache.kafka.common.message.ProduceRequestData.TopicProduceData;
import org.apache.kafka.common.message.ProduceResponseData;
import org.apache.kafka.common.message.ProduceResponseData.BatchIndexAndErrorMessage;
import org.apache.kafka.common.message.ProduceResponseData.PartitionProduceResponse;
import org.apache.kafka.common.message.ProduceResponseData.TopicProduceResponse;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.MutableRecordBatch;
import org.apache.kafka.common.requests.ProduceRequest;
import org.apache.kafka.common.requests.ProduceResponse;
import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;

/// Produce: every partition's batches go to its log at once, the answer when all of them count.
///
/// Runs on the connection's loop and hands over in order of arrival, so each connection's batches
/// reach a partition in the order in which they came (G1).
public final class ProduceHandler implements Handler {
    private static final short ALL_IN_SYNC = -1;

    private final PartitionTable partitions;
    private final TopicRules rules;
    private final DiskWatermark disk;
    private final ProducerPauses pauses;
    private final BrokerMetrics metrics;

    public ProduceHandler(
            PartitionTable partitions,
            TopicRules rules,
            DiskWatermark disk,
            ProducerPauses pauses,
            BrokerMetrics metrics) {
        this.disk = disk;
        this.pauses = pauses;
        this.partitions = partitions;
        this.rules = rules;
        this.metrics = metrics;
    }

    @Override
    public void handle(InboundRequest request) {
        ProduceRequest body = (ProduceRequest) request.body();
        if (body.acks() < ALL_IN_SYNC || body.acks() > 1) {
            request.answer(body.getErrorResponse(0, Errors.INVALID_REQUIRED_ACKS.exception()));
            return;
        }
        Answer answer = new Answer(request, body, System.nanoTime());
        List<TopicProduceResponse> topics = new ArrayList<>();
        for (TopicProduceData topic : body.data().topicData()) {
            TopicProduceResponse out =
                    new TopicProduceResponse().setName(topic.name()).setTopicId(topic.topicId());
            for (PartitionProduceData part : topic.partitionData()) {
                PartitionProduceResponse slot =
                        new PartitionProduceResponse().setIndex(part.index());
                out.partitionResponses().add(slot);
                answer.waiting.incrementAndGet();
                append(request, body, topic, part)
                        .whenComplete((appended, failure) -> answer.fill(slot, appended, failure));
            }
            topics.add(out);
        }
        answer.send(topics);
        pauses.look(request.connection());
    }

    private CompletableFuture<Appended> append(
            InboundRequest request,
            ProduceRequest body,
            TopicProduceData topic,
            PartitionProduceData part) {
        return switch (partitions.find(
                request.names(), topic.name(), topic.topicId(), part.index())) {
            case PartitionLookup.Refused refused -> refused(refused.error(), null);
            case PartitionLookup.Led found -> append(request, body, found.partition(), part);
        };
    }

    private CompletableFuture<Appended> append(
            InboundRequest request,
            ProduceRequest body,
            LedPartition led,
            PartitionProduceData part) {
        try {
            if (disk.full()) { // C11
                return refused(Errors.KAFKA_STORAGE_ERROR, disk.refusal());
            }
            ProduceRequest.validateRecords(request.header().apiVersion(), part.records());
            MemoryRecords records = (MemoryRecords) part.records();
            for (MutableRecordBatch batch : records.batches()) {
                if (batch.isTransactional()) {
                    return refused(
                            Errors.INVALID_TXN_STATE,
                            "Cannot append a transactional batch: this version of Firn has no transactions yet. Unset transactional.id.");
                }
            }
            // R13: refused before the append, so this is definite.
            if (body.acks() == ALL_IN_SYNC && led.inSync() < rules.minInSync(led.partition())) {
                return refused(Errors.NOT_ENOUGH_REPLICAS, null);
            }
            metrics.produced(records.sizeInBytes());
            return led.log().append(records, led.epoch(), rules.check(led.partition()));
        } catch (ApiException e) {
            return refused(Errors.forException(e), e.getMessage());
        }
    }

    private static CompletableFuture<Appended> refused(Errors error, @Nullable String message) {
        return CompletableFuture.completedFuture(Appended.failed(error, message, -1));
    }

    private static List<BatchIndexAndErrorMessage> recordErrors(Appended appended) {
        return appended.recordErrors().stream()
                .map(
                        record ->
                                new BatchIndexAndErrorMessage()
                                        .setBatchIndex(record.batchIndex)
                                        .setBatchIndexErrorMessage(record.message))
                .toList();
    }

    /// Collects what became of each partition; the last one sends.
    private final class Answer {
        private final InboundRequest request;
        private final ProduceRequest body;
        private final long startedNanos;
        private final AtomicInteger waiting = new AtomicInteger(1);
        private final ProduceResponseData data = new ProduceResponseData();
        private volatile boolean refused;

        Answer(InboundRequest request, ProduceRequest body, long startedNanos) {
            this.request = request;
            this.body = body;
            this.startedNanos = startedNanos;
        }

        void fill(
                PartitionProduceResponse slot,
                @Nullable Appended appended,
                @Nullable Throwable failure) {
            if (appended != null && failure == null) {
                slot.setErrorCode(appended.error().code())
                        .setErrorMessage(appended.message())
                        .setBaseOffset(appended.baseOffset())
                        .setLogAppendTimeMs(appended.logAppendTime())
                        .setLogStartOffset(appended.logStartOffset())
                        .setRecordErrors(recordErrors(appended));
                refused |= !appended.ok();
            } else {
                slot.setErrorCode(Failures.error(failure).code())
                        .setErrorMessage(Failures.message(failure))
                        .setBaseOffset(ProduceResponse.INVALID_OFFSET);
                refused = true;
            }
            done();
        }

        void send(List<TopicProduceResponse> topics) {
            topics.forEach(data.responses()::add);
            done();
        }

        private void done() {
            if (waiting.decrementAndGet() > 0) {
                return;
            }
            metrics.produceLatency(System.nanoTime() - startedNanos);
            if (body.acks() != 0) {
                request.answer(new ProduceResponse(data));
            } else {
                // Nobody hears of an error without an answer; Kafka closes the connection, so that
                // the client looks
                // for the leader again.
                request.answerNothing();
                if (refused) {
                    request.connection().close();
                }
            }
        }
    }
}
