package io.firn.gateway;

import io.firn.controller.image.ClusterView;
import io.firn.gateway.answer.Answers;
import io.firn.gateway.answer.ClusterAnswer;
import io.firn.gateway.answer.Controllers;
import io.firn.gateway.answer.MetadataAnswer;
import io.firn.gateway.answer.Presentation;
import io.firn.gateway.answer.TopicCreator;
import io.firn.gateway.answer.TopicPartitionsAnswer;
import io.firn.gateway.splice.Pipes;
import io.firn.gateway.upstream.BrokerLinks;
import io.firn.protocol.KafkaServer;
import io.firn.protocol.ServerConfig;
import io.firn.protocol.preface.Caller;

import java.time.Duration;
import java.util.Optional;

/// One running gateway. It keeps nothing: kill it, and its clients connect to another (G3).
public final class GatewayNode implements AutoCloseable {
    /// Ten times what a consumer's poll waits by default.
    private static final Duration DRAIN = Duration.ofSeconds(5);

    private final KafkaServer server;
    private final Pipes pipes;

    private GatewayNode(KafkaServer server, Pipes pipes) {
        this.server = server;
        this.pipes = pipes;
    }

    /// @param cluster this process's view of it
    /// @param controllers create topics on first use
    public static GatewayNode start(
            GatewayConfig config, ClusterView cluster, Controllers controllers) {
        return start(config, cluster, controllers, Pipes.ofMachine());
    }

    static GatewayNode start(
            GatewayConfig config, ClusterView cluster, Controllers controllers, Pipes pipes) {
        DeferredHandler handler = new DeferredHandler();
        KafkaServer server =
                KafkaServer.start(
                        serverConfig(
                                "gateway",
                                config,
                                new Caller(
                                        config.defaultTenant(),
                                        "User:ANONYMOUS",
                                        config.host(),
                                        "PLAINTEXT")),
                        handler,
                        new GatewayMetrics(config.metrics(), "firn.gateway"));
        config.metrics().gauge("firn.gateway.inflight.bytes", server, KafkaServer::inFlightBytes);
        config.metrics().gauge("firn.gateway.waiting", server, KafkaServer::waitingForMemory);
        config.metrics().gauge("firn.gateway.spliced.bytes", pipes, Pipes::movedBytes);
        handler.begin(
                new GatewayHandler(
                        cluster,
                        answers(config, cluster, controllers, server.port()),
                        new BrokerLinks(
                                config.clusterKey(),
                                pipes,
                                config.limits().brokerTimeout(),
                                config.metrics())));
        return new GatewayNode(server, pipes);
    }

    /// The bound port.
    public int port() {
        return server.port();
    }

    /// Bytes of unanswered requests that are held now.
    public long inFlightBytes() {
        return server.inFlightBytes();
    }

    /// Why clients are not read for longer than a passing peak explains; empty while they are.
    public Optional<String> trouble() {
        return server.trouble();
    }

    /// Answers what it was asked, for a moment at most, then closes: who is behind a load balancer
    /// sees no error when this gateway goes.
    @Override
    public void close() {
        server.drain(DRAIN);
        server.close();
        pipes.close();
    }

    static ServerConfig serverConfig(String name, GatewayConfig config, Caller caller) {
        GatewayConfig.Limits limits = config.limits();
        return ServerConfig.of(name, config.host(), config.port())
                .withDefaultCaller(caller)
                .withLimits(
                        limits.maxRequestBytes(),
                        limits.maxQueuedRequests(),
                        limits.maxInFlightBytes())
                .withConnections(limits.connections());
    }

    /// What clients are told, at the advertised address.
    static Answers answers(
            GatewayConfig config, ClusterView cluster, Controllers controllers, int boundPort) {
        int port = config.advertisedPort() == 0 ? boundPort : config.advertisedPort();
        var presentation = new Presentation.OneNode(config.advertisedHost(), port);
        var creator =
                new TopicCreator(
                        cluster,
                        controllers,
                        config.autoCreateTopics(),
                        config.autoCreatePartitions());
        return new Answers(
                new MetadataAnswer(presentation, creator),
                new ClusterAnswer(presentation),
                new TopicPartitionsAnswer());
    }
}
