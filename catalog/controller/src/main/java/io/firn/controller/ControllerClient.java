package io.firn.controller;

import org.apache.kafka.common.requests.AbstractRequest;
import org.apache.kafka.common.requests.AbstractResponse;

import java.net.InetSocketAddress;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/// Sends requests to the active controller: finds it, asks again when it moved, gives up after
/// half a minute. Thread safe.
public final class ControllerClient implements AutoCloseable {
    public ControllerClient(Supplier<Map<Integer, InetSocketAddress>> voters) {}

    /// Fails with a Kafka `TimeoutException` when no controller answered in time; then the change
    /// may have happened or not.
    public CompletableFuture<AbstractResponse> send(AbstractRequest.Builder<?> request) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void close() {}
}
