package io.firn.controller.image;

import org.apache.kafka.common.internals.Topic;
import org.apache.kafka.common.metadata.AbortTransactionRecord;
import org.apache.kafka.common.metadata.BeginTransactionRecord;
import org.apache.kafka.common.metadata.EndTransactionRecord;
import org.apache.kafka.common.metadata.RemoveTopicRecord;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.record.internal.FileLogInputStream.FileChannelRecordBatch;
import org.apache.kafka.common.record.internal.FileRecords;
import org.apache.kafka.common.record.internal.Record;
import org.apache.kafka.image.MetadataDelta;
import org.apache.kafka.image.MetadataImage;
import org.apache.kafka.image.MetadataProvenance;
import org.apache.kafka.metadata.MetadataRecordSerde;
import org.apache.kafka.server.common.ApiMessageAndVersion;
import org.apache.kafka.snapshot.SnapshotPath;
import org.apache.kafka.snapshot.Snapshots;
import org.apache.kafka.storage.internals.log.UnifiedLog;
import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// The metadata image of a folder, read from its newest snapshot and the log behind it, without a
/// running controller and without writing anything. Records at the end of the log that a majority
/// never had would be shown too.
public final class ImageInspector {
    private final ClusterImage image;

    private ImageInspector(ClusterImage image) {
        this.image = image;
    }

    /// @param dir folder of a [ControllerNode] or a [ClusterFollower]
    /// @throws IllegalStateException if there is no metadata log in it
    public static ImageInspector read(Path dir) {
        Path logDir = dir.resolve(UnifiedLog.logDirName(Topic.CLUSTER_METADATA_TOPIC_PARTITION));
        if (!Files.isDirectory(logDir)) {
            throw new IllegalStateException(
                    "No metadata log in %s: expected the folder %s. Name the folder of a controller or of a follower."
                            .formatted(dir, logDir.getFileName()));
        }
        try {
            return new ImageInspector(new ClusterImage(imageOf(logDir), clusterId(dir), -1));
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "Cannot read the metadata log in %s: %s".formatted(logDir, e.getMessage()), e);
        }
    }

    public ClusterImage image() {
        return image;
    }

    /// For people: brokers, topics with their own settings, partitions.
    public String text() {
        StringBuilder out = new StringBuilder();
        out.append("cluster %s, metadata offset %d%n".formatted(image.clusterId(), image.offset()));
        new TreeMap<>(image.features().finalizedFeatures())
                .forEach((name, level) -> out.append("feature %s=%d%n".formatted(name, level)));
        for (BrokerState broker : brokers()) {
            out.append(
                    "broker %d %s:%d epoch %d%s%n"
                            .formatted(
                                    broker.id(),
                                    broker.host(),
                                    broker.port(),
                                    broker.epoch(),
                                    broker.fenced() ? " fenced" : ""));
        }
        for (TopicState topic : topics()) {
            out.append("topic %s %s%s%n".formatted(topic.name(), topic.id(), settings(topic)));
            for (PartitionState p : topic.partitions()) {
                out.append(
                        "  partition %d leader %d epoch %d replicas %s isr %s elr %s%n"
                                .formatted(
                                        p.partition(),
                                        p.leader(),
                                        p.leaderEpoch(),
                                        p.replicas(),
                                        p.isr(),
                                        p.elr()));
            }
        }
        return out.toString();
    }

    /// For programs: the same as one JSON object.
    public String json() {
        return "{\"clusterId\":%s,\"offset\":%d,\"features\":%s,\"brokers\":%s,\"topics\":%s}"
                .formatted(
                        quoted(image.clusterId()),
                        image.offset(),
                        new TreeMap<>(image.features().finalizedFeatures())
                                .entrySet().stream()
                                        .map(e -> quoted(e.getKey()) + ":" + e.getValue())
                                        .collect(Collectors.joining(",", "{", "}")),
                        brokers().stream()
                                .map(ImageInspector::json)
                                .collect(Collectors.joining(",", "[", "]")),
                        topics().stream()
                                .map(this::json)
                                .collect(Collectors.joining(",", "[", "]")));
    }

    private static String json(BrokerState b) {
        return "{\"id\":%d,\"host\":%s,\"port\":%d,\"epoch\":%d,\"fenced\":%b}"
                .formatted(b.id(), quoted(b.host()), b.port(), b.epoch(), b.fenced());
    }

    private String json(TopicState topic) {
        return "{\"name\":%s,\"id\":%s,\"settings\":%s,\"partitions\":%s}"
                .formatted(
                        quoted(topic.name()),
                        quoted(topic.id().toString()),
                        new TreeMap<>(image.topicConfig(topic.name()))
                                .entrySet().stream()
                                        .map(e -> quoted(e.getKey()) + ":" + quoted(e.getValue()))
                                        .collect(Collectors.joining(",", "{", "}")),
                        topic.partitions().stream()
                                .map(ImageInspector::json)
                                .collect(Collectors.joining(",", "[", "]")));
    }

    private static String json(PartitionState p) {
        return "{\"partition\":%d,\"leader\":%d,\"leaderEpoch\":%d,\"partitionEpoch\":%d,\"replicas\":%s,\"isr\":%s,\"elr\":%s}"
                .formatted(
                        p.partition(),
                        p.leader(),
                        p.leaderEpoch(),
                        p.partitionEpoch(),
                        p.replicas(),
                        p.isr(),
                        p.elr());
    }

    private String settings(TopicState topic) {
        Map<String, String> own = new TreeMap<>(image.topicConfig(topic.name()));
        return own.isEmpty()
                ? ""
                : own.entrySet().stream()
                        .map(e -> e.getKey() + "=" + e.getValue())
                        .collect(Collectors.joining(" ", " ", ""));
    }

    private List<BrokerState> brokers() {
        return image.brokers().stream().sorted(Comparator.comparingInt(BrokerState::id)).toList();
    }

    private List<TopicState> topics() {
        return image.topics().stream().sorted(Comparator.comparing(TopicState::name)).toList();
    }

    private static String clusterId(Path dir) throws IOException {
        Path file = dir.resolve("meta.properties");
        if (!Files.exists(file)) {
            return "";
        }
        Properties properties = new Properties();
        try (var in = Files.newBufferedReader(file)) {
            properties.load(in);
        }
        return properties.getProperty("cluster.id", "");
    }

    private static MetadataImage imageOf(Path logDir) throws IOException {
        Replay replay = new Replay();
        Position at = new Position();
        List<SnapshotPath> snapshots;
        try (Stream<Path> files = Files.list(logDir)) {
            snapshots =
                    files.flatMap(f -> Snapshots.parse(f).stream())
                            .filter(s -> !s.partial() && !s.deleted())
                            .sorted(Comparator.comparing(SnapshotPath::snapshotId))
                            .toList();
        }
        if (!snapshots.isEmpty()) {
            SnapshotPath newest = snapshots.getLast();
            replay(newest.path(), replay, at, 0);
            at.offset = newest.snapshotId().offset() - 1;
            at.epoch = newest.snapshotId().epoch();
        }
        long from = at.offset + 1;
        List<Path> segments;
        try (Stream<Path> files = Files.list(logDir)) {
            segments = files.filter(f -> f.toString().endsWith(".log")).sorted().toList();
        }
        for (Path segment : segments) {
            replay(segment, replay, at, from);
        }
        return replay.delta.apply(new MetadataProvenance(at.offset, at.epoch, at.timestamp, true));
    }

    private static void replay(Path file, Replay replay, Position at, long from)
            throws IOException {
        try (FileRecords records = FileRecords.open(file.toFile(), false)) {
            for (FileChannelRecordBatch batch : records.batches()) {
                if (batch.lastOffset() < from) {
                    continue;
                }
                if (!batch.isControlBatch()) {
                    for (Record record : batch) {
                        if (record.offset() >= from) {
                            replay.accept(message(record).message());
                        }
                    }
                }
                at.offset = batch.lastOffset();
                at.epoch = batch.partitionLeaderEpoch();
                at.timestamp = batch.maxTimestamp();
            }
        }
    }

    private static ApiMessageAndVersion message(Record record) {
        return MetadataRecordSerde.INSTANCE.read(
                new ByteBufferAccessor(record.value()), record.valueSize());
    }

    private static String quoted(String text) {
        return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
    }

    /// Records of a metadata transaction count when it ends, or never.
    private static final class Replay {
        private MetadataDelta delta =
                new MetadataDelta.Builder().setImage(MetadataImage.EMPTY).build();
        private @Nullable List<ApiMessage> transaction;

        /// Kafka's delta forgets the settings of a removed topic only if they are in the image that
        /// it begins with; so each removal begins with one that has all that came before.
        private void replay(ApiMessage message) {
            if (message instanceof RemoveTopicRecord) {
                delta =
                        new MetadataDelta.Builder()
                                .setImage(delta.apply(MetadataProvenance.EMPTY))
                                .build();
            }
            delta.replay(message);
        }

        void accept(ApiMessage message) {
            switch (message) {
                case BeginTransactionRecord r -> transaction = new ArrayList<>();
                case AbortTransactionRecord r -> transaction = null;
                case EndTransactionRecord r -> {
                    if (transaction != null) {
                        transaction.forEach(this::replay);
                    }
                    transaction = null;
                }
                default -> {
                    if (transaction == null) {
                        replay(message);
                    } else {
                        transaction.add(message);
                    }
                }
            }
        }
    }

    private static final class Position {
        private long offset = -1;
        private int epoch = -1;
        private long timestamp = -1;
    }
}
