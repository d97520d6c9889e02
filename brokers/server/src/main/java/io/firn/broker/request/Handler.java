package io.firn.broker.request;

import io.firn.protocol.connection.InboundRequest;

/// Serves one API. Called on the connection's event loop, answers exactly once from any thread.
public interface Handler {
    void handle(InboundRequest request);
}
