package io.firn.controller.raft;

import io.firn.protocol.CloseStack;

import org.apache.kafka.clients.NetworkClient;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.internals.Topic;
import org.apache.kafka.common.metrics.Metrics;
import org.apache.kafka.common.network.ListenerName;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.common.utils.internals.LogContext;
import org.apache.kafka.image.MetadataProvenance;
import org.apache.kafka.image.loader.MetadataLoader;
import org.apache.kafka.image.loader.metrics.MetadataLoaderMetrics;
import org.apache.kafka.image.publisher.MetadataPublisher;
import org.apache.kafka.image.publisher.SnapshotEmitter;
import org.apache.kafka.image.publisher.SnapshotGenerator;
import org.apache.kafka.metadata.MetadataRecordSerde;
import org.apache.kafka.raft.Endpoints;
import org.apache.kafka.raft.FileQuorumStateStore;
import org.apache.kafka.raft.KafkaNetworkChannel;
import org.apache.kafka.raft.KafkaRaftClient;
import org.apache.kafka.raft.KafkaRaftClientDriver;
import org.apache.kafka.raft.MetadataLogConfig;
import org.apache.kafka.raft.QuorumConfig;
import org.apache.kafka.raft.TimingWheelExpirationService;
import org.apache.kafka.raft.internals.KafkaRaftLog;
import org.apache.kafka.server.common.ApiMessageAndVersion;
import org.apache.kafka.server.common.Feature;
import org.apache.kafka.server.util.KafkaScheduler;
import org.apache.kafka.server.util.timer.SystemTimer;
import org.apache.kafka.storage.internals.log.UnifiedLog;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicReference;

/// Kafka's Raft client with all that it needs: log, network, timers, image loader, snapshots. A
/// controller is a voter in it, every other node an observer.
public final class RaftNode implements AutoCloseable {
    public static final ListenerName LISTENER = new ListenerName("CONTROLLER");

    private static final int REQUEST_TIMEOUT_MS = 2_000;
    private static final int FETCH_TIMEOUT_MS = 2_000;
    private static final int SNAPSHOT_AFTER_BYTES = 20 * 1024 * 1024;
    private static final int CLOSE_TIMEOUT_MS = 2_000;

    private final String name;
    private final Faults faults;
    private final Metrics metrics = new Metrics();
    private final KafkaScheduler scheduler;
    private final KafkaRaftLog log;
    private final KafkaNetworkChannel network;
    private final SystemTimer timer;
    private final TimingWheelExpirationService expiration;
    private final KafkaRaftClient<ApiMessageAndVersion> client;
    private final KafkaRaftClientDriver<ApiMessageAndVersion> driver;
    private final MetadataLoader loader;
    private final SnapshotGenerator snapshots;
    private final Path logDir;

    /// @param nodeId empty for an observer without a name
    /// @param endpoints where this node serves Raft; empty for an observer
    /// @param voter whether it may vote; its log is then synced before it answers
    /// @param clusterKey proves to controllers that this node is a member
    public RaftNode(
            String name,
            OptionalInt nodeId,
            Uuid directoryId,
            String clusterId,
            Path dir,
            Endpoints endpoints,
            boolean voter,
            byte[] clusterKey,
            Faults faults) {
        this.name = name;
        this.faults = faults;
        this.logDir = dir.resolve(UnifiedLog.logDirName(Topic.CLUSTER_METADATA_TOPIC_PARTITION));
        if (voter) { // a follower's damage mends itself: the log comes again from the leader
            MetadataLogCheck.requireWhole(logDir);
        }
        requireQuorumState();
        LogContext context = new LogContext("[" + name + "] ");
        QuorumConfig quorum = quorumConfig();
        this.scheduler = new KafkaScheduler(1, true, name + "-raft-scheduler-");
        scheduler.startup();
        this.log = openLog(nodeId.orElse(-1));
        this.network =
                new KafkaNetworkChannel(
                        Time.SYSTEM,
                        LISTENER,
                        networkClient(context, clusterKey),
                        REQUEST_TIMEOUT_MS,
                        name);
        this.timer = new SystemTimer(name + "-raft-expiration");
        this.expiration = new TimingWheelExpirationService(timer);
        this.client =
                new KafkaRaftClient<>(
                        nodeId,
                        directoryId,
                        MetadataRecordSerde.INSTANCE,
                        network,
                        log,
                        Time.SYSTEM,
                        expiration,
                        context,
                        voter,
                        clusterId,
                        List.of(),
                        endpoints,
                        Feature.KRAFT_VERSION.supportedVersionRange(),
                        quorum);
        this.driver = new KafkaRaftClientDriver<>(client, name, faults.fatal(), context);
        this.loader = loader(nodeId.orElse(-1));
        this.snapshots = snapshots(nodeId.orElse(-1));
    }

    /// Begins to take part.
    ///
    /// @param publishers called in this order at every change of the image
    public void start(
            Map<Integer, InetSocketAddress> voters, List<? extends MetadataPublisher> publishers) {
        client.register(new RemovalsApart(loader));
        client.initialize(
                voters, new FileQuorumStateStore(quorumState().toFile()), metrics, ignored -> {});
        network.start();
        driver.start();
        loader.installPublishers(publishers);
        loader.installPublishers(List.of(snapshots));
    }

    public KafkaRaftClient<ApiMessageAndVersion> client() {
        return client;
    }

    public MetadataLoader loader() {
        return loader;
    }

    public SnapshotGenerator snapshots() {
        return snapshots;
    }

    private Path quorumState() {
        return logDir.resolve(FileQuorumStateStore.DEFAULT_FILE_NAME);
    }

    /// A damaged vote is told before anything is open.
    private void requireQuorumState() {
        try {
            new FileQuorumStateStore(quorumState().toFile()).readElectionState();
        } catch (RuntimeException e) {
            Throwable why = e.getCause() == null ? e : e.getCause();
            throw new IllegalStateException(
                    "Cannot read %s: the file is damaged (%s). With one controller, delete it: it holds the last vote only, and the log beside it has the epoch. With several, restore it from a copy, since a vote that is forgotten could be given twice."
                            .formatted(
                                    quorumState(),
                                    String.valueOf(why.getMessage())
                                            .lines()
                                            .findFirst()
                                            .orElse("")),
                    e);
        }
    }

    private KafkaRaftLog openLog(int nodeId) {
        try {
            Files.createDirectories(logDir);
            return KafkaRaftLog.createLog(
                    Topic.CLUSTER_METADATA_TOPIC_PARTITION,
                    Uuid.METADATA_TOPIC_ID,
                    logDir.toFile(),
                    Time.SYSTEM,
                    scheduler,
                    new MetadataLogConfig(
                            new AbstractConfig(MetadataLogConfig.CONFIG_DEF, Map.of(), false)),
                    nodeId);
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "%s cannot open the metadata log in %s: %s"
                            .formatted(name, logDir, e.getMessage()),
                    e);
        }
    }

    private NetworkClient networkClient(LogContext context, byte[] clusterKey) {
        return Connections.client(
                name + "-raft", metrics, "raft", REQUEST_TIMEOUT_MS, clusterKey, context);
    }

    private MetadataLoader loader(int nodeId) {
        return new MetadataLoader.Builder()
                .setNodeId(nodeId)
                .setTime(Time.SYSTEM)
                .setThreadNamePrefix(name + "-")
                .setFaultHandler(faults.loading())
                .setHighWaterMarkAccessor(client::highWatermark)
                .setMetrics(
                        new MetadataLoaderMetrics(
                                Optional.empty(),
                                elapsed -> {},
                                size -> {},
                                new AtomicReference<>(MetadataProvenance.EMPTY)))
                .build();
    }

    private SnapshotGenerator snapshots(int nodeId) {
        return new SnapshotGenerator.Builder(
                        new SnapshotEmitter.Builder()
                                .setNodeId(nodeId)
                                .setRaftClient(client)
                                .build())
                .setNodeId(nodeId)
                .setTime(Time.SYSTEM)
                .setFaultHandler(faults.passing())
                .setMaxBytesSinceLastSnapshot(SNAPSHOT_AFTER_BYTES)
                .setMaxTimeSinceLastSnapshotNs(Duration.ofHours(1).toNanos())
                .setDisabledReason(faults.snapshotsDisabled())
                .setThreadNamePrefix(name + "-")
                .build();
    }

    private static QuorumConfig quorumConfig() {
        Map<String, Object> values = new HashMap<>();
        values.put(QuorumConfig.QUORUM_LINGER_MS_CONFIG, 0);
        values.put(QuorumConfig.QUORUM_REQUEST_TIMEOUT_MS_CONFIG, REQUEST_TIMEOUT_MS);
        values.put(QuorumConfig.QUORUM_FETCH_TIMEOUT_MS_CONFIG, FETCH_TIMEOUT_MS);
        values.put(QuorumConfig.QUORUM_ELECTION_TIMEOUT_MS_CONFIG, 600);
        values.put(QuorumConfig.QUORUM_ELECTION_BACKOFF_MAX_MS_CONFIG, 500);
        return new QuorumConfig(new AbstractConfig(QuorumConfig.CONFIG_DEF, values, false));
    }

    public OptionalLong highWatermark() {
        return client.highWatermark();
    }

    /// Stops in the order in which Kafka's server does; a leader resigns first.
    @Override
    public void close() {
        CloseStack.closeAll(
                name,
                loader::beginShutdown,
                expiration::shutdown,
                timer::close,
                driver::shutdown,
                network::close,
                loader::close,
                snapshots::close,
                client::close,
                scheduler::shutdown,
                log::close,
                metrics::close);
    }
}
