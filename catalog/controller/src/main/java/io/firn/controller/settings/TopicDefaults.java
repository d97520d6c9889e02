package io.firn.controller.settings;

import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.server.config.ConfigSynonym;
import org.apache.kafka.server.config.ServerTopicConfigSynonyms;
import org.apache.kafka.storage.internals.log.LogConfig;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// What a topic gets that says nothing itself: Kafka's defaults, under Firn's, under the cluster's
/// dynamic ones.
public final class TopicDefaults {
    /// Firn's own, by broker-level names. Indexes are 1 MiB with an entry per 16 KiB, enough for a
    /// segment of 1 GiB; 10 MiB ones cost up to 50 ms of CPU at first touch (DESIGN 6).
    static final Map<String, Object> STATIC =
            Map.of(
                    "log.local.retention.ms", "3600000",
                    "log.index.size.max.bytes", "1048576",
                    "log.index.interval.bytes", "16384");

    private final Map<String, String> values;

    private TopicDefaults(Map<String, String> values) {
        this.values = values;
    }

    /// @param dynamic the cluster-wide dynamic broker settings
    public static TopicDefaults of(Map<String, String> dynamic) {
        Map<String, String> values = new HashMap<>();
        for (String name : TopicSettings.definition().names()) {
            TopicSettings.defaultValue(name).ifPresent(value -> values.put(name, value));
        }
        ServerTopicConfigSynonyms.ALL_TOPIC_CONFIG_SYNONYMS.forEach(
                (name, synonyms) -> {
                    overlay(values, name, synonyms, STATIC);
                    overlay(values, name, synonyms, dynamic);
                });
        return new TopicDefaults(Map.copyOf(values));
    }

    public Map<String, String> effective(Map<String, String> overrides) {
        Map<String, String> effective = new HashMap<>(values);
        effective.putAll(overrides);
        return effective;
    }

    public LogConfig logConfig(String topic, Map<String, String> overrides) {
        Map<String, String> effective = effective(overrides);
        effective.put(
                TopicConfig.REMOTE_LOG_STORAGE_ENABLE_CONFIG,
                Boolean.toString(TopicSettings.hasTable(topic, effective)));
        if (!overrides.containsKey(TopicConfig.LOCAL_LOG_RETENTION_MS_CONFIG)) {
            shorten(effective);
        }
        return new LogConfig(effective, Set.copyOf(overrides.keySet()));
    }

    /// The default of an hour gives way to a shorter retention.
    private static void shorten(Map<String, String> effective) {
        long local = number(effective, TopicConfig.LOCAL_LOG_RETENTION_MS_CONFIG);
        long whole = number(effective, TopicConfig.RETENTION_MS_CONFIG);
        if (whole >= 0 && local > whole) {
            effective.put(TopicConfig.LOCAL_LOG_RETENTION_MS_CONFIG, Long.toString(whole));
        }
    }

    private static long number(Map<String, String> effective, String name) {
        String value = effective.get(name);
        return value == null ? -1 : Long.parseLong(value.trim());
    }

    /// The first synonym that is set wins, as in Kafka.
    private static void overlay(
            Map<String, String> values,
            String name,
            List<ConfigSynonym> synonyms,
            Map<String, ?> source) {
        for (ConfigSynonym synonym : synonyms) {
            Object value = source.get(synonym.name());
            if (value != null) {
                values.put(name, synonym.converter().apply(value.toString()));
                return;
            }
        }
    }
}
