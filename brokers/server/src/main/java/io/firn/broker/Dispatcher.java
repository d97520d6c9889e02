package io.firn.broker;

import io.firn.broker.group.GroupHandlers;
import io.firn.broker.request.Handler;
import io.firn.protocol.SupportedApi;
import io.firn.protocol.connection.InboundRequest;
import io.firn.protocol.connection.RequestHandler;

import org.apache.kafka.common.errors.UnsupportedVersionException;
import org.apache.kafka.common.protocol.ApiKeys;

import java.util.EnumMap;
import java.util.Map;

/// One request to its handler. ApiVersions and Metadata are the gateway's to answer.
final class Dispatcher implements RequestHandler {
    private final Map<ApiKeys, Handler> handlers = new EnumMap<>(ApiKeys.class);

    Dispatcher(Map<ApiKeys, Handler> handlers, GroupHandlers groups) {
        this.handlers.putAll(handlers);
        for (ApiKeys api : GroupHandlers.APIS) {
            this.handlers.put(api, groups::handle);
        }
    }

    @Override
    public void handle(InboundRequest request) {
        ApiKeys api = request.header().apiKey();
        Handler handler = handlers.get(api);
        if (handler == null || !SupportedApi.serves(api, request.header().apiVersion())) {
            request.fail(
                    new UnsupportedVersionException(
                            "A broker does not serve %s version %d"
                                    .formatted(api, request.header().apiVersion())));
            return;
        }
        handler.handle(request);
    }
}
