package io.firn.broker.produce;

import io.firn.broker.request.Handler;
import io.firn.protocol.connection.InboundRequest;

import org.apache.kafka.common.message.InitProducerIdResponseData;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.internal.RecordBatch;
import org.apache.kafka.common.requests.InitProducerIdRequest;
import org.apache.kafka.common.requests.InitProducerIdResponse;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// InitProducerId for idempotent producers.
public final class InitProducerIdHandler implements Handler {
    private static final Logger LOG = LoggerFactory.getLogger(InitProducerIdHandler.class);

    private final ProducerIds ids;

    public InitProducerIdHandler(ProducerIds ids) {
        this.ids = ids;
    }

    @Override
    public void handle(InboundRequest request) {
        InitProducerIdRequest body = (InitProducerIdRequest) request.body();
        if (body.data().transactionalId() != null) {
            // The answer has no room for words; this code is fatal to the producer, the retriable
            // ones would make it
            // wait for ever.
            LOG.warn(
                    "Refused transactional id '{}' of {}: this version of Firn has no transactions yet; unset transactional.id",
                    body.data().transactionalId(),
                    request.caller());
            request.answer(answer(Errors.UNSUPPORTED_VERSION));
            return;
        }
        // KIP-360: without a transactional id a producer that asks again gets a new id.
        ids.next()
                .whenComplete(
                        (id, failure) -> {
                            if (failure == null && id != null) {
                                InitProducerIdResponse answer = answer(Errors.NONE);
                                answer.data().setProducerId(id).setProducerEpoch((short) 0);
                                request.answer(answer);
                            } else {
                                LOG.warn("No producer id for {}", request.caller(), failure);
                                // Retriable: the controller is away or does not know this broker
                                // yet.
                                request.answer(answer(Errors.COORDINATOR_LOAD_IN_PROGRESS));
                            }
                        });
    }

    private static InitProducerIdResponse answer(Errors error) {
        return new InitProducerIdResponse(
                new InitProducerIdResponseData()
                        .setErrorCode(error.code())
                        .setProducerId(RecordBatch.NO_PRODUCER_ID)
                        .setProducerEpoch(RecordBatch.NO_PRODUCER_EPOCH));
    }
}
