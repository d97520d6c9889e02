package io.firn.gateway;

import io.firn.protocol.connection.InboundRequest;
import io.firn.protocol.connection.RequestHandler;

import org.jspecify.annotations.Nullable;

/// A handler that tells clients the bound port, which is only known once the server listens; who
/// connects in between is asked to come again.
final class DeferredHandler implements RequestHandler {
    private volatile @Nullable RequestHandler started;

    void begin(RequestHandler handler) {
        started = handler;
    }

    @Override
    public void handle(InboundRequest request) {
        RequestHandler handler = started;
        if (handler == null) {
            request.connection().close();
        } else {
            handler.handle(request);
        }
    }
}
