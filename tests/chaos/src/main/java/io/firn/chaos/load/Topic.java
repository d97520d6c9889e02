package io.firn.chaos.load;

import org.apache.kafka.clients.admin.NewTopic;

import java.util.Map;

/// What the load writes to: small segments that go to the table within seconds and leave the disk
/// soon after.
public record Topic(String name, int partitions) {
    public NewTopic toCreate() {
        return new NewTopic(name, partitions, (short) 1)
                .configs(
                        Map.of(
                                "segment.bytes", "1048576",
                                "retention.ms", "-1",
                                "firn.table.freshness.ms", "1500",
                                "local.retention.ms", "4000"));
    }
}
