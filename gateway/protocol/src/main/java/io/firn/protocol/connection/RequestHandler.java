package io.firn.protocol.connection;

/// What a role does with a request. Called on the connection's event loop: it never blocks.
/// An exception counts as `request.fail(exception)`.
@FunctionalInterface
public interface RequestHandler {
    void handle(InboundRequest request);
}
