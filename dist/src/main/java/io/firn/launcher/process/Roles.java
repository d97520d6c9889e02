package io.firn.launcher.process;

import io.firn.broker.BrokerNode;
import io.firn.coordination.GroupSettings;
import io.firn.gateway.DirectListener;
import io.firn.gateway.GatewayConfig;
import io.firn.launcher.settings.Addresses;
import io.firn.launcher.settings.Setting;
import io.firn.launcher.settings.Settings;
import io.firn.log.Durability;
import io.firn.log.SegmentWrite;
import io.firn.protocol.ConnectionLimits;
import io.micrometer.core.instrument.MeterRegistry;

import java.time.Duration;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// From settings to the configuration of each role; the same for `standalone` and for separate
/// processes.
final class Roles {
    private Roles() {}

    static GatewayConfig gateway(Settings settings, byte[] clusterKey, MeterRegistry meters) {
        return new GatewayConfig(
                settings.text(Setting.HOST),
                settings.port(Setting.KAFKA_PORT),
                advertisedHost(settings),
                settings.port(Setting.ADVERTISED_PORT),
                clusterKey,
                "public",
                settings.flag(Setting.AUTO_CREATE),
                settings.number(Setting.NUM_PARTITIONS),
                meters,
                limits(settings));
    }

    /// The broker's listener for clients of one tenant, if there is to be one.
    static Optional<DirectListener> direct(
            Settings settings,
            byte[] clusterKey,
            MeterRegistry meters,
            Assembly.Cluster cluster,
            BrokerNode broker) {
        if (settings.text(Setting.DIRECT_PORT).isEmpty()) {
            return Optional.empty();
        }
        GatewayConfig config =
                new GatewayConfig(
                        settings.text(Setting.HOST),
                        settings.port(Setting.DIRECT_PORT),
                        advertisedHost(settings),
                        0,
                        clusterKey,
                        settings.tenant(Setting.DIRECT_TENANT),
                        settings.flag(Setting.AUTO_CREATE),
                        settings.number(Setting.NUM_PARTITIONS),
                        meters,
                        limits(settings));
        return Optional.of(
                DirectListener.start(
                        config, cluster.image(), cluster.controller()::send, broker.handler()));
    }

    private static GatewayConfig.Limits limits(Settings settings) {
        return GatewayConfig.Limits.DEFAULT
                .withConnections(
                        new ConnectionLimits(
                                Duration.ofMillis(settings.number(Setting.MAX_IDLE)),
                                settings.number(Setting.MAX_CONNECTIONS),
                                settings.number(Setting.MAX_CONNECTIONS_PER_IP)))
                .withBrokerTimeout(Duration.ofMillis(settings.number(Setting.REQUEST_TIMEOUT)));
    }

    /// @throws StartupException when it would be one that nobody can connect to (D10)
    static String advertisedHost(Settings settings) {
        return Addresses.advertised(settings);
    }

    static Durability durability(Settings settings) {
        return Durability.valueOf(settings.text(Setting.DURABILITY).toUpperCase(Locale.ROOT));
    }

    static SegmentWrite segmentWrite(Settings settings) {
        return SegmentWrite.valueOf(settings.text(Setting.SEGMENT_WRITE).toUpperCase(Locale.ROOT));
    }

    static GroupSettings groups(Settings settings, int nodeId) {
        return new GroupSettings(
                nodeId,
                settings.number(Setting.OFFSETS_PARTITIONS),
                1,
                Duration.ofMillis(settings.number(Setting.REBALANCE_DELAY)),
                Map.of());
    }

    /// What DescribeConfigs shows of a broker.
    static Map<String, String> shown(Settings settings) {
        var shown = new HashMap<String, String>();
        for (Setting setting :
                new Setting[] {Setting.DURABILITY, Setting.AUTO_CREATE, Setting.NUM_PARTITIONS}) {
            shown.put(setting.key(), settings.text(setting));
        }
        return shown;
    }
}
