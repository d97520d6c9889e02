package io.firn.coordination;

import io.firn.controller.image.ClusterImage;
import io.firn.log.CoordinatorLog;
import io.firn.log.HotLog;
import io.firn.log.PartitionLog;

import org.apache.kafka.common.TopicIdPartition;

import java.util.function.Supplier;

/// Where a coordinator finds the log of an internal partition that this broker leads.
@FunctionalInterface
public interface CoordinatorLogs {
    /// Opens the log and leads it with this epoch; called on a loader's thread, may wait for the
    /// disk. Repeating it does no harm.
    CoordinatorLog lead(TopicIdPartition partition, int leaderEpoch);

    /// Straight from the disk, with the topic's settings as they are in the image at that moment.
    static CoordinatorLogs of(HotLog hotLog, Supplier<ClusterImage> image) {
        return (partition, leaderEpoch) -> {
            PartitionLog log = hotLog.open(partition, image.get().logConfig(partition.topic()));
            log.becomeLeader(leaderEpoch);
            return log;
        };
    }
}
