package io.firn.controller.image;

import org.apache.kafka.metadata.PartitionRegistration;

import java.util.Arrays;
import java.util.List;

/// One partition in one image.
///
/// @param leader broker id, or -1 when none may lead
public record PartitionState(
        int partition,
        int leader,
        int leaderEpoch,
        int partitionEpoch,
        List<Integer> replicas,
        List<Integer> isr,
        List<Integer> elr) {
    static PartitionState of(int partition, PartitionRegistration registration) {
        return new PartitionState(
                partition,
                registration.leader,
                registration.leaderEpoch,
                registration.partitionEpoch,
                list(registration.replicas),
                list(registration.isr),
                list(registration.elr));
    }

    public boolean hasLeader() {
        return leader >= 0;
    }

    private static List<Integer> list(int[] ids) {
        return Arrays.stream(ids).boxed().toList();
    }
}
