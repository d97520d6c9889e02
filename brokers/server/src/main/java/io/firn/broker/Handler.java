package io.firn.broker;

import io.firn.protocol.InboundRequest;

/// Serves one API. Called on the connection's event loop, answers exactly once from any thread.
public interface Handler {
    void handle(InboundRequest request);
}
