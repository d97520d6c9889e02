package io.firn.coordination;

import org.apache.kafka.common.TopicIdPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.internals.Topic;
import org.apache.kafka.common.message.CreateTopicsRequestData.CreatableTopic;
import org.apache.kafka.common.metadata.PartitionChangeRecord;
import org.apache.kafka.common.metadata.PartitionRecord;
import org.apache.kafka.common.metadata.RemoveTopicRecord;
import org.apache.kafka.common.metadata.TopicRecord;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.image.MetadataDelta;
import org.apache.kafka.image.MetadataImage;
import org.apache.kafka.image.MetadataProvenance;
import org.jspecify.annotations.Nullable;

import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/// A cluster of one broker without sockets and disks: metadata records become images, logs live in
/// memory and outlive the coordination, as they would on disk.
public final class TestCluster implements AutoCloseable {
    public static final int BROKER = 1;

    private final ExecutorService disk = Executors.newSingleThreadExecutor();
    private final Map<TopicIdPartition, MemoryLog> logs = new ConcurrentHashMap<>();
    private CoordinatorLogs where =
            (id, epoch) -> logs().computeIfAbsent(id, it -> new MemoryLog(it, disk()));
    private long groupBytes = Long.MAX_VALUE / 2;
    private MetadataImage image = MetadataImage.EMPTY;
    private long offset;
    private @Nullable GroupCoordination coordination;

    /// Starts a coordination that sees all there is; ends the one before.
    public GroupCoordination start(Map<String, String> overrides) {
        stop();
        GroupSettings settings = GroupSettings.standalone(BROKER).with(overrides);
        GroupCoordination started =
                new GroupCoordination(
                        settings,
                        where,
                        this::create,
                        new GroupMemory(groupBytes, () -> System.nanoTime() / 1_000_000));
        synchronized (this) {
            coordination = started;
            started.changed(new MetadataDelta.Builder().setImage(image).build(), image);
        }
        return started;
    }

    public synchronized void stop() {
        if (coordination != null) {
            coordination.close();
            coordination = null;
        }
    }

    public synchronized Uuid createTopic(String insideName, int partitions) {
        Uuid id = Uuid.randomUuid();
        ApiMessage[] records = new ApiMessage[partitions + 1];
        records[0] = new TopicRecord().setName(insideName).setTopicId(id);
        for (int partition = 0; partition < partitions; partition++) {
            records[partition + 1] =
                    new PartitionRecord()
                            .setTopicId(id)
                            .setPartitionId(partition)
                            .setReplicas(List.of(BROKER))
                            .setIsr(List.of(BROKER))
                            .setDirectories(List.of(Uuid.randomUuid()))
                            .setLeader(BROKER)
                            .setLeaderEpoch(0)
                            .setPartitionEpoch(0);
        }
        publish(records);
        return id;
    }

    public void deleteTopic(String insideName) {
        publish(new RemoveTopicRecord().setTopicId(image.topics().getTopic(insideName).id()));
    }

    /// Gives every partition of the offsets topic to this broker id (-1: none); the epoch goes up.
    public void elect(int leader) {
        var topic = image.topics().getTopic(Topic.GROUP_METADATA_TOPIC_NAME);
        publish(
                topic.partitions().keySet().stream()
                        .map(
                                partition ->
                                        new PartitionChangeRecord()
                                                .setTopicId(topic.id())
                                                .setPartitionId(partition)
                                                .setLeader(leader))
                        .toArray(ApiMessage[]::new));
    }

    public synchronized void publish(ApiMessage... records) {
        MetadataDelta delta = new MetadataDelta.Builder().setImage(image).build();
        for (ApiMessage record : records) {
            delta.replay(record);
        }
        image = delta.apply(new MetadataProvenance(offset++, 1, 0, true));
        if (coordination != null) {
            coordination.changed(delta, image);
        }
    }

    public synchronized MetadataImage image() {
        return image;
    }

    public Map<TopicIdPartition, MemoryLog> logs() {
        return logs;
    }

    /// Keeps logs there from the next start on.
    public TestCluster on(CoordinatorLogs logsElsewhere) {
        where = logsElsewhere;
        return this;
    }

    /// Groups may hold so much from the next start on.
    public TestCluster withGroupBytes(long bytes) {
        groupBytes = bytes;
        return this;
    }

    private ExecutorService disk() {
        return disk;
    }

    private CompletableFuture<Void> create(CreatableTopic topic) {
        return CompletableFuture.runAsync(
                () -> createTopic(topic.name(), topic.numPartitions()), disk);
    }

    @Override
    public void close() {
        stop();
        disk.shutdown();
    }
}
