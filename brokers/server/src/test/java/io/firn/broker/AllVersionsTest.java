package io.firn.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.firn.protocol.SupportedApi;

import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.message.AlterConfigsRequestData;
import org.apache.kafka.common.message.CreatePartitionsRequestData;
import org.apache.kafka.common.message.CreateTopicsRequestData;
import org.apache.kafka.common.message.DeleteRecordsRequestData;
import org.apache.kafka.common.message.DeleteTopicsRequestData;
import org.apache.kafka.common.message.DescribeConfigsRequestData;
import org.apache.kafka.common.message.DescribeLogDirsRequestData;
import org.apache.kafka.common.message.DescribeProducersRequestData;
import org.apache.kafka.common.message.FetchRequestData;
import org.apache.kafka.common.message.IncrementalAlterConfigsRequestData;
import org.apache.kafka.common.message.InitProducerIdRequestData;
import org.apache.kafka.common.message.ListOffsetsRequestData;
import org.apache.kafka.common.message.OffsetForLeaderEpochRequestData;
import org.apache.kafka.common.message.ProduceRequestData;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.protocol.MessageUtil;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.SimpleRecord;
import org.apache.kafka.common.requests.AbstractRequest;
import org.apache.kafka.common.requests.AbstractResponse;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/// Every version of every API of the broker's own handlers gets an answer that this version can
/// carry, for a topic that is there and for one that is not. (The groups' have a test like it.)
class AllVersionsTest {
    private static final String TOPIC = "versions";
    private static final String NOWHERE = "nowhere";
    private static final byte TOPIC_RESOURCE = 2;
    private static final byte BROKER_RESOURCE = 4;
    private static TestCluster cluster;
    private static Admin admin;
    private static Uuid topicId;

    @BeforeAll
    static void start(@TempDir Path dir) throws Exception {
        cluster = new TestCluster(dir);
        admin = cluster.admin();
        admin.createTopics(List.of(new NewTopic(TOPIC, 1, (short) 1))).all().get();
        cluster.follower.await(
                image -> image.topic("public." + TOPIC).isPresent(), Duration.ofSeconds(10));
        topicId = cluster.follower.image().topic("public." + TOPIC).orElseThrow().id();
    }

    @AfterAll
    static void stop() {
        admin.close();
        cluster.close();
    }

    @ParameterizedTest
    @EnumSource(
            value = SupportedApi.class,
            mode = Mode.INCLUDE,
            names = {
                "PRODUCE",
                "FETCH",
                "LIST_OFFSETS",
                "OFFSET_FOR_LEADER_EPOCH",
                "DELETE_RECORDS",
                "INIT_PRODUCER_ID",
                "DESCRIBE_PRODUCERS",
                "DESCRIBE_LOG_DIRS",
                "CREATE_TOPICS",
                "DELETE_TOPICS",
                "CREATE_PARTITIONS",
                "DESCRIBE_CONFIGS",
                "ALTER_CONFIGS",
                "INCREMENTAL_ALTER_CONFIGS"
            })
    void eachVersionIsAnswered(SupportedApi api) throws Exception {
        for (short version = api.minVersion(); version <= api.maxVersion(); version++) {
            if (api == SupportedApi.DELETE_TOPICS) {
                admin.createTopics(List.of(new NewTopic("old-" + version, 1, (short) 1)))
                        .all()
                        .get();
                String name = "public.old-" + version;
                cluster.follower.await(
                        image -> image.topic(name).isPresent(), Duration.ofSeconds(10));
            }
            AbstractRequest request =
                    AbstractRequest.parseRequest(
                                    api.key(),
                                    version,
                                    MessageUtil.toByteBufferAccessor(body(api, version), version))
                            .request;
            try (RawClient client = new RawClient(cluster.listener.port())) {
                AbstractResponse response = client.call(request);
                assertThat(response.errorCounts())
                        .as("%s version %d: %s", api, version, response)
                        .containsKey(Errors.NONE);
                if (!api.name().matches("INIT_PRODUCER_ID|DESCRIBE_LOG_DIRS")) {
                    assertThat(response.errorCounts()).hasSizeGreaterThan(1);
                }
            }
        }
    }

    private static ApiMessage body(SupportedApi api, short version) {
        return switch (api) {
            case PRODUCE -> produce();
            case FETCH -> fetch();
            case LIST_OFFSETS -> listOffsets();
            case OFFSET_FOR_LEADER_EPOCH -> epochs();
            case DELETE_RECORDS -> deleteRecords();
            case INIT_PRODUCER_ID ->
                    new InitProducerIdRequestData()
                            .setTransactionalId(null)
                            .setTransactionTimeoutMs(60_000);
            case DESCRIBE_PRODUCERS ->
                    new DescribeProducersRequestData()
                            .setTopics(
                                    new DescribeProducersRequestData.TopicRequestCollection(
                                            List.of(producersOf(TOPIC), producersOf(NOWHERE))
                                                    .iterator()));
            case DESCRIBE_LOG_DIRS -> new DescribeLogDirsRequestData().setTopics(null);
            case CREATE_TOPICS -> createTopics(version);
            case DELETE_TOPICS -> deleteTopics(version);
            case CREATE_PARTITIONS -> createPartitions(version);
            case DESCRIBE_CONFIGS -> describeConfigs(version);
            case ALTER_CONFIGS -> alterConfigs();
            case INCREMENTAL_ALTER_CONFIGS -> incrementalAlterConfigs();
            default -> throw new IllegalArgumentException(api.toString());
        };
    }

    private static ApiMessage produce() {
        ProduceRequestData data = new ProduceRequestData().setAcks((short) -1).setTimeoutMs(5_000);
        data.topicData().add(records(TOPIC, topicId));
        data.topicData().add(records(NOWHERE, Uuid.randomUuid()));
        return data;
    }

    private static ProduceRequestData.TopicProduceData records(String name, Uuid id) {
        return new ProduceRequestData.TopicProduceData()
                .setName(name)
                .setTopicId(id)
                .setPartitionData(
                        List.of(
                                new ProduceRequestData.PartitionProduceData()
                                        .setRecords(
                                                MemoryRecords.withRecords(
                                                        Compression.NONE,
                                                        new SimpleRecord("v".getBytes())))));
    }

    private static ApiMessage fetch() {
        return new FetchRequestData()
                .setMaxWaitMs(10)
                .setMinBytes(1)
                .setMaxBytes(1 << 20)
                .setTopics(List.of(fetched(TOPIC, topicId), fetched(NOWHERE, Uuid.randomUuid())));
    }

    private static FetchRequestData.FetchTopic fetched(String name, Uuid id) {
        return new FetchRequestData.FetchTopic()
                .setTopic(name)
                .setTopicId(id)
                .setPartitions(
                        List.of(
                                new FetchRequestData.FetchPartition()
                                        .setPartitionMaxBytes(1 << 20)));
    }

    private static ApiMessage listOffsets() {
        return new ListOffsetsRequestData()
                .setReplicaId(-1)
                .setTopics(List.of(offsetsOf(TOPIC), offsetsOf(NOWHERE)));
    }

    private static ListOffsetsRequestData.ListOffsetsTopic offsetsOf(String name) {
        return new ListOffsetsRequestData.ListOffsetsTopic()
                .setName(name)
                .setPartitions(
                        List.of(
                                new ListOffsetsRequestData.ListOffsetsPartition()
                                        .setTimestamp(-1)));
    }

    private static ApiMessage epochs() {
        var topics = new OffsetForLeaderEpochRequestData.OffsetForLeaderTopicCollection();
        for (String name : List.of(TOPIC, NOWHERE)) {
            topics.add(
                    new OffsetForLeaderEpochRequestData.OffsetForLeaderTopic()
                            .setTopic(name)
                            .setPartitions(
                                    List.of(
                                            new OffsetForLeaderEpochRequestData
                                                    .OffsetForLeaderPartition())));
        }
        return new OffsetForLeaderEpochRequestData().setTopics(topics);
    }

    private static ApiMessage deleteRecords() {
        DeleteRecordsRequestData data = new DeleteRecordsRequestData().setTimeoutMs(5_000);
        for (String name : List.of(TOPIC, NOWHERE)) {
            data.topics()
                    .add(
                            new DeleteRecordsRequestData.DeleteRecordsTopic()
                                    .setName(name)
                                    .setPartitions(
                                            List.of(
                                                    new DeleteRecordsRequestData
                                                            .DeleteRecordsPartition())));
        }
        return data;
    }

    private static DescribeProducersRequestData.TopicRequest producersOf(String name) {
        return new DescribeProducersRequestData.TopicRequest()
                .setName(name)
                .setPartitionIndexes(List.of(0));
    }

    private static ApiMessage createTopics(short version) {
        CreateTopicsRequestData data = new CreateTopicsRequestData().setTimeoutMs(5_000);
        for (String name : List.of("new-" + version, TOPIC, "!")) {
            data.topics()
                    .add(
                            new CreateTopicsRequestData.CreatableTopic()
                                    .setName(name)
                                    .setNumPartitions(1)
                                    .setReplicationFactor((short) 1));
        }
        return data;
    }

    private static ApiMessage deleteTopics(short version) {
        DeleteTopicsRequestData data = new DeleteTopicsRequestData().setTimeoutMs(5_000);
        List<String> names = List.of("old-" + version, NOWHERE);
        return version < 6
                ? data.setTopicNames(names)
                : data.setTopics(
                        names.stream()
                                .map(
                                        name ->
                                                new DeleteTopicsRequestData.DeleteTopicState()
                                                        .setName(name))
                                .toList());
    }

    private static ApiMessage createPartitions(short version) {
        CreatePartitionsRequestData data =
                new CreatePartitionsRequestData().setTimeoutMs(5_000).setValidateOnly(true);
        for (String name : List.of(TOPIC, NOWHERE)) {
            data.topics()
                    .add(
                            new CreatePartitionsRequestData.CreatePartitionsTopic()
                                    .setName(name)
                                    .setCount(2 + version)
                                    .setAssignments(null));
        }
        return data;
    }

    private static ApiMessage describeConfigs(short version) {
        DescribeConfigsRequestData data =
                new DescribeConfigsRequestData()
                        .setIncludeSynonyms(version >= 1)
                        .setIncludeDocumentation(version >= 3);
        data.resources().add(described(TOPIC_RESOURCE, TOPIC));
        data.resources().add(described(TOPIC_RESOURCE, NOWHERE));
        data.resources().add(described(BROKER_RESOURCE, "1"));
        return data;
    }

    private static DescribeConfigsRequestData.DescribeConfigsResource described(
            byte type, String name) {
        return new DescribeConfigsRequestData.DescribeConfigsResource()
                .setResourceType(type)
                .setResourceName(name)
                .setConfigurationKeys(null);
    }

    private static ApiMessage alterConfigs() {
        AlterConfigsRequestData data = new AlterConfigsRequestData().setValidateOnly(true);
        for (String name : List.of(TOPIC, NOWHERE)) {
            data.resources()
                    .add(
                            new AlterConfigsRequestData.AlterConfigsResource()
                                    .setResourceType(TOPIC_RESOURCE)
                                    .setResourceName(name));
        }
        return data;
    }

    private static ApiMessage incrementalAlterConfigs() {
        IncrementalAlterConfigsRequestData data =
                new IncrementalAlterConfigsRequestData().setValidateOnly(true);
        for (String name : List.of(TOPIC, NOWHERE)) {
            data.resources()
                    .add(
                            new IncrementalAlterConfigsRequestData.AlterConfigsResource()
                                    .setResourceType(TOPIC_RESOURCE)
                                    .setResourceName(name));
        }
        return data;
    }
}
