package io.firn.controller.settings;

import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.InvalidConfigurationException;
import org.apache.kafka.coordinator.group.GroupConfig;
import org.apache.kafka.server.config.ConfigSynonym;
import org.apache.kafka.server.config.QuotaConfig;
import org.apache.kafka.server.config.ServerTopicConfigSynonyms;
import org.apache.kafka.storage.internals.log.LogConfig;
import org.jspecify.annotations.Nullable;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/// What becomes of the settings that a topic, a group or the cluster may have: each one works, or a
/// value that would have no effect is refused in words. `docs/compatibility.md` has the same as
/// tables; a test holds them together.
public final class SettingSupport {
    /// How far one setting goes.
    public sealed interface Support {}

    /// Any value that Kafka allows does what it does there.
    public record Works() implements Support {}

    /// Only these values are taken: what they ask for is what Firn does anyway.
    public record Fixed(List<String> values, String why) implements Support {}

    private static final Support WORKS = new Works();
    private static final String LONGEST = Long.toString(Long.MAX_VALUE);
    private static final Support SYNCS =
            fixed(
                    LONGEST,
                    "what is acknowledged is already as durable as firn.durability says, and closed segments are synced");
    private static final Support NO_REPLICAS = fixed("", "Firn does not replicate yet");
    private static final Support NO_SHARES = fixed("false", "Firn has no share groups yet");
    private static final Support FRESHNESS =
            new Fixed(
                    List.of("0", "-1"),
                    "firn.table.freshness.ms says when a record goes to the table");

    /// Kafka's topic settings that have one value in Firn. `remote.storage.enable` is another one,
    /// whose value depends on the topic ([TopicSettings]).
    private static final Map<String, Support> FIXED_OF_TOPICS =
            Map.ofEntries(
                    Map.entry(TopicConfig.FLUSH_MESSAGES_INTERVAL_CONFIG, SYNCS),
                    Map.entry(TopicConfig.FLUSH_MS_CONFIG, SYNCS),
                    Map.entry(
                            TopicConfig.PREALLOCATE_CONFIG,
                            fixed(
                                    "false",
                                    "what is acknowledged lies in the journal, whose room is allocated once (journal.bytes)")),
                    Map.entry(
                            QuotaConfig.LEADER_REPLICATION_THROTTLED_REPLICAS_CONFIG, NO_REPLICAS),
                    Map.entry(
                            QuotaConfig.FOLLOWER_REPLICATION_THROTTLED_REPLICAS_CONFIG,
                            NO_REPLICAS),
                    Map.entry(
                            TopicConfig.REMOTE_LOG_COPY_DISABLE_CONFIG,
                            fixed(
                                    "false",
                                    "a topic has a table with all of its past, or none (firn.table.enabled)")),
                    Map.entry(
                            TopicConfig.REMOTE_LOG_DELETE_ON_DISABLE_CONFIG,
                            fixed("false", "firn.table.on-delete says what becomes of a table")),
                    Map.entry(TopicConfig.REMOTE_COPY_LAG_MS_CONFIG, FRESHNESS),
                    Map.entry(TopicConfig.REMOTE_COPY_LAG_BYTES_CONFIG, FRESHNESS),
                    Map.entry(TopicConfig.ERRORS_DEADLETTERQUEUE_GROUP_ENABLE_CONFIG, NO_SHARES));

    /// Kafka's settings of groups of the consumer protocol; all others belong to kinds of groups
    /// that Firn does not have.
    private static final Set<String> WORK_FOR_GROUPS =
            Set.of(
                    GroupConfig.CONSUMER_SESSION_TIMEOUT_MS_CONFIG,
                    GroupConfig.CONSUMER_HEARTBEAT_INTERVAL_MS_CONFIG,
                    GroupConfig.CONSUMER_ASSIGNMENT_INTERVAL_MS_CONFIG,
                    GroupConfig.CONSUMER_ASSIGNOR_OFFLOAD_ENABLE_CONFIG);

    private SettingSupport() {}

    /// Every setting of a topic, Kafka's and Firn's, by name.
    public static Map<String, Support> ofTopics() {
        Map<String, Support> all = new TreeMap<>();
        for (ConfigDef.ConfigKey key : TopicSettings.definition().configKeys().values()) {
            if (!key.internalConfig) {
                all.put(key.name, FIXED_OF_TOPICS.getOrDefault(key.name, WORKS));
            }
        }
        return all;
    }

    /// Every setting of a group.
    public static Map<String, Support> ofGroups() {
        Map<String, Support> all = new TreeMap<>();
        for (ConfigDef.ConfigKey key : GroupConfig.CONFIG_DEF.configKeys().values()) {
            if (!key.internalConfig) {
                all.put(key.name, ofGroup(key));
            }
        }
        return all;
    }

    /// Every setting of the cluster that may change while it runs: what topics get that do not say
    /// it themselves, by Kafka's broker-level names.
    public static Map<String, Support> ofCluster() {
        Map<String, Support> all = new TreeMap<>();
        ServerTopicConfigSynonyms.ALL_TOPIC_CONFIG_SYNONYMS.forEach(
                (topicName, synonyms) ->
                        synonyms.forEach(
                                synonym ->
                                        all.put(
                                                synonym.name(),
                                                FIXED_OF_TOPICS.getOrDefault(topicName, WORKS))));
        return all;
    }

    /// @throws InvalidConfigurationException for a value that would have no effect
    static void requireOfTopic(Map<String, String> settings) {
        Map<String, ConfigDef.ConfigKey> keys = LogConfig.configDefCopy().configKeys();
        settings.forEach(
                (name, value) ->
                        require(
                                name,
                                value,
                                FIXED_OF_TOPICS.getOrDefault(name, WORKS),
                                keys.get(name)));
    }

    /// @throws InvalidConfigurationException for a value that would have no effect
    static void requireOfGroup(Map<String, String> settings) {
        settings.forEach(
                (name, value) -> {
                    ConfigDef.ConfigKey key = GroupConfig.CONFIG_DEF.configKeys().get(name);
                    require(name, value, key == null ? WORKS : ofGroup(key), key);
                });
    }

    /// @throws InvalidConfigurationException for a value that would have no effect, and for a
    ///     setting that nobody reads while the cluster runs
    static void requireOfCluster(Map<String, String> settings) {
        settings.forEach(
                (name, value) -> {
                    Map.Entry<String, ConfigSynonym> topics = topicSettingBehind(name).orElse(null);
                    if (topics == null) {
                        throw new InvalidConfigurationException(
                                "Cannot set %s while the cluster runs: Firn takes only the defaults of topics (such as log.retention.ms) so; what else a broker can be told stands in its firn.yaml"
                                        .formatted(name));
                    }
                    require(
                            name,
                            topics.getValue().converter().apply(value),
                            FIXED_OF_TOPICS.getOrDefault(topics.getKey(), WORKS),
                            LogConfig.configDefCopy().configKeys().get(topics.getKey()));
                });
    }

    private static Optional<Map.Entry<String, ConfigSynonym>> topicSettingBehind(String name) {
        for (var entry : ServerTopicConfigSynonyms.ALL_TOPIC_CONFIG_SYNONYMS.entrySet()) {
            for (ConfigSynonym synonym : entry.getValue()) {
                if (synonym.name().equals(name)) {
                    return Optional.of(Map.entry(entry.getKey(), synonym));
                }
            }
        }
        return Optional.empty();
    }

    private static Support ofGroup(ConfigDef.ConfigKey key) {
        if (WORK_FOR_GROUPS.contains(key.name)) {
            return WORKS;
        }
        String kind = key.name.startsWith("streams.") ? "streams" : "share";
        Object fallback = key.defaultValue;
        return fixed(
                fallback == null ? "" : ConfigDef.convertToString(fallback, key.type),
                "Firn has no %s groups yet".formatted(kind));
    }

    private static void require(
            String name, String value, Support support, ConfigDef.@Nullable ConfigKey key) {
        if (key != null
                && support instanceof Fixed fixed
                && fixed.values().stream().noneMatch(taken -> same(name, value, taken, key))) {
            throw new InvalidConfigurationException(
                    "%s=%s has no effect in Firn: %s. Remove the setting"
                            .formatted(name, value, fixed.why()));
        }
    }

    private static boolean same(String name, String value, String taken, ConfigDef.ConfigKey key) {
        Object asked = ConfigDef.parseType(name, value, key.type);
        return asked != null && asked.equals(ConfigDef.parseType(name, taken, key.type));
    }

    private static Support fixed(String value, String why) {
        return new Fixed(List.of(value), why);
    }
}
