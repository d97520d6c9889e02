package io.firn.controller.settings;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/// Firn's settings of one topic, parsed (DESIGN 13).
///
/// @param enabled whether the topic has a table at all
/// @param name that its owner asked for; empty: made from the topic's name
/// @param freshness how old a record may be when it is in the table
/// @param keepHistory rows stay in the table when Kafka's retention has passed them
/// @param keepOnDelete the table outlives its topic
public record TableSettings(
        boolean enabled,
        Optional<String> name,
        Duration freshness,
        Layout layout,
        boolean keepHistory,
        boolean keepOnDelete) {
    /// How values are written (FORMAT 1).
    public enum Layout {
        /// key and value as bytes
        RAW,
        /// typed columns for records whose schema is known, bytes for the others
        COMPACT
    }

    public static TableSettings of(String topic, Map<String, String> effective) {
        String name = effective.getOrDefault(TopicSettings.TABLE_NAME, "");
        return new TableSettings(
                TopicSettings.hasTable(topic, effective),
                name.isEmpty() ? Optional.empty() : Optional.of(name),
                Duration.ofMillis(
                        Long.parseLong(
                                effective.getOrDefault(
                                        TopicSettings.TABLE_FRESHNESS_MS,
                                        Long.toString(TopicSettings.DEFAULT_FRESHNESS_MS)))),
                "raw".equals(effective.get(TopicSettings.TABLE_LAYOUT))
                        ? Layout.RAW
                        : Layout.COMPACT,
                "keep".equals(effective.get(TopicSettings.TABLE_RETENTION)),
                "keep".equals(effective.get(TopicSettings.TABLE_ON_DELETE)));
    }
}
