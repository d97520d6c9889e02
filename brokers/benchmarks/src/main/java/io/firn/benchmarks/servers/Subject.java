package io.firn.benchmarks.servers;

import java.util.Locale;
import java.util.Map;

/// What is measured: a server, the door through which it is reached, and how it is set.
public enum Subject {
    KAFKA("Apache Kafka"),
    /// The same server once more: what differs between the two is noise.
    KAFKA_AGAIN("Apache Kafka, once more"),
    DIRECT("Firn, direct"),
    DIRECT_BATCH("Firn, direct, check=batch"),
    DIRECT_REPLICATED("Firn, direct, replicated"),
    STANDALONE("Firn, standalone"),
    STANDALONE_BATCH("Firn, standalone, check=batch"),
    STANDALONE_REPLICATED("Firn, standalone, replicated"),
    /// As a user has it: each topic is a table.
    STANDALONE_TABLES("Firn, standalone, tables on"),
    GATEWAY("Firn, gateway + broker"),
    GATEWAY_REPLICATED("Firn, gateway + broker, replicated"),
    FORWARDER("TCP forwarder alone, before Kafka"),
    SPLICE_FORWARDER("TCP forwarder by splice, before Kafka"),
    MINIMAL("minimal server: receive, CRC, answer"),
    RING("minimal server that writes a ring");

    private final String title;

    Subject(String title) {
        this.title = title;
    }

    public String title() {
        return title;
    }

    /// The name in results files and on the command line.
    public String key() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    @Override
    public String toString() {
        return key();
    }

    /// Firn's door as `--against` names it; empty for what is not Firn.
    public String door() {
        return switch (this) {
            case DIRECT, DIRECT_BATCH, DIRECT_REPLICATED -> "direct";
            case STANDALONE, STANDALONE_BATCH, STANDALONE_REPLICATED, STANDALONE_TABLES ->
                    "standalone";
            case GATEWAY, GATEWAY_REPLICATED -> "gateway";
            case KAFKA, KAFKA_AGAIN, FORWARDER, SPLICE_FORWARDER, MINIMAL, RING -> "";
        };
    }

    public boolean isFirn() {
        return !door().isEmpty();
    }

    public String durability() {
        return switch (this) {
            case DIRECT_REPLICATED, STANDALONE_REPLICATED, GATEWAY_REPLICATED -> "replicated";
            default -> "strict";
        };
    }

    /// Whether it has topics at all.
    public boolean hasTopics() {
        return this != MINIMAL && this != RING;
    }

    /// Settings of every topic that is made for it: the same segments and indexes on both sides.
    /// Tables are off but for the subject that says so, so that offload, which has a load of its
    /// own, does not run beside.
    public Map<String, String> topicSettings() {
        var all =
                new java.util.TreeMap<>(
                        Map.of(
                                "segment.bytes", "1073741824",
                                "segment.index.bytes", "1048576",
                                "index.interval.bytes", "16384"));
        if (isFirn() && this != STANDALONE_TABLES) {
            all.put("firn.table.enabled", "false");
        }
        if (this == DIRECT_BATCH || this == STANDALONE_BATCH) {
            all.put("firn.produce.check", "batch");
        }
        return all;
    }
}
