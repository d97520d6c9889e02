package io.firn.controller.settings;

import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.coordinator.group.GroupCoordinatorConfig;
import org.apache.kafka.network.SocketServerConfigs;
import org.apache.kafka.server.config.QuotaConfig;
import org.apache.kafka.server.config.ReplicationConfigs;
import org.apache.kafka.server.config.ServerConfigs;
import org.apache.kafka.storage.internals.log.CleanerConfig;
import org.apache.kafka.storage.internals.log.LogConfig;

import java.util.List;

/// The broker-level settings that the controller knows. Kafka has them together in
/// `AbstractKafkaConfig`, which cannot be loaded without commons-validator, a jar that Firn leaves
/// out.
final class BrokerSettings {
    private static final ConfigDef DEFINITION =
            merged(
                    List.of(
                            ServerConfigs.CONFIG_DEF,
                            SocketServerConfigs.CONFIG_DEF,
                            ReplicationConfigs.CONFIG_DEF,
                            GroupCoordinatorConfig.CONFIG_DEF,
                            CleanerConfig.CONFIG_DEF,
                            LogConfig.SERVER_CONFIG_DEF,
                            QuotaConfig.CONFIG_DEF));

    private BrokerSettings() {}

    static ConfigDef definition() {
        return DEFINITION;
    }

    /// Of Kafka's tiering settings Firn has one.
    private static ConfigDef merged(List<ConfigDef> parts) {
        ConfigDef all = new ConfigDef();
        parts.forEach(part -> part.configKeys().values().forEach(all::define));
        return all.define(
                "log.local.retention.ms",
                ConfigDef.Type.LONG,
                3_600_000L,
                ConfigDef.Range.atLeast(-2),
                ConfigDef.Importance.MEDIUM,
                "How long a local copy stays after its commit to the table.");
    }
}
