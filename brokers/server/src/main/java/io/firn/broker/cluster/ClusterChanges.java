package io.firn.broker.cluster;

import io.firn.broker.cold.ColdTier;
import io.firn.broker.partition.LedPartition;
import io.firn.broker.partition.PartitionTable;
import io.firn.controller.image.ClusterImage;
import io.firn.controller.image.TopicState;
import io.firn.controller.member.ClusterFollower;
import io.firn.log.HotLog;

import org.apache.kafka.common.TopicIdPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.image.ConfigurationsDelta;
import org.apache.kafka.image.MetadataDelta;
import org.apache.kafka.image.TopicsDelta;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.function.Function;
import java.util.function.Predicate;

/// Does what a new image asks of this broker: leads, resigns, deletes, reconfigures. What may wait
/// for the disk, or for whoever reads the log, happens on the housekeeping thread, in order.
public final class ClusterChanges implements ClusterFollower.Subscriber {
    private static final Logger LOG = LoggerFactory.getLogger(ClusterChanges.class);

    /// More than this is one line in the log.
    private static final int FEW = 8;

    private final PartitionTable table;
    private final HotLog hotLog;
    private final ColdTier cold;
    private final StrayTopics strays;
    private final DeletedTopics gone;
    private final Executor housekeeping;

    public ClusterChanges(
            PartitionTable table,
            HotLog hotLog,
            ColdTier cold,
            StrayTopics strays,
            DeletedTopics gone,
            Executor housekeeping) {
        this.table = table;
        this.hotLog = hotLog;
        this.cold = cold;
        this.strays = strays;
        this.gone = gone;
        this.housekeeping = housekeeping;
    }

    @Override
    public void changed(MetadataDelta delta, ClusterImage image) {
        TopicsDelta topics = delta.topicsDelta();
        List<TopicState> changed = new ArrayList<>();
        Set<Uuid> deleted = topics == null ? Set.of() : Set.copyOf(topics.deletedTopicIds());
        if (topics != null) {
            topics.changedTopics().keySet().forEach(id -> image.topic(id).ifPresent(changed::add));
        }
        ClusterImage before = table.image();
        PartitionTable.Moves moves = table.move(image, changed, deleted);
        housekeeping.execute(
                () -> {
                    tell("No longer leads", moves.lost());
                    tell("Leads", moves.gained());
                    moves.lost().forEach(led -> cold.resign(led.partition()));
                    if (!deleted.isEmpty()) {
                        gone.deleted(spokenFor(deleted, before), cold);
                        removeLogs(
                                "Deleted",
                                "its topic was deleted",
                                id -> deleted.contains(id.topicId()),
                                hotLog::startDelete);
                    }
                    moves.gained().forEach(cold::lead);
                });
        ConfigurationsDelta configs = delta.configsDelta();
        if (configs != null) {
            Set<ConfigResource> resources = Set.copyOf(configs.changes().keySet());
            housekeeping.execute(() -> reconfigure(resources, image));
        }
    }

    private static void tell(String what, List<?> which) {
        if (which.size() > FEW) {
            LOG.info("{} {} partitions, the first is {}", what, which.size(), which.getFirst());
        } else {
            which.forEach(led -> LOG.info("{} {}", what, led));
        }
    }

    /// The first replica of partition 0 speaks for the topic, whether it led it or not.
    private List<DeletedTopics.Deleted> spokenFor(Set<Uuid> deleted, ClusterImage before) {
        return deleted.stream()
                .flatMap(id -> before.topic(id).stream())
                .filter(
                        topic ->
                                topic.partition(0)
                                        .filter(p -> p.replicas().getFirst() == table.nodeId())
                                        .isPresent())
                .map(
                        topic ->
                                new DeletedTopics.Deleted(
                                        topic.id(),
                                        topic.name(),
                                        before.tableSettings(topic.name()).keepOnDelete(),
                                        System.currentTimeMillis(),
                                        false))
                .toList();
    }

    /// Takes logs out of use whose topics are not in the image: deleted while this broker was away,
    /// or the image lacks what it should have, because the controller's metadata was lost. So their
    /// files are kept for a while, and so is what the catalog has of them; and those that were
    /// taken away before and whose topics are there again come back (L14). Only once the image is
    /// known to be current.
    public void compareLogs(ClusterImage image) {
        housekeeping.execute(
                () -> {
                    if (image.topicCount() == 0 && !hotLog.known().isEmpty()) {
                        LOG.error(
                                "The cluster has no topics, and {} logs are here: they stay as they are and the catalog is told nothing. If raft/ was lost, stop, put it back from a copy and start again; if all topics were deleted, the logs are set aside at the first start with a topic.",
                                hotLog.known().size());
                        return;
                    }
                    takeBack(image);
                    String why = "its topic is not in the cluster any more";
                    removeLogs(
                            "Kept as a stray",
                            why,
                            id -> image.topicName(id.topicId()) == null,
                            id -> hotLog.makeStray(id, why));
                    gone.tellAgain(image, cold, housekeeping);
                    strays.begin(table::image, cold, hotLog::sweepStrays, housekeeping);
                    hotLog.sweepStrays();
                });
    }

    private void takeBack(ClusterImage image) {
        for (TopicIdPartition stray : hotLog.strays()) {
            if (image.topicName(stray.topicId()) != null && !hotLog.folderIsMissing(stray)) {
                hotLog.open(stray, image.logConfig(stray.topic()));
            }
        }
    }

    private void removeLogs(
            String what,
            String why,
            Predicate<TopicIdPartition> which,
            Function<TopicIdPartition, CompletableFuture<Void>> how) {
        Map<TopicIdPartition, CompletableFuture<Void>> started = new LinkedHashMap<>();
        for (TopicIdPartition partition : hotLog.known()) {
            if (which.test(partition)) {
                started.put(partition, how.apply(partition));
            }
        }
        List<TopicIdPartition> deleted = new ArrayList<>();
        started.forEach(
                (partition, done) -> {
                    try {
                        done.join();
                        deleted.add(partition);
                    } catch (CompletionException e) {
                        LOG.error(
                                "Cannot take the log of {} away; the next start tries again",
                                partition,
                                e.getCause());
                    }
                });
        tell(what + " (" + why + ") the log of", deleted);
    }

    private void reconfigure(Set<ConfigResource> changed, ClusterImage image) {
        boolean all = changed.stream().anyMatch(c -> c.type() == ConfigResource.Type.BROKER);
        for (LedPartition led : table.all()) {
            String topic = led.partition().topic();
            if (led.usedLog().isEmpty()
                    || !(all
                            || changed.contains(
                                    new ConfigResource(ConfigResource.Type.TOPIC, topic)))) {
                continue;
            }
            try {
                hotLog.reconfigure(led.partition(), image.logConfig(topic));
                cold.lead(led); // its table may have been switched on or off
            } catch (RuntimeException e) {
                LOG.error("Cannot apply the new settings of {}", led, e);
            }
        }
    }
}
