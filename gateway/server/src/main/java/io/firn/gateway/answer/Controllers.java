package io.firn.gateway.answer;

import org.apache.kafka.common.requests.AbstractRequest;
import org.apache.kafka.common.requests.AbstractResponse;

import java.util.concurrent.CompletableFuture;

/// Asks the active controller; [io.firn.controller.member.ControllerClient#send] does.
@FunctionalInterface
public interface Controllers {
    /// Never blocks, and gives up by itself.
    CompletableFuture<AbstractResponse> send(AbstractRequest.Builder<?> request);
}
