package io.firn.tiering.cold.source;

import java.time.Duration;

/// What the topic's settings ask of its table (DESIGN §13).
///
/// @param freshness `firn.table.freshness.ms`: a record is in the table within this time
/// @param tableName `firn.table.name`, or empty
/// @param layout `firn.table.layout`, or empty for the table's own choice
/// @param retentionMillis `retention.ms`, -1 for ever
/// @param retentionBytes `retention.bytes`, -1 without bound
/// @param keepRows `firn.table.retention=keep`: what retention takes from Kafka stays in the table
public record OffloadPolicy(
        Duration freshness,
        String tableName,
        String layout,
        long retentionMillis,
        long retentionBytes,
        boolean keepRows) {
    /// A policy that keeps everything.
    public static OffloadPolicy keepForEver(Duration freshness) {
        return new OffloadPolicy(freshness, "", "", -1, -1, false);
    }
}
