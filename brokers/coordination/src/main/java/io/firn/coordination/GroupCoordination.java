package io.firn.coordination;

import io.firn.controller.member.ClusterFollower;
import io.firn.controller.member.ControllerClient;

import org.apache.kafka.common.TopicIdPartition;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.CoordinatorNotAvailableException;
import org.apache.kafka.common.internals.Topic;
import org.apache.kafka.common.metrics.Metrics;
import org.apache.kafka.coordinator.group.GroupCoordinator;
import org.apache.kafka.image.MetadataDelta;
import org.apache.kafka.image.MetadataImage;
import org.apache.kafka.image.TopicImage;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.util.Collection;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;

/// The groups whose coordinator this broker is, by Kafka's own `GroupCoordinatorService` on
/// `__consumer_offsets`. One per broker.
///
/// How a broker uses it:
/// ```java
/// GroupCoordination groups = GroupCoordination.start(
///         GroupSettings.standalone(nodeId),                  // or cluster(nodeId);
/// .with(Map.of("offsets.retention.minutes", "60"))
///         CoordinatorLogs.of(hotLog, follower::image),       // or (TopicIdPartition id, int
/// leaderEpoch) -> CoordinatorLog, open and led
///         follower, controllerClient);
/// GroupHandlers handlers = new GroupHandlers(groups);        // io.firn.broker.group
/// if (GroupHandlers.APIS.contains(request.header().apiKey())) handlers.handle(request);   // on
/// the event loop; never blocks
/// ...
/// groups.close();                                            // before HotLog.close()
/// ```
/// It follows elections of `__consumer_offsets` itself, so nobody else may append to that topic's
/// logs. The topic is created when the first group needs it. Everything here is named as inside the
/// cluster.
public final class GroupCoordination implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(GroupCoordination.class);
    private static final String TOPIC = Topic.GROUP_METADATA_TOPIC_NAME;

    /// How long a request waits here for the topic or a load before its client is told to ask
    /// again.
    private static final long WAIT_MS = 5_000;

    private final GroupSettings settings;
    private final LedPartitions led;
    private final LoadGates gates = new LoadGates();
    private final Gate starting = new Gate();
    private final OffsetsTopic offsetsTopic;
    private final GroupMemory memory;
    private final Metrics metrics = new Metrics();
    private final CompletableFuture<GroupCoordinator> started = new CompletableFuture<>();

    private volatile MetadataImage image = MetadataImage.EMPTY;
    private @Nullable KafkaGroups groups;
    private Leadership leadership = Leadership.NONE;
    private Runnable unsubscribe = () -> {};
    private boolean closed;

    GroupCoordination(
            GroupSettings settings,
            CoordinatorLogs logs,
            InternalTopicCreator creator,
            GroupMemory memory) {
        this.settings = settings;
        this.memory = memory;
        this.led = new LedPartitions(logs);
        this.offsetsTopic = new OffsetsTopic(settings, creator);
    }

    /// Starts to follow the cluster; returns at once.
    public static GroupCoordination start(
            GroupSettings settings,
            CoordinatorLogs logs,
            ClusterFollower follower,
            ControllerClient controller) {
        GroupCoordination coordination =
                new GroupCoordination(
                        settings,
                        logs,
                        new ControllerTopicCreator(controller),
                        GroupMemory.ofHeap());
        ClusterFollower.Subscriber subscriber =
                (delta, image) -> coordination.changed(delta, image.kafka());
        coordination.unsubscribe = () -> follower.unsubscribe(subscriber);
        follower.subscribe(subscriber);
        return coordination;
    }

    /// The coordinator, once the partition that keeps this group is loaded or a bounded wait is
    /// over; then the coordinator itself answers `NOT_COORDINATOR` or
    /// `COORDINATOR_LOAD_IN_PROGRESS`. Creates the offsets topic if it is missing. Fails with
    /// `CoordinatorNotAvailableException`, which clients retry.
    public CompletableFuture<GroupCoordinator> coordinatorFor(String group) {
        return withTopic()
                .thenCompose(
                        coordinator ->
                                gates.passed(coordinator.partitionFor(group), WAIT_MS)
                                        .thenApply(passed -> coordinator));
    }

    /// The coordinator, once every partition led here is loaded or a bounded wait is over.
    public CompletableFuture<GroupCoordinator> coordinatorForAll() {
        return withTopic()
                .thenCompose(
                        coordinator -> gates.allPassed(WAIT_MS).thenApply(passed -> coordinator));
    }

    /// Whether there may be any group: without an offsets topic there is none, and asking for the
    /// list is no reason to create it.
    public boolean hasOffsetsTopic() {
        return started.isDone();
    }

    /// The cluster as the coordinator knows it.
    public MetadataImage image() {
        return image;
    }

    /// What groups may hold.
    public GroupMemory memory() {
        return memory;
    }

    /// Counters and times of the coordinator, in Kafka's names.
    public Metrics metrics() {
        return metrics;
    }

    /// The cluster changed. Called in order, first with everything that is known.
    synchronized void changed(MetadataDelta delta, MetadataImage now) {
        if (closed) {
            return;
        }
        image = now;
        TopicImage topic = now.topics().getTopic(TOPIC);
        if (groups == null && topic != null) {
            groups =
                    KafkaGroups.start(
                            settings,
                            topic.partitions().size(),
                            led,
                            memory.kept(),
                            metrics,
                            gates::passed);
            passGroupConfigs(groups.coordinator(), now.configs().resourceData().keySet(), now);
        }
        if (groups == null) {
            return;
        }
        GroupCoordinator coordinator = groups.coordinator();
        coordinator.onMetadataUpdate(delta, now);
        if (delta.configsDelta() != null) {
            passGroupConfigs(coordinator, delta.configsDelta().changes().keySet(), now);
        }
        follow(coordinator, topic);
        started.complete(coordinator);
        starting.open();
    }

    private void follow(GroupCoordinator coordinator, @Nullable TopicImage topic) {
        Leadership now = Leadership.of(topic, settings.nodeId());
        for (int partition : now.resignedSince(leadership)) {
            led.resigned(new TopicPartition(TOPIC, partition));
            coordinator.onResignation(partition, OptionalInt.empty());
            memory.kept().forget(partition);
            gates.passed(partition);
            LOG.info("Resigned as coordinator of the groups in {}-{}", TOPIC, partition);
        }
        for (Map.Entry<Integer, Integer> elected : now.electedSince(leadership).entrySet()) {
            int partition = elected.getKey();
            if (topic == null) {
                throw new IllegalStateException("Elected for a topic that is not there: " + TOPIC);
            }
            boolean loads = !led.leads(new TopicPartition(TOPIC, partition));
            if (loads) {
                gates.close(partition);
            }
            led.elected(new TopicIdPartition(topic.id(), partition, TOPIC), elected.getValue());
            coordinator.onElection(partition, elected.getValue());
        }
        leadership = now;
    }

    /// @param resources whose settings may have changed; all there are when the coordinator is new,
    ///     since a group may have been given settings before there was an offsets topic
    private static void passGroupConfigs(
            GroupCoordinator coordinator, Collection<ConfigResource> resources, MetadataImage now) {
        for (ConfigResource changed : resources) {
            if (changed.type() == ConfigResource.Type.GROUP) {
                coordinator.updateGroupConfig(
                        changed.name(), now.configs().configProperties(changed));
            }
        }
    }

    private CompletableFuture<GroupCoordinator> withTopic() {
        if (!started.isDone()) {
            offsetsTopic.ensure(image);
        }
        return starting.pass(WAIT_MS).thenCompose(turn -> started.isDone() ? started : notYet());
    }

    private CompletableFuture<GroupCoordinator> notYet() {
        return CompletableFuture.failedFuture(
                new CoordinatorNotAvailableException(
                        "Topic %s is not there yet%s; ask again"
                                .formatted(TOPIC, offsetsTopic.why())));
    }

    @Override
    public void close() {
        unsubscribe.run();
        KafkaGroups running;
        synchronized (this) {
            if (closed) {
                return;
            }
            closed = true;
            running = groups;
        }
        started.completeExceptionally(
                new CoordinatorNotAvailableException("This broker is shutting down"));
        starting.open();
        if (running != null) {
            running.close();
        }
        gates.passAll();
        metrics.close();
    }
}
