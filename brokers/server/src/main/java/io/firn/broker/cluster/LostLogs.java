package io.firn.broker.cluster;

import io.firn.broker.cold.ColdTier;
import io.firn.broker.request.Failures;
import io.firn.controller.image.ClusterImage;
import io.firn.controller.image.PartitionState;
import io.firn.controller.image.TopicState;
import io.firn.controller.settings.TopicSettings;
import io.firn.log.HotLog;
import io.firn.log.PartitionLog;
import io.firn.tiering.cold.read.ColdRange;

import org.apache.kafka.common.TopicIdPartition;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.KafkaStorageException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/// Partitions that were on this broker's disk and are gone from it: with their own folder, or with
/// the whole directory, which is then new and cannot say what it had. A lost one must not begin at
/// 0 beside a table that has its past (C2); so the catalog is asked first, and until it has
/// answered nothing is written or read. The log then goes on at the cold end and the past is served
/// from the table. Partitions that were never used are no matter: a disk that is not new knows what
/// it had.
///
/// A folder that is not the one this broker last ran with may be an older copy: its logs end where
/// they once ended, and what was acknowledged since would be given again (C2, L14). Or the metadata
/// is older, and has topics whose logs went when they were deleted. So each partition with a table
/// asks then, and one that ends below it begins anew behind it: all it had is there.
public final class LostLogs {
    private static final Logger LOG = LoggerFactory.getLogger(LostLogs.class);
    private static final long MOST_PAUSE_MILLIS = 5_000;

    private final HotLog hotLog;
    private final ColdTier cold;
    private final Set<TopicIdPartition> waiting = ConcurrentHashMap.newKeySet();
    private final AtomicInteger begunAnew = new AtomicInteger();

    public LostLogs(HotLog hotLog, ColdTier cold) {
        this.hotLog = hotLog;
        this.cold = cold;
    }

    /// Finds them, and asks for them on a thread of its own. Called once, before anything is led.
    ///
    /// @param isOther the folder is not known to be the one this broker last ran with
    public void look(ClusterImage image, int nodeId, boolean isOther) {
        if (cold == ColdTier.NONE) {
            return;
        }
        for (TopicState topic : image.topics()) {
            if (TopicSettings.isInternal(topic.name())
                    || !image.tableSettings(topic.name()).enabled()) {
                continue;
            }
            for (PartitionState partition : topic.partitions()) {
                TopicIdPartition id =
                        new TopicIdPartition(
                                topic.id(),
                                new TopicPartition(topic.name(), partition.partition()));
                if (partition.replicas().contains(nodeId) && (isOther || isLost(id))) {
                    waiting.add(id);
                }
            }
        }
        if (!waiting.isEmpty()) {
            Thread.ofVirtual().name("firn-lost-logs").start(() -> ask(image));
        }
    }

    private boolean isLost(TopicIdPartition id) {
        return hotLog.isNew() ? !hotLog.knows(id) : hotLog.folderIsMissing(id);
    }

    /// Logs that cannot be used before the catalog has said where they begin.
    public int waiting() {
        return waiting.size();
    }

    /// Logs that begin anew behind the table since this start.
    public int begunAnew() {
        return begunAnew.get();
    }

    /// Opens the log, unless it is not known yet where it has to begin.
    public PartitionLog open(TopicIdPartition partition, ClusterImage image) {
        if (waiting.contains(partition)) {
            throw new KafkaStorageException(
                    "The log of %s is not on this disk or may be an older copy, and the catalog has not said yet how much of it is in the table; try again"
                            .formatted(partition));
        }
        return hotLog.open(partition, image.logConfig(partition.topic()));
    }

    private void ask(ClusterImage image) {
        long pause = 50;
        String said = "";
        while (!waiting.isEmpty()) {
            try {
                for (TopicIdPartition partition : Set.copyOf(waiting)) {
                    resolve(partition, image);
                    waiting.remove(partition);
                }
            } catch (RuntimeException e) {
                String reason = String.valueOf(Failures.cause(e).getMessage());
                if (!reason.equals(said)) {
                    said = reason;
                    LOG.warn(
                            "{} partitions that are not on this disk, or may be older copies, wait for the catalog: {}",
                            waiting.size(),
                            reason);
                }
                pause = pause(pause);
            }
        }
    }

    private static long pause(long millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return Math.min(2 * millis, MOST_PAUSE_MILLIS);
    }

    private void resolve(TopicIdPartition partition, ClusterImage image) {
        ColdRange range = cold.range(partition);
        boolean missing = hotLog.folderIsMissing(partition);
        boolean here = hotLog.knows(partition) && !missing;
        if (!missing && range.coldEnd() == 0) {
            return; // never used, or nothing of it is in the table
        }
        if (missing) {
            hotLog.delete(partition);
        }
        PartitionLog log = hotLog.open(partition, image.logConfig(partition.topic()));
        long was = log.endOffset();
        long end = Math.max(range.coldEnd(), range.logStart());
        if (here && was >= range.coldEnd()) {
            return;
        }
        try {
            log.restartAt(end, range.logStart());
        } catch (KafkaStorageException unusable) { // suspect, or its disk is: it takes no records
            LOG.error(
                    "The local log of {} ends at {} and the table at {}; it cannot begin anew there: {}",
                    partition,
                    was,
                    range.coldEnd(),
                    unusable.getMessage());
            return;
        }
        begunAnew.incrementAndGet();
        LOG.error(
                "The local log of {} {}. Its records [{}, {}) are in the table and"
                        + " are served from there; the log goes on at {}. Whatever was acknowledged"
                        + " and had not come into the table is lost, and its offsets will be given"
                        + " again",
                partition,
                here ? "is an older copy that ends at " + was : "is gone from this disk",
                range.logStart(),
                range.coldEnd(),
                end);
    }
}
