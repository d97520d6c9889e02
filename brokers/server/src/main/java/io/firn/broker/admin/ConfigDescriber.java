package io.firn.broker.admin;

import io.firn.controller.image.ClusterImage;
import io.firn.controller.settings.TopicSettings;

import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.message.DescribeConfigsResponseData.DescribeConfigsResourceResult;
import org.apache.kafka.common.message.DescribeConfigsResponseData.DescribeConfigsSynonym;
import org.apache.kafka.common.requests.DescribeConfigsResponse.ConfigSource;
import org.apache.kafka.common.requests.DescribeConfigsResponse.ConfigType;
import org.apache.kafka.coordinator.group.GroupConfig;
import org.apache.kafka.metadata.KafkaConfigSchema;
import org.apache.kafka.server.config.ConfigSynonym;
import org.apache.kafka.server.config.ServerTopicConfigSynonyms;
import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// Says what is set where: a setting's own value, the cluster's dynamic default, Firn's own default
/// and Kafka's; the first that is there holds.
public final class ConfigDescriber {
    /// One value on the way down to the default, by the name under which it is set there.
    private record Layer(String name, @Nullable String value, ConfigSource source) {}

    private final Map<String, String> brokerSettings;

    /// @param brokerSettings this broker's settings from its configuration, by Kafka's or Firn's
    ///     name
    public ConfigDescriber(Map<String, String> brokerSettings) {
        this.brokerSettings = Map.copyOf(brokerSettings);
    }

    List<DescribeConfigsResourceResult> topic(
            ClusterImage image, String insideName, @Nullable Collection<String> keys) {
        Map<String, String> own = image.topicConfig(insideName);
        Map<String, String> dynamic = dynamicDefaults(image);
        ConfigDef definition = TopicSettings.definition();
        List<DescribeConfigsResourceResult> results = new ArrayList<>();
        for (ConfigDef.ConfigKey key : new TreeMap<>(definition.configKeys()).values()) {
            if (key.internalConfig || (keys != null && !keys.contains(key.name))) {
                continue;
            }
            List<Layer> layers = new ArrayList<>();
            if (own.containsKey(key.name)) {
                layers.add(new Layer(key.name, own.get(key.name), ConfigSource.TOPIC_CONFIG));
            }
            addServerLayers(layers, key, dynamic);
            String effective =
                    key.name.equals(TopicConfig.REMOTE_LOG_STORAGE_ENABLE_CONFIG)
                            ? String.valueOf(image.logConfig(insideName).remoteStorageEnable())
                            : null;
            results.add(result(key, layers, effective, false));
        }
        return results;
    }

    /// The settings that a broker gives its topics, and its own. `name` empty: only what is set
    /// dynamically for the whole cluster.
    List<DescribeConfigsResourceResult> broker(
            ClusterImage image, String name, @Nullable Collection<String> keys) {
        Map<String, String> dynamic = dynamicDefaults(image);
        TreeMap<String, DescribeConfigsResourceResult> results = new TreeMap<>();
        Map<String, ConfigDef.ConfigKey> topicKeys = TopicSettings.definition().configKeys();
        ServerTopicConfigSynonyms.TOPIC_CONFIG_SYNONYMS.forEach(
                (topicName, brokerName) -> {
                    ConfigDef.ConfigKey key = topicKeys.get(topicName);
                    if (key != null && !key.internalConfig) {
                        List<Layer> layers = new ArrayList<>();
                        addServerLayers(layers, key, dynamic);
                        results.put(
                                brokerName, result(key, layers, null, true).setName(brokerName));
                    }
                });
        brokerSettings.forEach(
                (setting, value) ->
                        results.put(
                                setting,
                                new DescribeConfigsResourceResult()
                                        .setName(setting)
                                        .setValue(value)
                                        .setReadOnly(true)
                                        .setConfigType(ConfigType.STRING.id())
                                        .setConfigSource(ConfigSource.STATIC_BROKER_CONFIG.id())));
        if (name.isEmpty()) {
            results.keySet().retainAll(dynamic.keySet());
        } else {
            put(results, "node.id", name);
            put(results, "broker.id", name);
        }
        if (keys != null) {
            results.keySet().retainAll(keys);
        }
        return List.copyOf(results.values());
    }

    List<DescribeConfigsResourceResult> group(
            ClusterImage image, String insideName, @Nullable Collection<String> keys) {
        Map<String, String> own =
                image.kafka()
                        .configs()
                        .configMapForResource(
                                new ConfigResource(ConfigResource.Type.GROUP, insideName));
        List<DescribeConfigsResourceResult> results = new ArrayList<>();
        for (ConfigDef.ConfigKey key :
                new TreeMap<>(GroupConfig.CONFIG_DEF.configKeys()).values()) {
            if (key.internalConfig || (keys != null && !keys.contains(key.name))) {
                continue;
            }
            List<Layer> layers = new ArrayList<>();
            if (own.containsKey(key.name)) {
                layers.add(new Layer(key.name, own.get(key.name), ConfigSource.GROUP_CONFIG));
            }
            layers.add(new Layer(key.name, defaultOf(key), ConfigSource.DEFAULT_CONFIG));
            results.add(result(key, layers, null, false));
        }
        return results;
    }

    private static void put(
            Map<String, DescribeConfigsResourceResult> results, String name, String value) {
        results.put(
                name,
                new DescribeConfigsResourceResult()
                        .setName(name)
                        .setValue(value)
                        .setReadOnly(true)
                        .setConfigType(ConfigType.INT.id())
                        .setConfigSource(ConfigSource.STATIC_BROKER_CONFIG.id()));
    }

    private static void addServerLayers(
            List<Layer> layers, ConfigDef.ConfigKey key, Map<String, String> dynamic) {
        List<ConfigSynonym> synonyms =
                ServerTopicConfigSynonyms.ALL_TOPIC_CONFIG_SYNONYMS.getOrDefault(
                        key.name, List.of());
        Map<String, Object> firns = new HashMap<>(TopicSettings.staticConfig());
        for (ConfigSynonym synonym : synonyms) {
            String value = dynamic.get(synonym.name());
            if (value != null) {
                layers.add(
                        new Layer(
                                synonym.name(),
                                synonym.converter().apply(value),
                                ConfigSource.DYNAMIC_DEFAULT_BROKER_CONFIG));
            }
        }
        for (ConfigSynonym synonym : synonyms) {
            Object value = firns.get(synonym.name());
            if (value != null) {
                layers.add(
                        new Layer(
                                synonym.name(),
                                synonym.converter().apply(value.toString()),
                                ConfigSource.STATIC_BROKER_CONFIG));
            }
        }
        String defaultName = synonyms.isEmpty() ? key.name : synonyms.getFirst().name();
        layers.add(new Layer(defaultName, defaultOf(key), ConfigSource.DEFAULT_CONFIG));
    }

    private static DescribeConfigsResourceResult result(
            ConfigDef.ConfigKey key,
            List<Layer> layers,
            @Nullable String effective,
            boolean readOnly) {
        Layer holds = layers.getFirst();
        boolean sensitive = key.type == ConfigDef.Type.PASSWORD;
        DescribeConfigsResourceResult result =
                new DescribeConfigsResourceResult()
                        .setName(key.name)
                        .setValue(sensitive ? null : effective == null ? holds.value() : effective)
                        .setReadOnly(readOnly)
                        .setIsSensitive(sensitive)
                        .setConfigSource(holds.source().id())
                        .setConfigType(type(key.type))
                        .setDocumentation(key.documentation);
        for (Layer layer : layers) {
            result.synonyms()
                    .add(
                            new DescribeConfigsSynonym()
                                    .setName(layer.name())
                                    .setValue(sensitive ? null : layer.value())
                                    .setSource(layer.source().id()));
        }
        return result;
    }

    private static byte type(ConfigDef.Type type) {
        return ConfigType.valueOf(KafkaConfigSchema.translateConfigType(type).name()).id();
    }

    private static @Nullable String defaultOf(ConfigDef.ConfigKey key) {
        return key.hasDefault() ? ConfigDef.convertToString(key.defaultValue, key.type) : null;
    }

    private static Map<String, String> dynamicDefaults(ClusterImage image) {
        return image.kafka()
                .configs()
                .configMapForResource(new ConfigResource(ConfigResource.Type.BROKER, ""));
    }
}
