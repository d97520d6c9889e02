package io.firn.controller;

import org.apache.kafka.server.fault.FaultHandler;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.util.concurrent.CompletableFuture;

/// What becomes of faults inside Kafka's classes: both kinds are logged, a fatal one also completes
/// a future, so that the process can stop: its metadata must not be trusted any more.
final class Faults {
    private static final Logger LOG = LoggerFactory.getLogger(Faults.class);

    private final String node;
    private final CompletableFuture<Void> fatal = new CompletableFuture<>();

    Faults(String node) {
        this.node = node;
    }

    FaultHandler fatal() {
        return (message, cause) -> {
            RuntimeException fault = fault(message, cause);
            LOG.error("{} failed and must be restarted: {}", node, message, cause);
            fatal.completeExceptionally(fault);
            return fault;
        };
    }

    FaultHandler passing() {
        return (message, cause) -> {
            LOG.error("{} met an unexpected fault: {}", node, message, cause);
            return fault(message, cause);
        };
    }

    /// Completes exceptionally when the node cannot go on.
    CompletableFuture<Void> failure() {
        return fatal;
    }

    private RuntimeException fault(String message, @Nullable Throwable cause) {
        return new IllegalStateException(node + ": " + message, cause);
    }
}
