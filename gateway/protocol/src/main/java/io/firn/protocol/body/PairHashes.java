package io.firn.protocol.body;

import java.util.Arrays;

/// The partitions that a request names, by the hash that Kafka's `TopicPartition` and its kin have:
/// `31 * partition + hash of the topic`, but for a constant. Names that all differ, and partitions
/// that all differ, may have one hash as pairs; Kafka keeps them in hash maps, and keys that cannot
/// be compared make those quadratic.
final class PairHashes {
    private static final int FACTOR = 31;

    private int[] outside = new int[NameHashes.HARMLESS];
    private int[] inside = new int[NameHashes.HARMLESS];
    private int count;

    /// @param topic hash of its name as it came, or of its id
    /// @param topicInside hash of its name inside the cluster, or of its id
    void add(int topic, int topicInside, int partition) {
        if (count == outside.length) {
            outside = Arrays.copyOf(outside, 2 * count);
            inside = Arrays.copyOf(inside, 2 * count);
        }
        outside[count] = FACTOR * partition + topic;
        inside[count] = FACTOR * partition + topicInside;
        count++;
    }

    /// @throws InvalidRequestException if many have one hash, or are the same
    void check() {
        if (count > NameHashes.HARMLESS) {
            NameHashes.requireFewAlike(outside, count, "partitions");
            NameHashes.requireFewAlike(inside, count, "partitions");
        }
    }
}
