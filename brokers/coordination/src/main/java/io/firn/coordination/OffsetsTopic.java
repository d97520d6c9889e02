package io.firn.coordination;

import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.internals.Topic;
import org.apache.kafka.common.message.CreateTopicsRequestData.CreatableTopic;
import org.apache.kafka.common.message.CreateTopicsRequestData.CreatableTopicConfig;
import org.apache.kafka.common.message.CreateTopicsRequestData.CreatableTopicConfigCollection;
import org.apache.kafka.coordinator.group.GroupCoordinatorConfig;
import org.apache.kafka.image.MetadataImage;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.util.concurrent.atomic.AtomicBoolean;

/// Creates `__consumer_offsets` when the first group needs it: one request at a time, again on the
/// next need when it failed. It gets as many replicas as the settings say or is not created: what
/// happens to live at the first need must not decide for ever how safe offsets are.
final class OffsetsTopic {
    private static final Logger LOG = LoggerFactory.getLogger(OffsetsTopic.class);

    private final GroupSettings settings;
    private final InternalTopicCreator creator;
    private final AtomicBoolean asking = new AtomicBoolean();
    private volatile String lastError = "";

    OffsetsTopic(GroupSettings settings, InternalTopicCreator creator) {
        this.settings = settings;
        this.creator = creator;
    }

    void ensure(MetadataImage image) {
        if (image.topics().getTopic(Topic.GROUP_METADATA_TOPIC_NAME) != null
                || !asking.compareAndSet(false, true)) {
            return;
        }
        creator.create(topic())
                .whenComplete(
                        (created, error) -> {
                            lastError = error == null ? "" : " (" + rootMessage(error) + ")";
                            asking.set(false);
                            if (error != null) {
                                LOG.warn(
                                        "Cannot create {} yet, the next group request tries again: {}",
                                        Topic.GROUP_METADATA_TOPIC_NAME,
                                        rootMessage(error));
                            }
                        });
    }

    /// Why the last attempt failed, for a message; empty when it did not.
    String why() {
        return lastError;
    }

    private CreatableTopic topic() {
        CreatableTopicConfigCollection configs = new CreatableTopicConfigCollection();
        add(configs, TopicConfig.CLEANUP_POLICY_CONFIG, TopicConfig.CLEANUP_POLICY_COMPACT);
        add(configs, TopicConfig.COMPRESSION_TYPE_CONFIG, "producer");
        add(configs, TopicConfig.SEGMENT_BYTES_CONFIG, String.valueOf(segmentBytes()));
        return new CreatableTopic()
                .setName(Topic.GROUP_METADATA_TOPIC_NAME)
                .setNumPartitions(settings.offsetsPartitions())
                .setReplicationFactor((short) settings.offsetsReplicas())
                .setConfigs(configs);
    }

    private int segmentBytes() {
        return GroupCoordinatorConfig.fromProps(settings.properties()).offsetsTopicSegmentBytes();
    }

    private static void add(CreatableTopicConfigCollection configs, String name, String value) {
        configs.add(new CreatableTopicConfig().setName(name).setValue(value));
    }

    private static String rootMessage(Throwable error) {
        Throwable root = error;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return root.getMessage() == null ? root.toString() : root.getMessage();
    }
}
