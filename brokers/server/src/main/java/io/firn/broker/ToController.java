package io.firn.broker;

import io.firn.controller.ControllerClient;
import io.firn.protocol.InboundRequest;

import org.apache.kafka.common.requests.AbstractRequest;
import org.apache.kafka.common.requests.AbstractResponse;

import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/// Sends a tenant's change to the controller and its answer back.
final class ToController {
    private final ControllerClient client;

    ToController(ControllerClient client) {
        this.client = client;
    }

    /// @param type of the controller's answer
    /// @param answer turns it into the tenant's
    <T extends AbstractResponse> void forward(
            InboundRequest request,
            AbstractRequest.Builder<?> change,
            Class<T> type,
            Function<T, AbstractResponse> answer) {
        CompletableFuture<AbstractResponse> sent;
        try {
            sent = client.send(change);
        } catch (RuntimeException e) {
            sent = CompletableFuture.failedFuture(e);
        }
        sent.thenApply(response -> answer.apply(type.cast(response)))
                .whenComplete(
                        (response, failure) -> {
                            if (failure == null) {
                                request.answer(response);
                            } else {
                                request.fail(Failures.cause(failure));
                            }
                        });
    }
}
