package io.firn.broker;

import io.firn.broker.cold.Tables;
import io.firn.controller.member.ClusterFollower;
import io.firn.controller.member.ControllerClient;
import io.firn.coordination.GroupSettings;
import io.firn.log.Durability;
import io.firn.log.LogSettings;
import io.firn.log.SegmentWrite;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/// How one broker runs.
///
/// @param host it listens here
/// @param advertisedHost it registers this as where gateways and other brokers reach it
/// @param port 0 picks a free one
/// @param dataDir the log's folder: journal, checkpoints, partitions, and the broker's epoch
/// @param keepStrays how long logs are kept that the cluster knows nothing of (L14)
/// @param clusterKey the secret of the cluster's members; every connection proves it (G6)
/// @param follower the image; not closed by the broker
/// @param controller for changes; not closed by the broker
/// @param tables where the past goes; empty: every topic stays hot
/// @param settings what DescribeConfigs shows of this broker besides Kafka's topic defaults
/// @param maxFetchBytes of one response, whatever the client allows
@SuppressWarnings("ArrayRecordComponent") // a key is never compared
public record BrokerConfig(
        int nodeId,
        String host,
        String advertisedHost,
        int port,
        Path dataDir,
        byte[] clusterKey,
        ClusterFollower follower,
        ControllerClient controller,
        Optional<Tables> tables,
        Durability durability,
        long ringBytes,
        SegmentWrite segmentWrite,
        Duration keepStrays,
        GroupSettings groups,
        Map<String, String> settings,
        int maxFetchBytes,
        MeterRegistry meters) {

    private static final int DEFAULT_MAX_FETCH_BYTES = 55 << 20;

    /// Kafka's setting for topics that do not say how many partitions they want.
    private static final String NUM_PARTITIONS = "num.partitions";

    public BrokerConfig {
        settings = Map.copyOf(settings);
    }

    /// Partitions of a topic that does not say how many: what DescribeConfigs shows is what holds.
    int defaultPartitions() {
        return Integer.parseInt(settings.getOrDefault(NUM_PARTITIONS, "1"));
    }

    /// A broker on loopback with everything hot.
    public static BrokerConfig of(
            int nodeId,
            Path dataDir,
            byte[] clusterKey,
            ClusterFollower follower,
            ControllerClient controller) {
        return new BrokerConfig(
                nodeId,
                "127.0.0.1",
                "127.0.0.1",
                0,
                dataDir,
                clusterKey,
                follower,
                controller,
                Optional.empty(),
                Durability.STRICT,
                LogSettings.DEFAULT_RING_BYTES,
                SegmentWrite.DIRECT,
                LogSettings.DEFAULT_KEEP_STRAYS,
                GroupSettings.standalone(nodeId),
                Map.of(),
                DEFAULT_MAX_FETCH_BYTES,
                new SimpleMeterRegistry());
    }

    /// Listens there, and says so to the cluster.
    public BrokerConfig withAddress(String newHost, int newPort) {
        return with(
                f -> {
                    f.host = newHost;
                    f.advertisedHost = newHost;
                    f.port = newPort;
                });
    }

    /// What the cluster is told instead of the host that it listens on.
    public BrokerConfig withAdvertisedHost(String newHost) {
        return with(f -> f.advertisedHost = newHost);
    }

    public BrokerConfig withTables(Tables past) {
        return with(f -> f.tables = Optional.of(past));
    }

    public BrokerConfig withDurability(Durability mode, long journalBytes) {
        return with(
                f -> {
                    f.durability = mode;
                    f.ringBytes = journalBytes;
                });
    }

    public BrokerConfig withSegmentWrite(SegmentWrite how) {
        return with(f -> f.segmentWrite = how);
    }

    public BrokerConfig withKeepStrays(Duration time) {
        return with(f -> f.keepStrays = time);
    }

    public BrokerConfig withGroups(GroupSettings how) {
        return with(f -> f.groups = how);
    }

    public BrokerConfig withSettings(Map<String, String> shown) {
        return with(f -> f.settings = shown);
    }

    public BrokerConfig withMeters(MeterRegistry registry) {
        return with(f -> f.meters = registry);
    }

    private BrokerConfig with(Consumer<Fields> change) {
        var fields = new Fields(this);
        change.accept(fields);
        return fields.together();
    }

    /// What the record has, to be changed one by one.
    private static final class Fields {
        final int nodeId;
        String host;
        String advertisedHost;
        int port;
        final Path dataDir;
        final byte[] clusterKey;
        final ClusterFollower follower;
        final ControllerClient controller;
        Optional<Tables> tables;
        Durability durability;
        long ringBytes;
        SegmentWrite segmentWrite;
        Duration keepStrays;
        GroupSettings groups;
        Map<String, String> settings;
        final int maxFetchBytes;
        MeterRegistry meters;

        Fields(BrokerConfig from) {
            nodeId = from.nodeId;
            host = from.host;
            advertisedHost = from.advertisedHost;
            port = from.port;
            dataDir = from.dataDir;
            clusterKey = from.clusterKey;
            follower = from.follower;
            controller = from.controller;
            tables = from.tables;
            durability = from.durability;
            ringBytes = from.ringBytes;
            segmentWrite = from.segmentWrite;
            keepStrays = from.keepStrays;
            groups = from.groups;
            settings = from.settings;
            maxFetchBytes = from.maxFetchBytes;
            meters = from.meters;
        }

        BrokerConfig together() {
            return new BrokerConfig(
                    nodeId,
                    host,
                    advertisedHost,
                    port,
                    dataDir,
                    clusterKey,
                    follower,
                    controller,
                    tables,
                    durability,
                    ringBytes,
                    segmentWrite,
                    keepStrays,
                    groups,
                    settings,
                    maxFetchBytes,
                    meters);
        }
    }
}
