package io.firn.tiering.cold;

import java.util.UUID;

/// A partition by its topic's id.
public record PartitionKey(UUID topicId, int partition) {
    @Override
    public String toString() {
        return topicId + "-" + partition;
    }
}
