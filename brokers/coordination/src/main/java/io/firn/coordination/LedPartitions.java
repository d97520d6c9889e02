package io.firn.coordination;

import io.firn.log.PartitionLog;

import org.apache.kafka.common.TopicIdPartition;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.NotLeaderOrFollowerException;
import org.jspecify.annotations.Nullable;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/// The internal partitions that this broker leads, with the log of each once it is open.
final class LedPartitions {
    /// One leadership; `log` is null until a loader has opened it.
    record Led(TopicIdPartition id, int leaderEpoch, @Nullable PartitionLog log) {}

    /// A leadership in use.
    record Opened(PartitionLog log, int leaderEpoch) {}

    private final CoordinatorLogs logs;
    private final Map<TopicPartition, Led> led = new ConcurrentHashMap<>();

    LedPartitions(CoordinatorLogs logs) {
        this.logs = logs;
    }

    void elected(TopicIdPartition id, int leaderEpoch) {
        led.put(id.topicPartition(), new Led(id, leaderEpoch, null));
    }

    void resigned(TopicPartition partition) {
        led.remove(partition);
    }

    boolean leads(TopicPartition partition) {
        return led.containsKey(partition);
    }

    /// The partition's leadership with its log, opened and led on first use after an election.
    ///
    /// @throws NotLeaderOrFollowerException when this broker does not lead it
    Opened require(TopicPartition partition) {
        Led leadership = led.get(partition);
        if (leadership == null) {
            throw new NotLeaderOrFollowerException(
                    "This broker does not lead %s any more; ask its coordinator again"
                            .formatted(partition));
        }
        PartitionLog log = leadership.log();
        if (log == null) {
            log = logs.lead(leadership.id(), leadership.leaderEpoch());
            // An election in between wins: the next use leads with its epoch.
            led.replace(
                    partition, leadership, new Led(leadership.id(), leadership.leaderEpoch(), log));
        }
        return new Opened(log, leadership.leaderEpoch());
    }
}
