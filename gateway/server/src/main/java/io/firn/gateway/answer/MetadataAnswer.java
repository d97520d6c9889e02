package io.firn.gateway.answer;

import io.firn.controller.image.ClusterImage;
import io.firn.controller.image.PartitionState;
import io.firn.controller.image.TopicState;
import io.firn.protocol.TenantNames;
import io.firn.protocol.body.AnswerTable;

import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.errors.InvalidRequestException;
import org.apache.kafka.common.errors.InvalidTopicException;
import org.apache.kafka.common.internals.Topic;
import org.apache.kafka.common.message.MetadataResponseData;
import org.apache.kafka.common.message.MetadataResponseData.MetadataResponseBroker;
import org.apache.kafka.common.message.MetadataResponseData.MetadataResponsePartition;
import org.apache.kafka.common.message.MetadataResponseData.MetadataResponseTopic;
import org.apache.kafka.common.message.MetadataResponseData.MetadataResponseTopicCollection;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.MetadataRequest;
import org.apache.kafka.common.requests.MetadataResponse;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// The tenant's topics behind the one node. Names never carry the tenant; other tenants' topics and
/// internal ones do not exist for this caller.
public final class MetadataAnswer {
    /// Longest inside name, tenant included (DESIGN 13).
    private static final int MAX_INSIDE_NAME = 249;

    private static final short FIRST_BY_ID = 12;

    /// They have no name, so all of them share one slot of Kafka's table (G12).
    private static final int MAX_UNKNOWN_IDS = 500;

    private final Presentation.OneNode presentation;
    private final TopicCreator creator;
    private final AllTopics all = new AllTopics();

    public MetadataAnswer(Presentation.OneNode presentation, TopicCreator creator) {
        this.presentation = presentation;
        this.creator = creator;
    }

    /// The answer to who asks for all topics, which is the same for all of a tenant.
    ByteBuffer all(MetadataRequest body, ClusterImage image, TenantNames names) {
        return all.body(body, image, names, () -> response(body, image, names));
    }

    /// Answers at once. Unknown topics are created behind the answer where the request and the
    /// gateway allow it; until then they are unknown, which clients take for a reason to ask
    /// again.
    MetadataResponse answer(MetadataRequest body, ClusterImage image, TenantNames names) {
        if (body.allowAutoTopicCreation()) {
            creator.create(missing(body, image, names));
        }
        return response(body, image, names);
    }

    /// The inside names of topics that are to be created.
    private List<String> missing(MetadataRequest body, ClusterImage image, TenantNames names) {
        if (!creator.enabled() || body.isAllTopics()) {
            return List.of();
        }
        return names(body).stream()
                .filter(name -> image.topicId(names.inside(name)) == null)
                .filter(name -> invalid(name, names).isEmpty())
                .filter(name -> !Topic.isInternal(name))
                .map(names::inside)
                .distinct()
                .toList();
    }

    private static List<String> names(MetadataRequest body) {
        List<String> names = new ArrayList<>();
        body.data()
                .topics()
                .forEach(
                        topic -> {
                            if (topic.name() != null && topic.topicId().equals(Uuid.ZERO_UUID)) {
                                names.add(topic.name());
                            }
                        });
        return names;
    }

    private MetadataResponse response(MetadataRequest body, ClusterImage image, TenantNames names) {
        MetadataResponseData data =
                new MetadataResponseData()
                        .setClusterId(image.clusterId())
                        .setControllerId(Presentation.OneNode.ID);
        data.brokers()
                .add(
                        new MetadataResponseBroker()
                                .setNodeId(Presentation.OneNode.ID)
                                .setHost(presentation.host())
                                .setPort(presentation.port()));
        boolean withOperations = body.data().includeTopicAuthorizedOperations();
        if (body.data().includeClusterAuthorizedOperations()) {
            data.setClusterAuthorizedOperations(Operations.CLUSTER);
        }
        if (body.isAllTopics()) {
            data.setTopics(
                    new MetadataResponseTopicCollection(AnswerTable.sizeFor(image.topicCount())));
            image.topicNames().stream()
                    .filter(names::owns)
                    .flatMap(name -> image.topic(name).stream())
                    .forEach(topic -> data.topics().add(known(topic, names, withOperations)));
            return new MetadataResponse(data, body.version());
        }
        data.setTopics(
                new MetadataResponseTopicCollection(
                        AnswerTable.sizeFor(body.data().topics().size())));
        Set<String> answered = new HashSet<>();
        int unknownIds = 0;
        for (var asked : body.data().topics()) {
            String name = asked.name();
            boolean byName = name != null && asked.topicId().equals(Uuid.ZERO_UUID);
            if (!byName && body.version() < FIRST_BY_ID) {
                throw new InvalidRequestException(
                        "Metadata version %d asks for topics by name, not by id and not by nothing"
                                .formatted(body.version()));
            }
            if (byName && !answered.add(name)) {
                continue; // before anything is made of it
            }
            MetadataResponseTopic topic =
                    byName
                            ? byName(name, image, names, withOperations)
                            : byId(asked.topicId(), image, names, withOperations);
            if (topic.name() == null && ++unknownIds > MAX_UNKNOWN_IDS) {
                throw new InvalidRequestException(
                        "Cannot say of more than %d ids at a time that no topic has them"
                                .formatted(MAX_UNKNOWN_IDS));
            }
            if (byName || topic.name() == null || answered.add(topic.name())) {
                data.topics().mustAdd(topic);
            }
        }
        return new MetadataResponse(data, body.version());
    }

    private static MetadataResponseTopic byName(
            String name, ClusterImage image, TenantNames names, boolean withOperations) {
        Optional<Errors> invalid = invalid(name, names);
        if (invalid.isPresent()) {
            return error(name, Uuid.ZERO_UUID, invalid.get());
        }
        return image.topic(names.inside(name))
                .map(topic -> known(topic, names, withOperations))
                .orElseGet(() -> error(name, Uuid.ZERO_UUID, Errors.UNKNOWN_TOPIC_OR_PARTITION));
    }

    private static MetadataResponseTopic byId(
            Uuid id, ClusterImage image, TenantNames names, boolean withOperations) {
        return image.topic(id)
                .filter(topic -> names.owns(topic.name()))
                .map(topic -> known(topic, names, withOperations))
                .orElseGet(() -> error(null, id, Errors.UNKNOWN_TOPIC_ID));
    }

    private static Optional<Errors> invalid(String name, TenantNames names) {
        try {
            Topic.validate(name);
        } catch (InvalidTopicException e) {
            return Optional.of(Errors.INVALID_TOPIC_EXCEPTION);
        }
        return names.inside(name).length() > MAX_INSIDE_NAME
                ? Optional.of(Errors.INVALID_TOPIC_EXCEPTION)
                : Optional.empty();
    }

    private static MetadataResponseTopic error(
            @org.jspecify.annotations.Nullable String name, Uuid id, Errors error) {
        return new MetadataResponseTopic()
                .setName(name)
                .setTopicId(id)
                .setErrorCode(error.code())
                .setTopicAuthorizedOperations(Operations.NOT_ASKED);
    }

    private static MetadataResponseTopic known(
            TopicState topic, TenantNames names, boolean withOperations) {
        return new MetadataResponseTopic()
                .setName(names.outside(topic.name()))
                .setTopicId(topic.id())
                .setTopicAuthorizedOperations(
                        withOperations ? Operations.TOPIC : Operations.NOT_ASKED)
                .setPartitions(topic.partitions().stream().map(MetadataAnswer::partition).toList());
    }

    private static MetadataResponsePartition partition(PartitionState partition) {
        List<Integer> node = List.of(Presentation.OneNode.ID);
        boolean led = partition.hasLeader();
        return new MetadataResponsePartition()
                .setPartitionIndex(partition.partition())
                .setErrorCode((led ? Errors.NONE : Errors.LEADER_NOT_AVAILABLE).code())
                .setLeaderId(led ? Presentation.OneNode.ID : -1)
                .setLeaderEpoch(partition.leaderEpoch())
                .setReplicaNodes(node)
                .setIsrNodes(led ? node : List.of())
                .setOfflineReplicas(led ? List.of() : node);
    }
}
