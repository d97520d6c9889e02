package io.firn.broker;

import io.firn.broker.admin.AlterConfigsHandler;
import io.firn.broker.admin.ConfigDescriber;
import io.firn.broker.admin.CreatePartitionsHandler;
import io.firn.broker.admin.CreateTopicsHandler;
import io.firn.broker.admin.DeleteTopicsHandler;
import io.firn.broker.admin.DescribeConfigsHandler;
import io.firn.broker.admin.DescribeLogDirsHandler;
import io.firn.broker.admin.ToController;
import io.firn.broker.cluster.ClusterChanges;
import io.firn.broker.cluster.DeletedTopics;
import io.firn.broker.cluster.EpochFile;
import io.firn.broker.cluster.LogMetrics;
import io.firn.broker.cluster.LostLogs;
import io.firn.broker.cluster.StrayTopics;
import io.firn.broker.cold.ColdTier;
import io.firn.broker.cold.TableTier;
import io.firn.broker.fetch.ColdAnswers;
import io.firn.broker.fetch.FetchHandler;
import io.firn.broker.fetch.PartitionReader;
import io.firn.broker.fetch.PendingFetch;
import io.firn.broker.group.GroupHandlers;
import io.firn.broker.offsets.DeleteRecordsHandler;
import io.firn.broker.offsets.ListOffsetsHandler;
import io.firn.broker.offsets.OffsetFinder;
import io.firn.broker.offsets.OffsetForLeaderEpochHandler;
import io.firn.broker.partition.PartitionTable;
import io.firn.broker.produce.DescribeProducersHandler;
import io.firn.broker.produce.DiskWatermark;
import io.firn.broker.produce.InitProducerIdHandler;
import io.firn.broker.produce.ProduceHandler;
import io.firn.broker.produce.ProducerIds;
import io.firn.broker.produce.ProducerPauses;
import io.firn.broker.produce.TopicRules;
import io.firn.broker.request.BrokerMetrics;
import io.firn.broker.request.Handler;
import io.firn.controller.image.BrokerState;
import io.firn.controller.image.ClusterImage;
import io.firn.controller.member.BrokerSession;
import io.firn.controller.member.ClusterFollower;
import io.firn.controller.member.SessionConfig;
import io.firn.coordination.CoordinatorLogs;
import io.firn.coordination.GroupCoordination;
import io.firn.log.HotLog;
import io.firn.log.LogSettings;
import io.firn.log.PartitionLog;
import io.firn.protocol.CloseStack;
import io.firn.protocol.KafkaServer;
import io.firn.protocol.ServerConfig;
import io.firn.protocol.connection.RequestHandler;

import org.apache.kafka.common.TopicIdPartition;
import org.apache.kafka.common.protocol.ApiKeys;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// A broker: hot log, handlers, groups, and the way to the table. Serves while the catalog and the
/// object store are away (C11).
public final class BrokerNode implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(BrokerNode.class);
    private static final Duration CATCH_UP = Duration.ofSeconds(60);
    private static final long SHUTDOWN_SECONDS = 3;

    /// So many are named.
    private static final int FEW = 3;

    private final BrokerConfig config;
    private final BrokerThreads threads;
    private final HotLog hotLog;
    private final DiskWatermark disk;
    private final ProducerPauses pauses;
    private final ColdTier cold;
    private final LostLogs lost;
    private final PartitionTable table;
    private final BrokerMetrics metrics;
    private final GroupCoordination groups;
    private final Dispatcher dispatcher;
    private final KafkaServer server;
    private final BrokerSession session;
    private final ClusterFollower.Subscriber changes;

    /// Returns when the broker is registered and has what the cluster knew of it; it leads from
    /// then on, as soon as the controller counts it as alive.
    public static BrokerNode start(BrokerConfig config) {
        return new BrokerNode(config);
    }

    private BrokerNode(BrokerConfig config) {
        this.config = config;
        CloseStack opened = new CloseStack("broker-" + config.nodeId());
        try {
            this.threads = opened.add(new BrokerThreads(config.nodeId()));
            this.metrics = new BrokerMetrics(config.meters());
            StrayTopics strays = new StrayTopics();
            this.hotLog = opened.add(HotLog.open(logSettings(config).withMayForget(strays::mayGo)));
            this.pauses = new ProducerPauses(hotLog.appendGate());
            this.disk = new DiskWatermark(config.dataDir(), hotLog::usableBytes);
            threads.timer.scheduleWithFixedDelay(disk::look, 0, 1, TimeUnit.SECONDS);
            this.table =
                    new PartitionTable(config.nodeId(), this::openLog, config.follower().image());
            this.cold =
                    opened.add(
                            config.tables()
                                    .<ColdTier>map(
                                            tables ->
                                                    new TableTier(
                                                            tables,
                                                            config.dataDir().resolve("cold-memory"),
                                                            table::image,
                                                            config.meters(),
                                                            hotLog::knows,
                                                            hotLog::lastGroup,
                                                            hotLog::holdDeletions))
                                    .orElse(ColdTier.NONE));
            this.lost = new LostLogs(hotLog, cold);
            this.groups =
                    opened.add(
                            GroupCoordination.start(
                                    config.groups(),
                                    CoordinatorLogs.of(hotLog, config.follower()::image),
                                    config.follower(),
                                    config.controller()));
            this.dispatcher = new Dispatcher(handlers(), new GroupHandlers(groups));
            this.server =
                    opened.add(
                            KafkaServer.start(
                                    ServerConfig.of(
                                                    "broker-" + config.nodeId(),
                                                    config.host(),
                                                    config.port())
                                            .withClusterKey(config.clusterKey()),
                                    dispatcher));
            var epochs = new EpochFile(config.dataDir());
            boolean isOther = folderIsOther(epochs.read());
            this.session = opened.add(register(epochs));
            hotLog.failed()
                    .thenAccept(why -> session.directoryFailed(hotLog.directoryId())); // R20, L4
            ClusterChanges follows =
                    new ClusterChanges(
                            table,
                            hotLog,
                            cold,
                            strays,
                            DeletedTopics.open(config.dataDir().resolve("deleted-topics")),
                            threads.housekeeping);
            this.changes = follows;
            config.follower().awaitCaughtUp(CATCH_UP);
            lost.look(config.follower().image(), config.nodeId(), isOther);
            follow();
            follows.compareLogs(config.follower().image());
            measure();
        } catch (RuntimeException | Error e) {
            opened.close();
            throw e;
        }
        LOG.info(
                "Broker {} serves on {}:{} with epoch {}, {} partitions on disk",
                config.nodeId(),
                config.host(),
                port(),
                session.epoch(),
                hotLog.known().size());
    }

    /// Returns when this broker leads what the image says.
    private void follow() {
        try {
            config.follower().subscribe(changes).get(CATCH_UP.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException | TimeoutException e) {
            throw new IllegalStateException(
                    "Broker %d could not follow its first image of the cluster; restart it"
                            .formatted(config.nodeId()),
                    e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("Interrupted while following the cluster", e);
        }
    }

    private static LogSettings logSettings(BrokerConfig config) {
        return LogSettings.of(config.dataDir())
                .withDurability(config.durability())
                .withRingBytes(config.ringBytes())
                .withNodeId(config.nodeId())
                .withClusterId(config.follower().image().clusterId())
                .withNewDirectoryId(knownDirectory(config))
                .withSegmentWrite(config.segmentWrite())
                .withKeepStrays(config.keepStrays())
                .withListener(new LogMetrics(config.meters()));
    }

    /// A folder that was lost gets the id that the cluster knows: by another one all partitions
    /// that are assigned to this broker's folder would be offline for ever. That it is empty says
    /// the broker's epoch, which it does not have (R21).
    private static String knownDirectory(BrokerConfig config) {
        var known = config.follower().image().kafka().cluster().broker(config.nodeId());
        return known == null || known.directories().size() != 1
                ? ""
                : known.directories().getFirst().toString();
    }

    /// Whether the data folder does not have the epoch of this broker's last registration, as the
    /// cluster knows it: then it, or the metadata, is not what this broker last ran with (C2, L14).
    ///
    /// @param here what the folder has
    private boolean folderIsOther(long here) {
        long known =
                config.follower()
                        .image()
                        .broker(config.nodeId())
                        .map(BrokerState::epoch)
                        .orElse(-1L);
        if (here == known) {
            return false;
        }
        LOG.error(
                "{} was last used by broker {} at epoch {}, and the cluster last knew this broker at epoch {}: {}. Logs of topics with a table are compared with their tables before they are used; of all others, records that were acknowledged and are not in the folder are lost, and their offsets will be given again. If that is not meant, stop now and put the right folder back",
                config.dataDir(),
                config.nodeId(),
                here,
                known,
                here < known
                        ? "the folder is new or an older copy"
                        : "the cluster's metadata (raft/) is new or an older copy");
        return true;
    }

    private BrokerSession register(EpochFile epochs) {
        long previous = hotLog.unclean() ? -1 : epochs.read();
        return BrokerSession.start(
                SessionConfig.of(
                        config.nodeId(),
                        config.follower().image().clusterId(),
                        config.advertisedHost(),
                        server.port(),
                        hotLog.directoryId(),
                        previous),
                config.controller(),
                config.follower(),
                epochs::write); // R21: synced before anything is led
    }

    private Map<ApiKeys, Handler> handlers() {
        Map<ApiKeys, Handler> all = new EnumMap<>(ApiKeys.class);
        ToController controller = new ToController(config.controller(), config.follower());
        PendingFetch.Services fetches =
                new PendingFetch.Services(
                        new PartitionReader(cold, metrics),
                        threads.fetches,
                        config.maxFetchBytes(),
                        ColdAnswers.ofHeap(),
                        metrics);
        AlterConfigsHandler alterConfigs = new AlterConfigsHandler(controller);
        all.put(
                ApiKeys.PRODUCE,
                new ProduceHandler(table, new TopicRules(table::image), disk, pauses, metrics));
        all.put(ApiKeys.FETCH, new FetchHandler(table, fetches));
        all.put(
                ApiKeys.LIST_OFFSETS,
                new ListOffsetsHandler(table, new OffsetFinder(cold), threads.waiting));
        all.put(
                ApiKeys.OFFSET_FOR_LEADER_EPOCH,
                new OffsetForLeaderEpochHandler(table, cold, threads.waiting));
        all.put(ApiKeys.DELETE_RECORDS, new DeleteRecordsHandler(table, threads.waiting));
        all.put(
                ApiKeys.INIT_PRODUCER_ID,
                new InitProducerIdHandler(
                        new ProducerIds(
                                config.nodeId(), () -> session().epoch(), config.controller())));
        all.put(ApiKeys.DESCRIBE_PRODUCERS, new DescribeProducersHandler(table, threads.waiting));
        all.put(
                ApiKeys.DESCRIBE_LOG_DIRS,
                new DescribeLogDirsHandler(table, hotLog, config.dataDir(), threads.waiting));
        all.put(
                ApiKeys.CREATE_TOPICS,
                new CreateTopicsHandler(controller, config.defaultPartitions()));
        all.put(ApiKeys.DELETE_TOPICS, new DeleteTopicsHandler(controller, table::image));
        all.put(ApiKeys.CREATE_PARTITIONS, new CreatePartitionsHandler(controller));
        all.put(
                ApiKeys.DESCRIBE_CONFIGS,
                new DescribeConfigsHandler(table::image, new ConfigDescriber(config.settings())));
        all.put(ApiKeys.ALTER_CONFIGS, alterConfigs);
        all.put(ApiKeys.INCREMENTAL_ALTER_CONFIGS, alterConfigs);
        return all;
    }

    private PartitionLog openLog(TopicIdPartition partition, ClusterImage image) {
        return lost.open(partition, image);
    }

    /// Asked for by handlers that were made before the broker was registered.
    private BrokerSession session() {
        return session;
    }

    private void measure() {
        metrics.gauge(
                "firn.partitions.led",
                "Partitions that this broker leads",
                () -> table.all().size());
        metrics.gauge(
                "firn.groups.bytes",
                "What consumer groups hold of their share of the heap",
                groups.memory()::bytes);
        metrics.gauge(
                "firn.groups.refused",
                "Requests of groups for which there was no room in it",
                groups.memory()::refusals);
        metrics.gauge(
                "firn.log.disk.free.bytes",
                "Room on the data disk; below 256 MiB producers are refused",
                disk::usableBytes);
        metrics.gauge(
                "firn.log.suspect",
                "Logs that are not used because their bytes cannot be trusted",
                hotLog::suspectLogs);
        metrics.gauge(
                "firn.log.broken", "Logs that failed and are offline alone", hotLog::brokenLogs);
        metrics.gauge(
                "firn.log.producers",
                "Producers whose sequences are remembered, in each partition",
                hotLog.producers()::held);
        metrics.gauge(
                "firn.produce.paused",
                "Connections that are not read because the disk has enough to write",
                pauses::count);
        metrics.gauge(
                "firn.fetch.waiting",
                "Partitions' waits of fetches for more records",
                () -> table.all().stream().mapToInt(led -> led.waitlist().size()).sum());
    }

    public int port() {
        return server.port();
    }

    /// Epoch of this registration.
    public long epoch() {
        return session.epoch();
    }

    /// Waits until the controller counts this broker as alive.
    public void awaitReady(Duration timeout) {
        session.awaitUnfenced(timeout);
    }

    /// Completes exceptionally, with the reason, when this broker must not go on: another process
    /// registered with its id, or it was unregistered. Its process should stop then.
    public CompletableFuture<Void> failed() {
        return session.lost().copy();
    }

    /// What clients want more memory for than there is, in words (`/health`); empty while they do
    /// not.
    public Optional<String> memoryTrouble() {
        return server.trouble().or(hotLog.producers()::trouble);
    }

    /// Why this broker cannot do its work now, in words (`/health`); empty while it can.
    public Optional<String> trouble() {
        return hotLog.offlineReason().or(session::trouble);
    }

    /// Why producers are refused although this broker works: its disk is full (C11).
    public Optional<String> diskTrouble() {
        return disk.trouble();
    }

    /// Which logs need somebody to look at them while the others go on (L14, L3).
    public Optional<String> logTrouble() {
        List<String> all = new ArrayList<>();
        tell(all, hotLog.suspectLogs(), "suspect and not used");
        tell(all, hotLog.brokenLogs(), "broken until the next start");
        tell(all, cold.stuckPartitions(), "that do not get into their tables");
        tell(all, lost.waiting(), "not usable before the catalog has said where they go on");
        tell(all, lost.begunAnew(), "begun anew behind their tables at this start");
        List<String> leaderless = leaderless();
        tell(
                all,
                leaderless.size(),
                "of this broker that nobody leads, the first %s"
                        .formatted(leaderless.stream().limit(FEW).toList()));
        tell(
                all,
                hotLog.uncleanable().size(),
                "without retention and compaction until the next start");
        return all.isEmpty()
                ? Optional.empty()
                : Optional.of("logs that need a look: " + String.join(", ", all));
    }

    /// While this broker is fenced it leads nothing, which [#trouble] says.
    private List<String> leaderless() {
        ClusterImage image = table.image();
        return image.broker(config.nodeId()).filter(it -> !it.fenced()).isPresent()
                ? image.leaderless(config.nodeId())
                : List.of();
    }

    private static void tell(List<String> all, int count, String what) {
        if (count > 0) {
            all.add("%d %s".formatted(count, what));
        }
    }

    /// Connections that are not read because the disk has enough to write (L10).
    int pausedConnections() {
        return pauses.count();
    }

    /// What serves requests, for a listener in the same process.
    public RequestHandler handler() {
        return dispatcher;
    }

    /// The hot log, for inspectors.
    public HotLog hotLog() {
        return hotLog;
    }

    /// Hands leaderships over, finishes what was begun and closes the log. Takes seconds.
    @Override
    public void close() {
        try {
            session.controlledShutdown().get(SHUTDOWN_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException e) {
            LOG.warn(
                    "Broker {} stops without the controller's consent: {}",
                    config.nodeId(),
                    e.toString());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        config.follower().unsubscribe(changes);
        server.close();
        session.close();
        groups.close();
        closeQuietly(cold);
        threads.close();
        hotLog.close();
        LOG.info("Broker {} has stopped", config.nodeId());
    }

    private static void closeQuietly(AutoCloseable part) {
        try {
            part.close();
        } catch (Exception e) {
            LOG.warn("Cannot close {}", part, e);
        }
    }
}
