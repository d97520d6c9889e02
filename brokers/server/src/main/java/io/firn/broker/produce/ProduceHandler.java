package io.firn.broker.produce;

import io.firn.broker.partition.LedPartition;
import io.firn.broker.partition.PartitionLookup;
import io.firn.broker.partition.PartitionTable;
import io.firn.broker.request.BrokerMetrics;
import io.firn.broker.request.Failures;
import io.firn.broker.request.Handler;
import io.firn.log.Appended;
import io.firn.log.CheckBudget;
import io.firn.protocol.body.AnswerTable;
import io.firn.protocol.connection.InboundRequest;

import org.apache.kafka.common.errors.ApiException;
import org.apache.kafka.common.errors.InvalidRequestException;
import org.apache.kafka.common.message.ProduceRequestData.PartitionProduceData;
import org.apache.kafka.common.message.ProduceRequestData.TopicProduceData;
import org.apache.kafka.common.message.ProduceResponseData;
import org.apache.kafka.common.message.ProduceResponseData.BatchIndexAndErrorMessage;
import org.apache.kafka.common.message.ProduceResponseData.PartitionProduceResponse;
import org.apache.kafka.common.message.ProduceResponseData.TopicProduceResponse;
import org.apache.kafka.common.message.ProduceResponseData.TopicProduceResponseCollection;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.MutableRecordBatch;
import org.apache.kafka.common.requests.ProduceRequest;
import org.apache.kafka.common.requests.ProduceResponse;
import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;

/// Produce: every partition's batches go to its log at once, the answer when all of them count.
///
/// Runs on the connection's loop and hands over in order of arrival, so each connection's batches
/// reach a partition in the order in which they came (G1). Batches that unpack to much are checked
/// on the workers, some at a time, and the connection is not read meanwhile (G12).
public final class ProduceHandler implements Handler {
    private static final short ALL_IN_SYNC = -1;

    /// Unpacked bytes of records that are checked on an event loop: some milliseconds.
    private static final long MOST_ON_LOOP_BYTES = 8 << 20;

    /// A request that unpacks to more than is usual for its bytes is not the loop's to look at.
    private static final long LEAST_ON_LOOP_BYTES = 64 << 10;

    private static final int UNPACKED_A_BYTE = 32;

    /// After so many, somebody else's request is looked at.
    private static final long A_TURN_BYTES = 8 << 20;

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
        List<Part> parts = parts(request, body);
        if (!request.holdFrame()) { // until the log has its records; see Answer
            return;
        }
        Appends appends = new Appends(request, body, parts);
        if (request.isOnLoop()) {
            long worth =
                    LEAST_ON_LOOP_BYTES + (long) UNPACKED_A_BYTE * request.frame().readableBytes();
            if (!appends.goOn(CheckBudget.of(Math.min(MOST_ON_LOOP_BYTES, worth)))) {
                request.inTurns(appends::turn);
            }
        } else if (!appends.turn()) {
            request.inTurns(appends::turn);
        }
    }

    /// @throws InvalidRequestException if a partition is named twice: Kafka forgets the first one
    private List<Part> parts(InboundRequest request, ProduceRequest body) {
        List<Part> parts = new ArrayList<>();
        Set<LedPartition> once = new HashSet<>(); // by identity: nobody can choose their hashes
        for (TopicProduceData topic : body.data().topicData()) {
            for (PartitionProduceData part : topic.partitionData()) {
                PartitionLookup found =
                        partitions.find(
                                request.names(), topic.name(), topic.topicId(), part.index());
                if (found instanceof PartitionLookup.Led led && !once.add(led.partition())) {
                    throw new InvalidRequestException(
                            "Cannot produce: the request names partition %d of topic %s twice; send its batches one request after the other"
                                    .formatted(
                                            part.index(),
                                            topic.name().isEmpty()
                                                    ? topic.topicId()
                                                    : topic.name()));
                }
                parts.add(
                        new Part(
                                topic,
                                part,
                                found,
                                new PartitionProduceResponse().setIndex(part.index())));
            }
        }
        return parts;
    }

    /// What a request has for one partition.
    ///
    /// @param answer to be filled
    private record Part(
            TopicProduceData topic,
            PartitionProduceData data,
            PartitionLookup found,
            PartitionProduceResponse answer) {}

    /// The appends of one request, in its order.
    private final class Appends {
        private final InboundRequest request;
        private final ProduceRequest body;
        private final List<Part> parts;
        private final Answer answer;
        private int next;

        Appends(InboundRequest request, ProduceRequest body, List<Part> parts) {
            this.request = request;
            this.body = body;
            this.parts = parts;
            this.answer = new Answer(request, body, System.nanoTime());
        }

        /// Goes on for as long as others can wait, with one partition at least.
        ///
        /// @return whether that was all
        boolean turn() {
            CheckBudget spent = CheckBudget.unlimited();
            try {
                while (next < parts.size() && spent.spent() < A_TURN_BYTES) {
                    append(spent);
                }
            } catch (RuntimeException e) {
                answer.giveUp();
                throw e;
            }
            return end();
        }

        /// Goes on until the budget is spent.
        boolean goOn(CheckBudget budget) {
            try {
                while (next < parts.size()) {
                    append(budget);
                }
            } catch (CheckBudget.SpentException e) {
                return false;
            } catch (RuntimeException e) {
                answer.giveUp();
                throw e;
            }
            return end();
        }

        private void append(CheckBudget budget) {
            Part part = parts.get(next);
            var appended = ProduceHandler.this.append(request, body, part, budget);
            next++;
            answer.waiting.incrementAndGet();
            appended.whenComplete((done, failure) -> answer.fill(part.answer(), done, failure));
        }

        private boolean end() {
            if (next < parts.size()) {
                return false;
            }
            answer.send(parts);
            pauses.look(request.connection());
            return true;
        }
    }

    private CompletableFuture<Appended> append(
            InboundRequest request, ProduceRequest body, Part part, CheckBudget budget) {
        return switch (part.found()) {
            case PartitionLookup.Refused refused -> refused(refused.error(), null);
            case PartitionLookup.Led found ->
                    append(request, body, found.partition(), part.data(), budget);
        };
    }

    private CompletableFuture<Appended> append(
            InboundRequest request,
            ProduceRequest body,
            LedPartition led,
            PartitionProduceData part,
            CheckBudget budget) {
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
            var appended =
                    led.log().append(records, led.epoch(), rules.check(led.partition()), budget);
            metrics.produced(records.sizeInBytes());
            return appended;
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

    /// Collects what became of each partition; the last one sends, and lets go of the frame, whose
    /// records the log threads read until then.
    private final class Answer {
        private final InboundRequest request;
        private final ProduceRequest body;
        private final long startedNanos;
        private final AtomicInteger waiting = new AtomicInteger(1);
        private final ProduceResponseData data = new ProduceResponseData();
        private volatile boolean refused;
        private volatile boolean givenUp;

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

        /// As soon as the last one is answered. Topics are answered as they were asked for.
        void send(List<Part> parts) {
            data.setResponses(
                    new TopicProduceResponseCollection(
                            AnswerTable.sizeFor(body.data().topicData().size())));
            TopicProduceData last = null;
            TopicProduceResponse topic = new TopicProduceResponse();
            for (Part part : parts) {
                if (part.topic() != last) {
                    last = part.topic();
                    topic =
                            new TopicProduceResponse()
                                    .setName(last.name())
                                    .setTopicId(last.topicId());
                    data.responses().add(topic);
                }
                topic.partitionResponses().add(part.answer());
            }
            done();
        }

        /// Somebody else answers.
        void giveUp() {
            givenUp = true;
            done();
        }

        private void done() {
            if (waiting.decrementAndGet() > 0) {
                return;
            }
            request.letGoOfFrame();
            if (givenUp) {
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
