package io.firn.broker.admin;

import io.firn.broker.request.Failures;
import io.firn.controller.image.ClusterView;
import io.firn.controller.member.ControllerClient;
import io.firn.controller.request.ChangeOffset;
import io.firn.protocol.connection.InboundRequest;

import org.apache.kafka.common.requests.AbstractRequest;
import org.apache.kafka.common.requests.AbstractResponse;

import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/// Sends a tenant's change to the controller, and its answer back when this process's image shows
/// the change (DESIGN §13). The answer says from which offset on images do, for the gateway's.
public final class ToController {
    private final ControllerClient client;
    private final ClusterView cluster;

    public ToController(ControllerClient client, ClusterView cluster) {
        this.client = client;
        this.cluster = cluster;
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
        sent.thenApply(type::cast)
                .thenCompose(response -> whenShown(request, response, answer))
                .whenComplete(
                        (response, failure) -> {
                            if (failure == null) {
                                request.answer(response);
                            } else {
                                request.fail(Failures.cause(failure));
                            }
                        });
    }

    private <T extends AbstractResponse> CompletableFuture<AbstractResponse> whenShown(
            InboundRequest request, T response, Function<T, AbstractResponse> answer) {
        long offset = ChangeOffset.take(response);
        return cluster.shows(offset)
                .thenApply(
                        shown -> {
                            AbstractResponse own = answer.apply(response);
                            if (offset != ChangeOffset.UNKNOWN
                                    && ChangeOffset.fits(
                                            request.header().apiKey(),
                                            request.header().apiVersion())) {
                                ChangeOffset.put(own, offset);
                            }
                            return own;
                        });
    }
}
