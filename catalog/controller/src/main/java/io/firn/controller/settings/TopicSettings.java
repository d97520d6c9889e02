package io.firn.controller.settings;

import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.Importance;
import org.apache.kafka.common.config.ConfigDef.Type;
import org.apache.kafka.common.config.ConfigDef.ValidString;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.InvalidConfigurationException;
import org.apache.kafka.coordinator.group.GroupConfig;
import org.apache.kafka.metadata.KafkaConfigSchema;
import org.apache.kafka.server.config.ServerTopicConfigSynonyms;
import org.apache.kafka.server.metrics.ClientMetricsConfigs;
import org.apache.kafka.storage.internals.log.LogConfig;
import org.jspecify.annotations.Nullable;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// Firn's topic settings (DESIGN 13) joined to Kafka's, and what a topic may set together.
public final class TopicSettings {
    public static final String TABLE_ENABLED = "firn.table.enabled";
    public static final String TABLE_NAME = "firn.table.name";
    public static final String TABLE_FRESHNESS_MS = "firn.table.freshness.ms";
    public static final String TABLE_LAYOUT = "firn.table.layout";
    public static final String TABLE_RETENTION = "firn.table.retention";
    public static final String TABLE_ON_DELETE = "firn.table.on-delete";
    public static final String TABLE_ERASURE = "firn.table.erasure";
    public static final String PRODUCE_CHECK = "firn.produce.check";
    public static final String FETCH_COLD_COMPRESSION = "firn.fetch.cold.compression";

    static final long DEFAULT_FRESHNESS_MS = 300_000;
    private static final long LEAST_FRESHNESS_MS = 1_000;
    private static final String DOC_NAME =
            "Name of the topic's table; empty: the topic's name in lower case with _ for other characters.";

    private static final ConfigDef DEFINITION = define();

    private TopicSettings() {}

    /// Every setting a topic may have, Kafka's and Firn's.
    public static ConfigDef definition() {
        return new ConfigDef(DEFINITION);
    }

    /// The types of all settings, for DescribeConfigs and for the controller.
    public static KafkaConfigSchema schema() {
        return new KafkaConfigSchema(
                Map.of(
                        ConfigResource.Type.BROKER,
                        BrokerSettings.definition(),
                        ConfigResource.Type.TOPIC,
                        DEFINITION,
                        ConfigResource.Type.GROUP,
                        GroupConfig.CONFIG_DEF,
                        ConfigResource.Type.CLIENT_METRICS,
                        ClientMetricsConfigs.configDef()),
                ServerTopicConfigSynonyms.ALL_TOPIC_CONFIG_SYNONYMS);
    }

    /// What Firn sets otherwise than Kafka, by Kafka's broker-level names, for
    /// [KafkaConfigSchema#resolveEffectiveTopicConfigs].
    public static Map<String, Object> staticConfig() {
        return TopicDefaults.STATIC;
    }

    /// Internal topics have no tenant, so no dot, and never a table.
    public static boolean isInternal(String insideName) {
        return insideName.indexOf('.') < 0;
    }

    /// Whether a topic with these effective settings has a table (DESIGN 13): a user topic with
    /// `cleanup.policy=delete`, unless it says `firn.table.enabled=false`.
    public static boolean hasTable(String insideName, Map<String, String> effective) {
        return !isInternal(insideName)
                && !"false".equalsIgnoreCase(effective.get(TABLE_ENABLED))
                && !compacts(effective);
    }

    /// Checks what a topic wants to set, for itself and together with the cluster's defaults.
    ///
    /// @param overrides all that the topic would set
    /// @throws InvalidConfigurationException names setting, value and way out
    public static void validate(String insideName, Map<String, String> overrides) {
        validate(insideName, overrides, TopicDefaults.of(Map.of()));
    }

    static void validate(String insideName, Map<String, String> overrides, TopicDefaults defaults) {
        for (String name : overrides.keySet()) {
            if (!DEFINITION.names().contains(name)) {
                throw invalid(
                        "Unknown topic setting %s; Firn's own settings are %s", name, firnNames());
            }
        }
        Map<String, Object> values;
        try {
            values = DEFINITION.parse(overrides);
            LogConfig.validateValues(DEFINITION.parse(defaults.effective(overrides)));
            SettingSupport.requireOfTopic(overrides);
        } catch (ConfigException e) {
            throw new InvalidConfigurationException(String.valueOf(e.getMessage()));
        }
        checkTable(insideName, overrides, defaults.effective(overrides));
        checkLocalRetention(overrides, values);
    }

    private static void checkTable(
            String insideName, Map<String, String> overrides, Map<String, String> effective) {
        if ("true".equalsIgnoreCase(overrides.get(TABLE_ENABLED))) {
            if (isInternal(insideName)) {
                throw invalid(
                        "%s=true: %s is an internal topic, which has no table; remove the setting",
                        TABLE_ENABLED, insideName);
            }
            if (compacts(effective)) {
                throw invalid(
                        "%s=true: tables of topics with %s=%s are not built yet; set %s=delete, or %s=false",
                        TABLE_ENABLED,
                        TopicConfig.CLEANUP_POLICY_CONFIG,
                        cleanupPolicy(effective),
                        TopicConfig.CLEANUP_POLICY_CONFIG,
                        TABLE_ENABLED);
            }
        }
        String name = overrides.getOrDefault(TABLE_NAME, "");
        if (!name.isEmpty() && !name.matches("[a-z0-9_]{1,249}")) {
            throw invalid(
                    "%s=%s: a table name has 1 to 249 characters out of a-z, 0-9 and _",
                    TABLE_NAME, name);
        }
        if ("true".equalsIgnoreCase(overrides.get(TopicConfig.REMOTE_LOG_STORAGE_ENABLE_CONFIG))
                && !hasTable(insideName, effective)) {
            throw invalid(
                    "%s=true: the topic has no table to keep its past in; set %s=delete and %s=true",
                    TopicConfig.REMOTE_LOG_STORAGE_ENABLE_CONFIG,
                    TopicConfig.CLEANUP_POLICY_CONFIG,
                    TABLE_ENABLED);
        }
        if ("false".equalsIgnoreCase(overrides.get(TopicConfig.REMOTE_LOG_STORAGE_ENABLE_CONFIG))
                && hasTable(insideName, effective)) {
            throw invalid(
                    "%s=false: the topic has a table, and there its past goes; set %s=false if it should have none",
                    TopicConfig.REMOTE_LOG_STORAGE_ENABLE_CONFIG, TABLE_ENABLED);
        }
    }

    /// A local copy cannot outlive the record; only what the topic itself says is compared, since
    /// the default of `local.retention.ms` gives way to a shorter `retention.ms`.
    private static void checkLocalRetention(
            Map<String, String> overrides, Map<String, Object> values) {
        checkLocal(
                overrides,
                values,
                TopicConfig.LOCAL_LOG_RETENTION_MS_CONFIG,
                TopicConfig.RETENTION_MS_CONFIG);
        checkLocal(
                overrides,
                values,
                TopicConfig.LOCAL_LOG_RETENTION_BYTES_CONFIG,
                TopicConfig.RETENTION_BYTES_CONFIG);
    }

    private static void checkLocal(
            Map<String, String> overrides, Map<String, Object> values, String local, String whole) {
        if (!overrides.containsKey(local)) {
            return;
        }
        long localValue = (Long) values.getOrDefault(local, -2L);
        long wholeValue = (Long) values.getOrDefault(whole, -1L);
        if (wholeValue >= 0 && localValue != -2 && (localValue < 0 || localValue > wholeValue)) {
            throw invalid(
                    "%s=%d is longer than %s=%d; make it shorter, or -2 for the same",
                    local, localValue, whole, wholeValue);
        }
    }

    private static boolean compacts(Map<String, String> effective) {
        return cleanupPolicy(effective)
                .toLowerCase(Locale.ROOT)
                .contains(TopicConfig.CLEANUP_POLICY_COMPACT);
    }

    private static String cleanupPolicy(Map<String, String> effective) {
        return effective.getOrDefault(
                TopicConfig.CLEANUP_POLICY_CONFIG, TopicConfig.CLEANUP_POLICY_DELETE);
    }

    static Optional<String> defaultValue(String name) {
        ConfigDef.ConfigKey key = DEFINITION.configKeys().get(name);
        return key == null || key.defaultValue == null || !key.hasDefault()
                ? Optional.empty()
                : Optional.ofNullable(ConfigDef.convertToString(key.defaultValue, key.type));
    }

    static List<String> firnNames() {
        return DEFINITION.names().stream().filter(n -> n.startsWith("firn.")).sorted().toList();
    }

    private static ConfigDef define() {
        return new ConfigDef(LogConfig.configDefCopy())
                .define(
                        TABLE_ENABLED,
                        Type.BOOLEAN,
                        true,
                        Importance.MEDIUM,
                        "Whether the topic has an Iceberg table. Topics that compact have none yet.")
                .define(TABLE_NAME, Type.STRING, "", Importance.LOW, DOC_NAME)
                .define(
                        TABLE_FRESHNESS_MS,
                        Type.LONG,
                        DEFAULT_FRESHNESS_MS,
                        ConfigDef.Range.atLeast(LEAST_FRESHNESS_MS),
                        Importance.MEDIUM,
                        "How old a record may be when it is in the table.")
                .define(
                        TABLE_LAYOUT,
                        Type.STRING,
                        "compact",
                        oneOf(List.of("raw", "compact"), List.of("dual", "verbatim")),
                        Importance.MEDIUM,
                        "raw: key and value as bytes; compact: typed columns where the schema is known.")
                .define(
                        TABLE_RETENTION,
                        Type.STRING,
                        "delete",
                        ValidString.in("delete", "keep"),
                        Importance.MEDIUM,
                        "Whether rows leave the table with Kafka's retention (delete) or stay (keep).")
                .define(
                        TABLE_ON_DELETE,
                        Type.STRING,
                        "drop",
                        ValidString.in("drop", "keep"),
                        Importance.MEDIUM,
                        "What becomes of the table when the topic is deleted.")
                .define(
                        TABLE_ERASURE,
                        Type.STRING,
                        "deny",
                        oneOf(List.of("deny"), List.of("allow")),
                        Importance.LOW,
                        "Whether engines may delete rows of the table, which Kafka readers then miss.")
                .define(
                        PRODUCE_CHECK,
                        Type.STRING,
                        "records",
                        ValidString.in("records", "batch"),
                        Importance.LOW,
                        "records: compressed batches are unpacked and checked; batch: CRC and header only.")
                .define(
                        FETCH_COLD_COMPRESSION,
                        Type.STRING,
                        "none",
                        oneOf(
                                List.of("none"),
                                List.of("producer", "gzip", "snappy", "lz4", "zstd")),
                        Importance.LOW,
                        "How batches that come from the table are compressed.");
    }

    /// A value out of `built`; one out of `later` is refused with a word of its own.
    private static ConfigDef.Validator oneOf(List<String> built, List<String> later) {
        return new ConfigDef.Validator() {
            @Override
            public void ensureValid(String name, @Nullable Object value) {
                if (value instanceof String text && later.contains(text)) {
                    throw new ConfigException(name, value, "is not built yet; use one of " + built);
                }
                if (!(value instanceof String text) || !built.contains(text)) {
                    throw new ConfigException(name, value, "must be one of " + built);
                }
            }

            @Override
            public String toString() {
                return built.toString();
            }
        };
    }

    private static InvalidConfigurationException invalid(String format, Object... values) {
        return new InvalidConfigurationException(String.format(format, values));
    }
}
