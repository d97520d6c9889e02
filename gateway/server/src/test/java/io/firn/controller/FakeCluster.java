package io.firn.controller;

import io.firn.controller.image.ClusterImage;
import io.firn.controller.image.ClusterView;

import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.CreateTopicsResponseData;
import org.apache.kafka.common.message.CreateTopicsResponseData.CreatableTopicResult;
import org.apache.kafka.common.metadata.FeatureLevelRecord;
import org.apache.kafka.common.metadata.FenceBrokerRecord;
import org.apache.kafka.common.metadata.PartitionRecord;
import org.apache.kafka.common.metadata.RegisterBrokerRecord;
import org.apache.kafka.common.metadata.RegisterBrokerRecord.BrokerEndpoint;
import org.apache.kafka.common.metadata.TopicRecord;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.requests.AbstractRequest;
import org.apache.kafka.common.requests.AbstractResponse;
import org.apache.kafka.common.requests.CreateTopicsRequest;
import org.apache.kafka.common.requests.CreateTopicsResponse;
import org.apache.kafka.image.MetadataDelta;
import org.apache.kafka.image.MetadataImage;
import org.apache.kafka.image.MetadataProvenance;
import org.apache.kafka.server.common.MetadataVersion;

import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/// A cluster's image that a test changes by the records that a controller would write.
public final class FakeCluster implements ClusterView {
    public static final String CLUSTER_ID = "firn-test-cluster-0001";

    private MetadataImage kafka = MetadataImage.EMPTY;
    private long offset;
    private volatile ClusterImage image = new ClusterImage(kafka, CLUSTER_ID, 3000);

    public FakeCluster() {
        apply(
                new FeatureLevelRecord()
                        .setName(MetadataVersion.FEATURE_NAME)
                        .setFeatureLevel(MetadataVersion.latestProduction().featureLevel()),
                new FeatureLevelRecord().setName("group.version").setFeatureLevel((short) 1));
    }

    @Override
    public ClusterImage image() {
        return image;
    }

    @Override
    public CompletableFuture<Void> shows(long wanted) {
        return CompletableFuture.completedFuture(null);
    }

    public long offset() {
        return image.offset();
    }

    /// Answers CreateTopics as a controller does: the topic is led by the one broker.
    public CompletableFuture<AbstractResponse> send(AbstractRequest.Builder<?> request) {
        var data = new CreateTopicsResponseData();
        CreateTopicsRequest create = (CreateTopicsRequest) request.build();
        for (var topic : create.data().topics()) {
            int[] leaders = new int[topic.numPartitions()];
            Arrays.fill(leaders, image.alive().getFirst().id());
            data.topics()
                    .add(
                            new CreatableTopicResult()
                                    .setName(topic.name())
                                    .setTopicId(topic(topic.name(), leaders)));
        }
        return CompletableFuture.completedFuture(new CreateTopicsResponse(data));
    }

    public void broker(int id, int port, boolean fenced) {
        RegisterBrokerRecord broker =
                new RegisterBrokerRecord()
                        .setBrokerId(id)
                        .setBrokerEpoch(offset)
                        .setIncarnationId(Uuid.randomUuid())
                        .setLogDirs(List.of(Uuid.randomUuid()))
                        .setFenced(fenced);
        broker.endPoints()
                .add(
                        new BrokerEndpoint()
                                .setName(ClusterImage.LISTENER.value())
                                .setHost("127.0.0.1")
                                .setPort(port)
                                .setSecurityProtocol((short) 0));
        apply(broker);
    }

    public void fence(int id) {
        apply(new FenceBrokerRecord().setId(id).setEpoch(image.broker(id).orElseThrow().epoch()));
    }

    /// @param leaders broker id per partition
    public Uuid topic(String insideName, int... leaders) {
        Uuid id = Uuid.randomUuid();
        apply(new TopicRecord().setName(insideName).setTopicId(id));
        for (int partition = 0; partition < leaders.length; partition++) {
            apply(partition(id, partition, leaders[partition]));
        }
        return id;
    }

    /// A topic of many partitions, all led by one broker.
    public void largeTopic(String insideName, int partitions, int leader) {
        Uuid id = Uuid.randomUuid();
        ApiMessage[] records = new ApiMessage[partitions + 1];
        records[0] = new TopicRecord().setName(insideName).setTopicId(id);
        for (int partition = 0; partition < partitions; partition++) {
            records[partition + 1] = partition(id, partition, leader);
        }
        apply(records);
    }

    private static PartitionRecord partition(Uuid topic, int partition, int leader) {
        List<Integer> replicas = List.of(Math.max(1, leader));
        return new PartitionRecord()
                .setTopicId(topic)
                .setPartitionId(partition)
                .setReplicas(replicas)
                .setIsr(replicas)
                .setDirectories(List.of(Uuid.randomUuid()))
                .setLeader(leader)
                .setLeaderEpoch(1)
                .setPartitionEpoch(1);
    }

    private synchronized void apply(ApiMessage... records) {
        MetadataDelta delta = new MetadataDelta.Builder().setImage(kafka).build();
        for (ApiMessage record : records) {
            delta.replay(record);
        }
        kafka = delta.apply(new MetadataProvenance(++offset, 1, 0, true));
        image = new ClusterImage(kafka, CLUSTER_ID, 3000);
    }
}
