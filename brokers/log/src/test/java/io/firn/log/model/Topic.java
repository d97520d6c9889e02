package io.firn.log.model;

import org.apache.kafka.storage.internals.log.LogConfig;

import java.util.Map;
import java.util.Properties;

/// What settings a partition may have, and so what may leave it by itself.
enum Topic {
    PLAIN,
    SIZED("retention.bytes", Topic.KEPT_BYTES),
    AGED("retention.ms", 3_600_000),
    COMPACTED("cleanup.policy", "compact", "min.cleanable.dirty.ratio", 0.01),
    STAMPED("message.timestamp.type", "LogAppendTime"),
    RECODED("compression.type", "lz4"),
    TIERED("remote.storage.enable", true, "local.retention.ms", 1);

    static final int KEPT_BYTES = 12_000;
    static final int SEGMENT_BYTES = 8_000;

    private final LogConfig config;

    Topic(Object... pairs) {
        var settings = new Properties();
        for (int i = 0; i < pairs.length; i += 2) {
            settings.put(pairs[i], pairs[i + 1].toString());
        }
        settings.put("internal.segment.bytes", Integer.toString(SEGMENT_BYTES));
        settings.put("segment.index.bytes", "4096");
        settings.put("file.delete.delay.ms", "0");
        settings.putIfAbsent("retention.ms", "-1");
        config = LogConfig.fromProps(Map.of(), settings);
    }

    LogConfig config() {
        return config;
    }

    /// Whether an existing partition may get these settings in place of those.
    boolean mayBecome(Topic other) {
        return this != TIERED && other != TIERED;
    }
}
