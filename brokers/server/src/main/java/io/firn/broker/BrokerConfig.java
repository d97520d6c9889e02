package io.firn.broker;

import io.firn.catalog.client.CatalogClient;
import io.firn.controller.ClusterFollower;
import io.firn.controller.ControllerClient;
import io.firn.coordination.GroupSettings;
import io.firn.log.Durability;
import io.firn.log.LogSettings;
import io.firn.log.SegmentWrite;
import io.firn.objectstore.ObjectStore;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;

import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/// How one broker runs.
///
/// @param host it listens here, and registers it as where gateways and other brokers reach it
/// @param port 0 picks a free one
/// @param dataDir the log's folder: journal, checkpoints, partitions, and the broker's epoch
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
        int port,
        Path dataDir,
        byte[] clusterKey,
        ClusterFollower follower,
        ControllerClient controller,
        Optional<Tables> tables,
        Durability durability,
        long ringBytes,
        SegmentWrite segmentWrite,
        GroupSettings groups,
        Map<String, String> settings,
        int maxFetchBytes,
        MeterRegistry meters) {

    private static final int DEFAULT_MAX_FETCH_BYTES = 55 << 20;

    public BrokerConfig {
        settings = Map.copyOf(settings);
    }

    /// The catalog and the object store; both may be away when the broker starts and later (C11).
    /// The broker closes them.
    ///
    /// @param scratch data files are encoded here before their upload
    public record Tables(CatalogClient catalog, ObjectStore store, Path scratch) {}

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
                0,
                dataDir,
                clusterKey,
                follower,
                controller,
                Optional.empty(),
                Durability.STRICT,
                LogSettings.DEFAULT_RING_BYTES,
                SegmentWrite.DIRECT,
                GroupSettings.standalone(nodeId),
                Map.of(),
                DEFAULT_MAX_FETCH_BYTES,
                new SimpleMeterRegistry());
    }

    public BrokerConfig withAddress(String newHost, int newPort) {
        return new BrokerConfig(
                nodeId,
                newHost,
                newPort,
                dataDir,
                clusterKey,
                follower,
                controller,
                tables,
                durability,
                ringBytes,
                segmentWrite,
                groups,
                settings,
                maxFetchBytes,
                meters);
    }

    public BrokerConfig withTables(Tables past) {
        return new BrokerConfig(
                nodeId,
                host,
                port,
                dataDir,
                clusterKey,
                follower,
                controller,
                Optional.of(past),
                durability,
                ringBytes,
                segmentWrite,
                groups,
                settings,
                maxFetchBytes,
                meters);
    }

    public BrokerConfig withDurability(Durability mode, long journalBytes) {
        return new BrokerConfig(
                nodeId,
                host,
                port,
                dataDir,
                clusterKey,
                follower,
                controller,
                tables,
                mode,
                journalBytes,
                segmentWrite,
                groups,
                settings,
                maxFetchBytes,
                meters);
    }

    public BrokerConfig withSegmentWrite(SegmentWrite how) {
        return new BrokerConfig(
                nodeId,
                host,
                port,
                dataDir,
                clusterKey,
                follower,
                controller,
                tables,
                durability,
                ringBytes,
                how,
                groups,
                settings,
                maxFetchBytes,
                meters);
    }

    public BrokerConfig withGroups(GroupSettings how) {
        return new BrokerConfig(
                nodeId,
                host,
                port,
                dataDir,
                clusterKey,
                follower,
                controller,
                tables,
                durability,
                ringBytes,
                segmentWrite,
                how,
                settings,
                maxFetchBytes,
                meters);
    }

    public BrokerConfig withSettings(Map<String, String> shown) {
        return new BrokerConfig(
                nodeId,
                host,
                port,
                dataDir,
                clusterKey,
                follower,
                controller,
                tables,
                durability,
                ringBytes,
                segmentWrite,
                groups,
                shown,
                maxFetchBytes,
                meters);
    }

    public BrokerConfig withMeters(MeterRegistry registry) {
        return new BrokerConfig(
                nodeId,
                host,
                port,
                dataDir,
                clusterKey,
                follower,
                controller,
                tables,
                durability,
                ringBytes,
                segmentWrite,
                groups,
                settings,
                maxFetchBytes,
                registry);
    }
}
