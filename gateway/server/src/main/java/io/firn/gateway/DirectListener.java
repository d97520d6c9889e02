package io.firn.gateway;

import io.firn.controller.image.ClusterImage;
import io.firn.controller.image.ClusterView;
import io.firn.gateway.answer.Answers;
import io.firn.gateway.answer.Controllers;
import io.firn.gateway.route.Route;
import io.firn.gateway.route.Router;
import io.firn.protocol.KafkaServer;
import io.firn.protocol.connection.InboundRequest;
import io.firn.protocol.connection.RequestHandler;
import io.firn.protocol.preface.Caller;

import java.util.Optional;

/// A port of a broker for clients of one fixed tenant (DESIGN §5): the broker is the only node
/// there, and its handlers get the requests without a gateway's forwarding in between. For clusters
/// of one broker; partitions that another broker leads are answered as not led here.
///
/// What a client has to be told is told in the gateway's words, and the same requests are refused
/// (G6).
public final class DirectListener implements AutoCloseable {
    private final KafkaServer server;

    private DirectListener(KafkaServer server) {
        this.server = server;
    }

    /// @param config where it listens, what it tells clients, and whose topics they see
    /// @param cluster this process's view of it
    /// @param controllers create topics on first use
    /// @param broker the handlers of the broker in this process
    public static DirectListener start(
            GatewayConfig config,
            ClusterView cluster,
            Controllers controllers,
            RequestHandler broker) {
        DeferredHandler handler = new DeferredHandler();
        Caller caller =
                new Caller(config.defaultTenant(), "User:ANONYMOUS", config.host(), "DIRECT");
        KafkaServer server =
                KafkaServer.start(
                        GatewayNode.serverConfig("direct", config, caller),
                        handler,
                        new GatewayMetrics(config.metrics(), "firn.direct"));
        config.metrics().gauge("firn.direct.inflight.bytes", server, KafkaServer::inFlightBytes);
        config.metrics().gauge("firn.direct.waiting", server, KafkaServer::waitingForMemory);
        Answers answers = GatewayNode.answers(config, cluster, controllers, server.port());
        handler.begin(request -> handle(request, cluster.image(), answers, broker));
        return new DirectListener(server);
    }

    private static void handle(
            InboundRequest request, ClusterImage image, Answers answers, RequestHandler broker) {
        var refusal = Admission.refusal(request);
        if (refusal.isPresent()) {
            request.fail(refusal.get());
        } else if (Router.route(request.header().apiKey()) == Route.HERE) {
            answers.answer(request, image);
        } else {
            broker.handle(request);
        }
    }

    /// The bound port.
    public int port() {
        return server.port();
    }

    /// Why clients are not read for longer than a passing peak explains; empty while they are.
    public Optional<String> trouble() {
        return server.trouble();
    }

    @Override
    public void close() {
        server.close();
    }
}
