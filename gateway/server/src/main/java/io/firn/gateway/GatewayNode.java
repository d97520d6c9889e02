package io.firn.gateway;

import io.firn.controller.ClusterFollower;
import io.firn.controller.ClusterImage;
import io.firn.protocol.Bodies;
import io.firn.protocol.Caller;
import io.firn.protocol.InboundRequest;
import io.firn.protocol.KafkaServer;
import io.firn.protocol.RequestHandler;
import io.firn.protocol.ServerConfig;

import org.jspecify.annotations.Nullable;

import java.util.function.Supplier;

/// One running gateway. It keeps nothing: kill it, and its clients connect to another (G3).
public final class GatewayNode implements AutoCloseable {
    private final KafkaServer server;

    private GatewayNode(KafkaServer server) {
        this.server = server;
    }

    public static GatewayNode start(GatewayConfig config, ClusterFollower cluster) {
        return start(config, cluster::image);
    }

    /// @param images the cluster as it is now; looked at once per request
    public static GatewayNode start(GatewayConfig config, Supplier<ClusterImage> images) {
        StartLater handler = new StartLater();
        KafkaServer server =
                KafkaServer.start(
                        serverConfig(config),
                        handler,
                        new GatewayMetrics(config.metrics()),
                        Bodies.ON_DEMAND);
        config.metrics().gauge("firn.gateway.inflight.bytes", server, KafkaServer::inFlightBytes);
        handler.begin(handler(config, images, server.port()));
        return new GatewayNode(server);
    }

    /// The bound port.
    public int port() {
        return server.port();
    }

    @Override
    public void close() {
        server.close();
    }

    private static ServerConfig serverConfig(GatewayConfig config) {
        GatewayConfig.Limits limits = config.limits();
        return ServerConfig.of("gateway", config.host(), config.port())
                .withDefaultCaller(
                        new Caller(
                                config.defaultTenant(),
                                "User:ANONYMOUS",
                                config.host(),
                                "PLAINTEXT"))
                .withLimits(
                        limits.maxRequestBytes(),
                        limits.maxQueuedRequests(),
                        limits.maxInFlightBytes());
    }

    private static GatewayHandler handler(
            GatewayConfig config, Supplier<ClusterImage> images, int boundPort) {
        int port = config.advertisedPort() == 0 ? boundPort : config.advertisedPort();
        var presentation = new Presentation.OneNode(config.advertisedHost(), port);
        var creator =
                new TopicCreator(images, config.autoCreateTopics(), config.autoCreatePartitions());
        var answers =
                new Answers(
                        new MetadataAnswer(presentation, creator),
                        new ClusterAnswer(presentation),
                        new TopicPartitionsAnswer());
        return new GatewayHandler(images, answers, config.clusterKey());
    }

    /// The handler tells clients the bound port, which is only known once the server listens; who
    /// connects in between is asked to come again.
    private static final class StartLater implements RequestHandler {
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
}
