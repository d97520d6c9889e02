package io.firn.catalog.iceberg;

import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;

/// Names and properties of a topic's table (DESIGN §13, FORMAT §5.5).
final class TopicProperties {
    static final String COMMIT_SEQ = "firn.commit-seq";
    static final String COMMIT_UUID = "firn.commit-uuid";

    private TopicProperties() {}

    /// The topic's name in lower case, what is outside `a-z 0-9 _` as `_`.
    static String tableName(String topic) {
        return topic.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9_]", "_");
    }

    /// The name when another topic has that one already.
    static String secondTableName(String topic, UUID topicId) {
        return tableName(topic) + "_" + topicId.toString().replace("-", "").substring(0, 6);
    }

    static Map<String, String> properties(String topic, UUID topicId) {
        Map<String, String> properties = new TreeMap<>();
        properties.put("format-version", "2");
        properties.put("firn.managed", "true");
        properties.put("firn.topic", topic);
        properties.put("firn.topic-id", topicId.toString());
        properties.put(COMMIT_SEQ, "0");
        properties.put("write.delete.mode", "merge-on-read");
        properties.put("write.update.mode", "merge-on-read");
        properties.put("write.merge.mode", "merge-on-read");
        properties.put("write.metadata.delete-after-commit.enabled", "true");
        properties.put("write.metadata.previous-versions-max", "20");
        properties.put("write.metadata.metrics.default", "truncate(16)");
        properties.put("write.metadata.metrics.column._kafka_batch", "none");
        properties.put("write.metadata.metrics.column._kafka_value_raw", "none");
        properties.put("write.metadata.metrics.column._kafka_headers_raw", "none");
        return properties;
    }
}
