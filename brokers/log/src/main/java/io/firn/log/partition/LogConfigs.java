package io.firn.log.partition;

import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.storage.internals.log.LogConfig;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/// Topics' settings as the logs of one disk use them. Thousands of partitions with the same
/// settings have one object of them, not one each.
public final class LogConfigs {
    private static final Logger LOG = LoggerFactory.getLogger(LogConfigs.class);
    private static final int MOST_CONFIGS = 10_000;

    /// Of a log of whose topic nothing is known: Kafka's own, but its past may be in a table. So
    /// opening it leaves its start where it is, and none of it goes (L14, C2).
    public static final LogConfig UNKNOWN =
            tuned(new LogConfig(Map.of(TopicConfig.REMOTE_LOG_STORAGE_ENABLE_CONFIG, true)));

    private final int maxBatch;
    private final long ringBytes;
    private final Map<LogConfig, LogConfig> known = new IdentityHashMap<>();
    private final Set<Integer> saidCapped = ConcurrentHashMap.newKeySet();

    /// @param maxBatch the largest batch that the disk's journal takes
    public LogConfigs(int maxBatch, long ringBytes) {
        this.maxBatch = maxBatch;
        this.ringBytes = ringBytes;
    }

    public LogConfig shared(LogConfig config) {
        synchronized (known) {
            if (known.size() > MOST_CONFIGS) {
                known.clear();
            }
            return known.computeIfAbsent(config, each -> capped(tuned(each)));
        }
    }

    /// A batch that Kafka writes anew may get as large as `max.message.bytes` allows, and has to
    /// fit into a write group all the same (L10).
    private LogConfig capped(LogConfig config) {
        if (config.maxMessageSize() <= maxBatch) {
            return config;
        }
        if (saidCapped.add(config.maxMessageSize())) {
            LOG.warn(
                    "max.message.bytes = {} is more than this disk's journal of {} bytes takes: batches above {} bytes are refused. Give the broker a larger journal.",
                    config.maxMessageSize(),
                    ringBytes,
                    maxBatch);
        }
        return with(
                config, Map.of(TopicConfig.MAX_MESSAGE_BYTES_CONFIG, Integer.toString(maxBatch)));
    }

    /// Kafka's index files of 10 MiB cost 10 to 30 times more to create and open (HOT-PATH §4).
    private static LogConfig tuned(LogConfig config) {
        if (config.overriddenConfigs.contains(TopicConfig.SEGMENT_INDEX_BYTES_CONFIG)
                || config.maxIndexSize <= 1 << 20) {
            return config;
        }
        var smaller = new HashMap<String, String>();
        smaller.put(TopicConfig.SEGMENT_INDEX_BYTES_CONFIG, Integer.toString(1 << 20));
        if (!config.overriddenConfigs.contains(TopicConfig.INDEX_INTERVAL_BYTES_CONFIG)) {
            smaller.put(TopicConfig.INDEX_INTERVAL_BYTES_CONFIG, Integer.toString(16 << 10));
        }
        return with(config, smaller);
    }

    private static LogConfig with(LogConfig config, Map<String, String> changes) {
        var settings = new Properties();
        config.overriddenConfigs.forEach(
                name -> {
                    Object value = config.originals().get(name);
                    if (value != null) {
                        settings.put(name, value);
                    }
                });
        settings.putAll(changes);
        return LogConfig.fromProps(config.originals(), settings);
    }
}
