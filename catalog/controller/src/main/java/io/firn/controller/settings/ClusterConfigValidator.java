package io.firn.controller.settings;

import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.InvalidConfigurationException;
import org.apache.kafka.common.errors.InvalidRequestException;
import org.apache.kafka.controller.ConfigurationValidator;
import org.apache.kafka.coordinator.group.GroupConfig;
import org.apache.kafka.coordinator.group.GroupCoordinatorConfig;
import org.apache.kafka.coordinator.group.modern.share.ShareGroupConfig;

import java.util.HashMap;
import java.util.Map;

/// What the controller accepts as a setting of a topic, a broker or a group.
public final class ClusterConfigValidator implements ConfigurationValidator {
    @Override
    public void validate(ConfigResource resource) {
        switch (resource.type()) {
            case TOPIC -> requireName(resource);
            case BROKER -> {
                if (!resource.name().isEmpty()) {
                    requireBrokerId(resource);
                }
            }
            case GROUP -> requireName(resource);
            case CLIENT_METRICS, BROKER_LOGGER, UNKNOWN -> throw unknown(resource);
        }
    }

    @Override
    public void validate(
            ConfigResource resource,
            Map<String, String> newConfigs,
            Map<String, String> existingConfigs) {
        validate(resource);
        newConfigs.forEach((name, value) -> requireValue(resource, name, value));
        switch (resource.type()) {
            case TOPIC -> TopicSettings.validate(resource.name(), newConfigs);
            case BROKER -> {
                requireCluster(resource);
                parse(BrokerSettings.definition(), newConfigs);
                SettingSupport.requireOfCluster(newConfigs);
            }
            case GROUP -> validateGroup(newConfigs);
            case CLIENT_METRICS, BROKER_LOGGER, UNKNOWN -> throw unknown(resource);
        }
    }

    private static void validateGroup(Map<String, String> configs) {
        parse(GroupConfig.CONFIG_DEF, configs);
        SettingSupport.requireOfGroup(configs);
        try {
            GroupConfig.validate(
                    configs,
                    GroupCoordinatorConfig.fromProps(Map.of()),
                    ShareGroupConfig.fromProps(Map.of()));
        } catch (ConfigException e) {
            throw new InvalidConfigurationException(String.valueOf(e.getMessage()));
        }
    }

    /// Nothing of Firn looks at the dynamic settings of one broker.
    private static void requireCluster(ConfigResource resource) {
        if (!resource.name().isEmpty()) {
            throw new InvalidConfigurationException(
                    "Cannot set anything for broker %s alone while it runs: change its firn.yaml, or leave the name empty for all brokers"
                            .formatted(resource.name()));
        }
    }

    /// Each value alone: together they may need others that only the process has.
    private static void parse(ConfigDef definition, Map<String, String> configs) {
        Map<String, ConfigDef.ConfigKey> keys = definition.configKeys();
        new HashMap<>(configs)
                .forEach(
                        (name, value) -> {
                            ConfigDef.ConfigKey key = keys.get(name);
                            if (key == null) {
                                throw new InvalidConfigurationException("Unknown setting " + name);
                            }
                            try {
                                Object parsed = ConfigDef.parseType(name, value, key.type);
                                if (key.validator != null) {
                                    key.validator.ensureValid(name, parsed);
                                }
                            } catch (ConfigException e) {
                                throw new InvalidConfigurationException(
                                        String.valueOf(e.getMessage()));
                            }
                        });
    }

    private static void requireValue(ConfigResource resource, String name, String value) {
        if (value == null) {
            throw new InvalidConfigurationException(
                    "Setting %s of %s %s has no value; delete it to get the default"
                            .formatted(name, resource.type(), resource.name()));
        }
    }

    private static void requireName(ConfigResource resource) {
        if (resource.name().isEmpty()) {
            throw new InvalidRequestException(
                    "Default %s settings are not supported; name the %s"
                            .formatted(resource.type(), resource.type()));
        }
    }

    private static void requireBrokerId(ConfigResource resource) {
        try {
            if (Integer.parseInt(resource.name()) >= 0) {
                return;
            }
        } catch (NumberFormatException e) {
            // said below
        }
        throw new InvalidRequestException(
                "Broker '%s' is not a broker id; use a number, or an empty name for all brokers"
                        .formatted(resource.name()));
    }

    private static InvalidRequestException unknown(ConfigResource resource) {
        return new InvalidRequestException(
                "Settings of %s %s are not supported".formatted(resource.type(), resource.name()));
    }
}
