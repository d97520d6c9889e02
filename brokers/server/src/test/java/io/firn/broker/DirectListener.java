package io.firn.broker;

import io.firn.controller.ClusterFollower;
import io.firn.controller.ClusterImage;
import io.firn.controller.PartitionState;
import io.firn.controller.TopicState;
import io.firn.protocol.InboundRequest;
import io.firn.protocol.KafkaServer;
import io.firn.protocol.RequestHandler;
import io.firn.protocol.ServerConfig;
import io.firn.protocol.SupportedApi;

import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.feature.Features;
import org.apache.kafka.common.message.FindCoordinatorResponseData;
import org.apache.kafka.common.message.MetadataResponseData;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.FindCoordinatorRequest;
import org.apache.kafka.common.requests.FindCoordinatorResponse;
import org.apache.kafka.common.requests.MetadataRequest;
import org.apache.kafka.common.requests.MetadataResponse;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What a gateway would answer, in the least that a client needs; the rest goes to the broker in
/// the same process. Everybody is of one tenant.
final class DirectListener implements AutoCloseable {
    private static final int NODE = 1;

    private final ClusterFollower follower;
    private final RequestHandler broker;
    private final KafkaServer server;

    DirectListener(ClusterFollower follower, RequestHandler broker) {
        this.follower = follower;
        this.broker = broker;
        this.server = KafkaServer.start(ServerConfig.of("direct", "127.0.0.1", 0), this::handle);
    }

    int port() {
        return server.port();
    }

    private void handle(InboundRequest request) {
        switch (request.header().apiKey()) {
            case API_VERSIONS ->
                    request.answer(
                            SupportedApi.apiVersions(
                                    request.header().apiVersion(),
                                    Features.emptySupportedFeatures(),
                                    Map.of("group.version", (short) 1),
                                    0));
            case METADATA -> request.answer(metadata(request));
            case FIND_COORDINATOR -> request.answer(coordinator(request));
            default -> broker.handle(request);
        }
    }

    private MetadataResponse metadata(InboundRequest request) {
        MetadataRequest body = (MetadataRequest) request.body();
        ClusterImage image = follower.image();
        MetadataResponseData data =
                new MetadataResponseData().setClusterId(image.clusterId()).setControllerId(NODE);
        data.brokers()
                .add(
                        new MetadataResponseData.MetadataResponseBroker()
                                .setNodeId(NODE)
                                .setHost("127.0.0.1")
                                .setPort(port()));
        List<Optional<TopicState>> found =
                body.isAllTopics()
                        ? image.topics().stream()
                                .filter(t -> request.names().owns(t.name()))
                                .map(Optional::of)
                                .toList()
                        : body.data().topics().stream()
                                .map(
                                        t ->
                                                t.name() != null
                                                        ? image.topic(
                                                                request.names().inside(t.name()))
                                                        : image.topic(t.topicId()))
                                .toList();
        for (int i = 0; i < found.size(); i++) {
            data.topics()
                    .add(
                            found.get(i)
                                    .map(t -> topic(request, t))
                                    .orElse(
                                            new MetadataResponseData.MetadataResponseTopic()
                                                    .setName(body.data().topics().get(i).name())
                                                    .setTopicId(Uuid.ZERO_UUID)
                                                    .setErrorCode(
                                                            Errors.UNKNOWN_TOPIC_OR_PARTITION
                                                                    .code())));
        }
        return new MetadataResponse(data, request.header().apiVersion());
    }

    private static MetadataResponseData.MetadataResponseTopic topic(
            InboundRequest request, TopicState topic) {
        MetadataResponseData.MetadataResponseTopic out =
                new MetadataResponseData.MetadataResponseTopic()
                        .setName(request.names().outside(topic.name()))
                        .setTopicId(topic.id());
        for (PartitionState partition : topic.partitions()) {
            out.partitions()
                    .add(
                            new MetadataResponseData.MetadataResponsePartition()
                                    .setPartitionIndex(partition.partition())
                                    .setLeaderId(partition.hasLeader() ? NODE : -1)
                                    .setLeaderEpoch(partition.leaderEpoch())
                                    .setReplicaNodes(List.of(NODE))
                                    .setIsrNodes(List.of(NODE)));
        }
        return out;
    }

    private FindCoordinatorResponse coordinator(InboundRequest request) {
        FindCoordinatorRequest body = (FindCoordinatorRequest) request.body();
        FindCoordinatorResponseData data = new FindCoordinatorResponseData();
        body.data()
                .coordinatorKeys()
                .forEach(
                        key ->
                                data.coordinators()
                                        .add(
                                                new FindCoordinatorResponseData.Coordinator()
                                                        .setKey(key)
                                                        .setNodeId(NODE)
                                                        .setHost("127.0.0.1")
                                                        .setPort(port())));
        return new FindCoordinatorResponse(data);
    }

    @Override
    public void close() {
        server.close();
    }
}
