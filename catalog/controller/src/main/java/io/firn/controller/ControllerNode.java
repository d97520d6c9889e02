package io.firn.controller;

import io.firn.controller.raft.Faults;
import io.firn.controller.raft.Freshness;
import io.firn.controller.raft.RaftFolder;
import io.firn.controller.raft.RaftNode;
import io.firn.controller.request.ClusterDescription;
import io.firn.controller.request.ControllerRequests;
import io.firn.controller.request.Registrations;
import io.firn.controller.settings.ClusterConfigValidator;
import io.firn.controller.settings.TopicSettings;
import io.firn.protocol.CloseStack;
import io.firn.protocol.KafkaServer;
import io.firn.protocol.ServerConfig;
import io.firn.protocol.connection.InboundRequest;

import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.common.utils.internals.LogContext;
import org.apache.kafka.controller.QuorumController;
import org.apache.kafka.controller.QuorumFeatures;
import org.apache.kafka.metadata.SupportedConfigChecker;
import org.apache.kafka.metadata.bootstrap.BootstrapMetadata;
import org.apache.kafka.metadata.properties.MetaProperties;
import org.apache.kafka.raft.Endpoints;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;

/// One member of the Raft quorum that decides leadership: Kafka's `QuorumController` behind a port
/// for cluster members only.
public final class ControllerNode implements AutoCloseable {
    /// A broker that was silent this long is fenced.
    public static final Duration SESSION = Duration.ofSeconds(9);

    private static final Logger LOG = LoggerFactory.getLogger(ControllerNode.class);
    private static final Duration LEADER_BALANCE = Duration.ofMinutes(5);

    /// What `QuorumController` writes in one piece. An unclean registration (R11) changes every
    /// partition of the broker atomically; Kafka's 10,000 would keep a broker with more away for
    /// good. A partition's change has less than 80 bytes and Raft takes 8 MiB at once.
    private static final int MAX_RECORDS = 80_000;

    private final String name;
    private final Duration session;
    private final RaftFolder folder;
    private final Faults faults;
    private final ControllerMetrics metrics;
    private final Freshness freshness = new Freshness();
    private final String clusterId;
    private final KafkaServer server;
    private final Map<Integer, InetSocketAddress> voters;
    private final RaftNode raft;
    private final QuorumController controller;
    private volatile @Nullable ControllerRequests requests;

    private ControllerNode(ControllerConfig config, Duration session) throws Exception {
        this.session = session;
        this.name = "controller-" + config.nodeId();
        this.folder = RaftFolder.lock(config.dir());
        this.faults = new Faults(name, true);
        this.metrics = new ControllerMetrics(session);
        CloseStack opened = new CloseStack(name);
        opened.add(folder);
        try {
            MetaProperties properties = folder.formatted(config.nodeId(), config.clusterId());
            this.clusterId = properties.clusterId().orElseThrow();
            this.server =
                    opened.add(
                            KafkaServer.start(
                                    ServerConfig.of(name, config.host(), config.port())
                                            .withClusterKey(config.clusterKey()),
                                    this::handle));
            this.voters = votersOf(config, server.port());
            this.raft = opened.add(raft(config, properties.directoryId().orElseThrow()));
            this.controller = controller(config);
        } catch (Exception | Error e) {
            opened.close();
            throw e;
        }
        Registrations registrations = new Registrations();
        this.requests =
                new ControllerRequests(
                        raft.client(),
                        controller,
                        registrations,
                        new ClusterDescription(
                                clusterId,
                                voters,
                                () -> raft.client().leaderAndEpoch().leaderId().orElse(-1)));
        raft.start(voters, List.of(registrations, metrics.publisher(faults.passing()), freshness));
    }

    /// Formats the folder at the first start. Returns when it listens; it leads soon after.
    ///
    /// @throws IllegalStateException if the folder is in use, or of another node or cluster
    /// @throws java.io.UncheckedIOException if the port is taken or the folder cannot be written
    public static ControllerNode start(ControllerConfig config) {
        return start(config, SESSION);
    }

    static ControllerNode start(ControllerConfig config, Duration session) {
        try {
            return new ControllerNode(config, session);
        } catch (RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IllegalStateException(
                    "Cannot start controller %d in %s: %s"
                            .formatted(config.nodeId(), config.dir(), e.getMessage()),
                    e);
        }
    }

    public int port() {
        return server.port();
    }

    public String clusterId() {
        return clusterId;
    }

    /// For [FollowerConfig] and [ControllerClient]: with the real port.
    public Map<Integer, InetSocketAddress> voters() {
        return voters;
    }

    /// Whether this controller leads the quorum.
    public boolean isActive() {
        return controller.isActive();
    }

    /// Why this controller decides nothing now and knows of nobody who does, in words (`/health`);
    /// empty while all is well.
    public Optional<String> trouble() {
        return raft.client().leaderAndEpoch().leaderId().isEmpty()
                ? Optional.of("the controllers have no leader: a quorum of them is not there")
                : freshness.stale();
    }

    /// What it counts, for `/prometheus`.
    public List<ControllerGauge> gauges() {
        return metrics.gauges(() -> raft.client().leaderAndEpoch().epoch());
    }

    /// Completes exceptionally when this controller cannot go on; the process then has to restart.
    public CompletableFuture<Void> failure() {
        return faults.failure();
    }

    /// The first fault that only a restart mends, for `/health`.
    public Optional<String> fault() {
        return faults.standing();
    }

    RaftNode raft() {
        return raft;
    }

    private void handle(InboundRequest request) {
        ControllerRequests ready = requests;
        if (ready == null) {
            request.connection().close(); // the peer tries again
        } else {
            ready.handle(request);
        }
    }

    private RaftNode raft(ControllerConfig config, Uuid directoryId) {
        InetSocketAddress own = voters.getOrDefault(config.nodeId(), unresolvedSelf(config));
        return new RaftNode(
                name,
                OptionalInt.of(config.nodeId()),
                directoryId,
                clusterId,
                config.dir(),
                Endpoints.fromInetSocketAddresses(Map.of(RaftNode.LISTENER, own)),
                true,
                config.clusterKey(),
                faults);
    }

    private QuorumController controller(ControllerConfig config) throws Exception {
        return new QuorumController.Builder(config.nodeId(), clusterId)
                .setTime(Time.SYSTEM)
                .setThreadNamePrefix(name + "-")
                .setLogContext(new LogContext("[" + name + "] "))
                .setConfigSchema(TopicSettings.schema())
                .setRaftClient(raft.client())
                .setQuorumFeatures(
                        new QuorumFeatures(
                                config.nodeId(),
                                QuorumFeatures.defaultSupportedFeatureMap(false),
                                List.copyOf(voters.keySet())))
                .setDefaultReplicationFactor((short) 1)
                .setDefaultNumPartitions(1)
                .setSessionTimeoutNs(session.toNanos())
                .setLeaderImbalanceCheckIntervalNs(OptionalLong.of(LEADER_BALANCE.toNanos()))
                .setMaxIdleIntervalNs(OptionalLong.of(Freshness.IDLE.toNanos()))
                .setMaxRecordsPerBatch(MAX_RECORDS)
                .setMetrics(metrics.quorum())
                .setConfigurationValidator(new ClusterConfigValidator())
                .setSupportedConfigChecker(SupportedConfigChecker.TRUE)
                .setStaticConfig(TopicSettings.staticConfig())
                .setBootstrapMetadata(BootstrapMetadata.fromDirectory(config.dir()))
                .setFatalFaultHandler(faults.fatal())
                .setNonFatalFaultHandler(faults.passing())
                .build();
    }

    private static Map<Integer, InetSocketAddress> votersOf(ControllerConfig config, int port) {
        return config.voters().isEmpty()
                ? Map.of(config.nodeId(), new InetSocketAddress(reachable(config.host()), port))
                : config.voters();
    }

    private static InetSocketAddress unresolvedSelf(ControllerConfig config) {
        return InetSocketAddress.createUnresolved(config.host(), config.port());
    }

    private static String reachable(String host) {
        return host.equals("0.0.0.0") || host.equals("::") ? "127.0.0.1" : host;
    }

    /// Hands leadership over if there is somebody to take it, and closes port and log.
    @Override
    public void close() {
        LOG.info("{} stops", name);
        CloseStack.closeAll(
                name,
                controller::beginShutdown,
                raft::close,
                controller::close,
                server::close,
                metrics::close,
                folder::close);
    }
}
