package io.firn.gateway;

import org.apache.kafka.common.requests.AbstractRequest;
import org.apache.kafka.common.requests.AbstractResponse;

import java.util.concurrent.CompletableFuture;

/// Asks the active controller; [io.firn.controller.ControllerClient#send] does.
@FunctionalInterface
public interface Controllers {
    /// Never blocks, and gives up by itself.
    CompletableFuture<AbstractResponse> send(AbstractRequest.Builder<?> request);
}
