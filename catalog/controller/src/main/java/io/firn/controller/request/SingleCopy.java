package io.firn.controller.request;

import io.firn.controller.image.PartitionState;

import org.apache.kafka.common.errors.PolicyViolationException;
import org.apache.kafka.common.message.CreateTopicsRequestData.CreatableTopic;

import java.util.Collection;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeSet;

/// What Firn refuses until it replicates (R8). Nobody copies records from one broker to another
/// yet, so a second replica would be counted as in sync and never have a record: a partition has
/// one copy, and a cluster one broker. All that says so is here, for the change that brings
/// replication to take away.
public final class SingleCopy {
    private OptionalInt admitted = OptionalInt.empty();

    SingleCopy() {}

    /// A broker wants to register. The registrations come out of an image, which shows the last one
    /// some time after it happened; so the last that was let in is remembered too.
    ///
    /// @param registered ids of the brokers in the image
    /// @throws PolicyViolationException if it were not the only one
    synchronized void admit(int brokerId, Collection<Integer> registered) {
        TreeSet<Integer> others = new TreeSet<>(registered);
        admitted.ifPresent(others::add);
        if (!others.contains(brokerId) && !others.isEmpty()) {
            throw new PolicyViolationException(
                    "Cannot register broker %d: the cluster has broker %d already, and Firn does not replicate between brokers yet. Stop this one, or give it a cluster of its own."
                            .formatted(brokerId, others.first()));
        }
        admitted = OptionalInt.of(brokerId);
    }

    /// A broker is not registered any more, or was not after all.
    synchronized void gone(int brokerId) {
        if (admitted.equals(OptionalInt.of(brokerId))) {
            admitted = OptionalInt.empty();
        }
    }

    /// What a broker says that was refused as one too many: the protocol carries no words to it.
    public static String refusedBroker(int brokerId) {
        return "Cannot register broker %d: the cluster has another broker already, and Firn does not replicate between brokers yet. Stop this one, or give it a cluster of its own; if the other one is gone for good, unregister it first."
                .formatted(brokerId);
    }

    /// Why a topic cannot be created, if it asks for more than one copy.
    static Optional<String> refusal(CreatableTopic topic) {
        int most =
                topic.assignments().stream()
                        .mapToInt(partition -> partition.brokerIds().size())
                        .max()
                        .orElse(topic.replicationFactor());
        return most > 1
                ? Optional.of(
                        "Cannot create topic %s with replication factor %d: Firn does not replicate between brokers yet. Ask for 1, or -1 for the default."
                                .formatted(topic.name(), most))
                : Optional.empty();
    }

    /// How many replicas of a partition have what its leader has: the leader's own, whatever the
    /// metadata lists.
    public static int inSync(PartitionState partition) {
        return partition.hasLeader() ? 1 : 0;
    }
}
