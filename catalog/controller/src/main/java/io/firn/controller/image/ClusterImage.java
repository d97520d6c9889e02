package io.firn.controller.image;

import io.firn.controller.settings.TableSettings;
import io.firn.controller.settings.TopicDefaults;
import io.firn.controller.settings.TopicSettings;

import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.network.ListenerName;
import org.apache.kafka.image.MetadataImage;
import org.apache.kafka.image.TopicImage;
import org.apache.kafka.metadata.BrokerRegistration;
import org.apache.kafka.metadata.KRaftMetadataCache;
import org.apache.kafka.metadata.Replicas;
import org.apache.kafka.server.common.FinalizedFeatures;
import org.apache.kafka.server.common.KRaftVersion;
import org.apache.kafka.storage.internals.log.LogConfig;
import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/// The cluster at one moment: Kafka's metadata image in Firn's words. Immutable; look at it once
/// per request, since a second look at the follower could name another leader.
public final class ClusterImage {
    /// The listener under which a broker registers the address for other cluster members.
    public static final ListenerName LISTENER = new ListenerName("FIRN");

    /// What a log configuration depends on: topics that set the same share one.
    private record LogKey(boolean internal, Map<String, String> overrides) {}

    private final MetadataImage image;
    private final String clusterId;
    private final int controllerId;
    private final TopicDefaults defaults;
    private final KRaftMetadataCache cache;
    private final Map<LogKey, LogConfig> logConfigs;
    private final List<BrokerState> alive;

    public ClusterImage(MetadataImage image, String clusterId, int controllerId) {
        this(
                image,
                clusterId,
                controllerId,
                TopicDefaults.of(
                        image.configs()
                                .configMapForResource(
                                        new ConfigResource(ConfigResource.Type.BROKER, ""))),
                new ConcurrentHashMap<>());
    }

    private ClusterImage(
            MetadataImage image,
            String clusterId,
            int controllerId,
            TopicDefaults defaults,
            Map<LogKey, LogConfig> logConfigs) {
        this.image = image;
        this.clusterId = clusterId;
        this.controllerId = controllerId;
        this.defaults = defaults;
        this.logConfigs = logConfigs;
        this.cache = new KRaftMetadataCache(controllerId, () -> KRaftVersion.KRAFT_VERSION_0);
        cache.setImage(image);
        this.alive =
                brokers().stream()
                        .filter(broker -> !broker.fenced() && broker.port() > 0)
                        .sorted(Comparator.comparingInt(BrokerState::id))
                        .toList();
    }

    /// The image after this one. While no setting changes, what was made of them goes on.
    public ClusterImage next(MetadataImage next) {
        return next.configs() == image.configs()
                ? new ClusterImage(next, clusterId, controllerId, defaults, logConfigs)
                : new ClusterImage(next, clusterId, controllerId);
    }

    /// The same image under another controller.
    ClusterImage ledBy(int leader) {
        return new ClusterImage(image, clusterId, leader, defaults, logConfigs);
    }

    public MetadataImage kafka() {
        return image;
    }

    /// Offset of the last metadata record in it, -1 when there is none yet.
    public long offset() {
        return image.offset();
    }

    public String clusterId() {
        return clusterId;
    }

    /// The quorum's leader when this image was made, -1 when unknown.
    public int controllerId() {
        return controllerId;
    }

    /// The same object in images between which no topic changed: what was made of all topics can
    /// be kept for as long. Good for nothing else.
    public Object topicsIdentity() {
        return image.topics();
    }

    /// How many topics there are, of all tenants.
    public int topicCount() {
        return kafka().topics().topicsById().size();
    }

    /// How many partitions there are, of all tenants' topics; makes nothing.
    public int partitionCount() {
        return image.topics().topicsById().values().stream()
                .mapToInt(topic -> topic.partitions().size())
                .sum();
    }

    /// How many partitions a topic has, 0 if there is none; makes nothing.
    public int partitionCount(String insideName) {
        return partitionCount(image.topics().getTopic(insideName));
    }

    public int partitionCount(Uuid topicId) {
        return partitionCount(image.topics().getTopic(topicId));
    }

    private static int partitionCount(@Nullable TopicImage topic) {
        return topic == null ? 0 : topic.partitions().size();
    }

    /// The inside names of all topics; makes nothing.
    public Set<String> topicNames() {
        return image.topics().topicsByName().keySet();
    }

    public Optional<TopicState> topic(String insideName) {
        return state(image.topics().getTopic(insideName));
    }

    public Optional<TopicState> topic(Uuid id) {
        return state(image.topics().getTopic(id));
    }

    /// The inside name of a topic, null if there is none; makes nothing.
    public @Nullable String topicName(Uuid id) {
        TopicImage topic = image.topics().getTopic(id);
        return topic == null ? null : topic.name();
    }

    /// The id of a topic, null if there is none; makes nothing.
    public @Nullable Uuid topicId(String insideName) {
        TopicImage topic = image.topics().getTopic(insideName);
        return topic == null ? null : topic.id();
    }

    /// One partition, without making a list of its neighbours.
    public Optional<PartitionState> partition(String insideName, int partition) {
        return partition(image.topics().getTopic(insideName), partition);
    }

    public Optional<PartitionState> partition(Uuid topicId, int partition) {
        return partition(image.topics().getTopic(topicId), partition);
    }

    private static Optional<PartitionState> partition(@Nullable TopicImage topic, int partition) {
        return Optional.ofNullable(topic)
                .map(t -> t.partitions().get(partition))
                .map(registration -> PartitionState.of(partition, registration));
    }

    /// The names of partitions with a replica on this broker that nobody leads.
    public List<String> leaderless(int broker) {
        List<String> found = new ArrayList<>();
        for (TopicImage topic : image.topics().topicsById().values()) {
            topic.partitions()
                    .forEach(
                            (partition, its) -> {
                                if (its.leader < 0 && Replicas.contains(its.replicas, broker)) {
                                    found.add(topic.name() + "-" + partition);
                                }
                            });
        }
        return found;
    }

    /// Made anew at each call: keep it for one piece of work.
    public Collection<TopicState> topics() {
        return image.topics().topicsById().values().stream().map(TopicState::of).toList();
    }

    public Collection<BrokerState> brokers() {
        return image.cluster().brokers().values().stream().map(BrokerState::of).toList();
    }

    /// Brokers that take requests, lowest id first, so that every gateway picks the same; the same
    /// list at each call.
    public List<BrokerState> alive() {
        return alive;
    }

    public Optional<BrokerState> broker(int id) {
        BrokerRegistration registration = image.cluster().broker(id);
        return registration == null ? Optional.empty() : Optional.of(BrokerState.of(registration));
    }

    /// What the topic sets itself; empty also for a topic that is not there.
    public Map<String, String> topicConfig(String insideName) {
        return config(ConfigResource.Type.TOPIC, insideName);
    }

    /// Cluster defaults and the topic's own settings together, by Firn's and Kafka's names.
    public Map<String, String> effectiveTopicConfig(String insideName) {
        return defaults.effective(topicConfig(insideName));
    }

    /// How the topic's partitions keep their log. `remote.storage.enable` is true exactly when the
    /// topic has a table.
    public LogConfig logConfig(String insideName) {
        return logConfigs.computeIfAbsent(
                new LogKey(TopicSettings.isInternal(insideName), topicConfig(insideName)),
                key -> defaults.logConfig(insideName, key.overrides()));
    }

    /// Firn's own settings of the topic.
    public TableSettings tableSettings(String insideName) {
        return TableSettings.of(insideName, effectiveTopicConfig(insideName));
    }

    /// Kafka's queries over this image, for DescribeConfigs and the like.
    public KRaftMetadataCache cache() {
        return cache;
    }

    public FinalizedFeatures features() {
        return cache.features();
    }

    private Map<String, String> config(ConfigResource.Type type, String name) {
        return image.configs().configMapForResource(new ConfigResource(type, name));
    }

    private static Optional<TopicState> state(@Nullable TopicImage topic) {
        return topic == null ? Optional.empty() : Optional.of(TopicState.of(topic));
    }
}
