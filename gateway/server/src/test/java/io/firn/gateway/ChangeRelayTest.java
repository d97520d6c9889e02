package io.firn.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.firn.controller.FakeCluster;
import io.firn.controller.image.ClusterImage;
import io.firn.controller.image.ClusterView;
import io.firn.controller.request.ChangeOffset;
import io.firn.protocol.connection.InboundRequest;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;

import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.message.AlterConfigsRequestData;
import org.apache.kafka.common.message.AlterConfigsResponseData;
import org.apache.kafka.common.message.CreatePartitionsRequestData;
import org.apache.kafka.common.message.CreatePartitionsResponseData;
import org.apache.kafka.common.message.CreateTopicsRequestData;
import org.apache.kafka.common.message.CreateTopicsRequestData.CreatableTopic;
import org.apache.kafka.common.message.CreateTopicsResponseData;
import org.apache.kafka.common.message.CreateTopicsResponseData.CreatableTopicResult;
import org.apache.kafka.common.message.DeleteTopicsRequestData;
import org.apache.kafka.common.message.DeleteTopicsResponseData;
import org.apache.kafka.common.message.DeleteTopicsResponseData.DeletableTopicResult;
import org.apache.kafka.common.message.IncrementalAlterConfigsRequestData;
import org.apache.kafka.common.message.IncrementalAlterConfigsResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.AbstractRequest;
import org.apache.kafka.common.requests.AbstractResponse;
import org.apache.kafka.common.requests.AlterConfigsRequest;
import org.apache.kafka.common.requests.AlterConfigsResponse;
import org.apache.kafka.common.requests.CreatePartitionsRequest;
import org.apache.kafka.common.requests.CreatePartitionsResponse;
import org.apache.kafka.common.requests.CreateTopicsRequest;
import org.apache.kafka.common.requests.CreateTopicsResponse;
import org.apache.kafka.common.requests.DeleteTopicsRequest;
import org.apache.kafka.common.requests.DeleteTopicsResponse;
import org.apache.kafka.common.requests.IncrementalAlterConfigsRequest;
import org.apache.kafka.common.requests.IncrementalAlterConfigsResponse;
import org.apache.kafka.common.requests.RequestHeader;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.util.List;
import java.util.concurrent.CompletableFuture;

/// DESIGN 13: an answer to a change leaves the gateway when its image shows the change.
@Timeout(30)
class ChangeRelayTest {
    private static final long OFFSET = 4711;

    private final FakeCluster cluster = new FakeCluster();
    private final CompletableFuture<Long> waitedFor = new CompletableFuture<>();
    private final CompletableFuture<Void> shown = new CompletableFuture<>();
    private FakeBroker broker;
    private GatewayNode gateway;

    @BeforeEach
    void start() {
        broker = new FakeBroker(cluster, 5);
        gateway =
                GatewayNode.start(
                        GatewayConfig.of("127.0.0.1", 0, FakeBroker.KEY, new SimpleMeterRegistry()),
                        new ClusterView() {
                            @Override
                            public ClusterImage image() {
                                return cluster.image();
                            }

                            @Override
                            public CompletableFuture<Void> shows(long offset) {
                                waitedFor.complete(offset);
                                return shown;
                            }
                        },
                        cluster::send);
        broker.intercept =
                request -> {
                    AbstractResponse answer = answer(request);
                    ChangeOffset.put(answer, OFFSET);
                    request.answer(answer);
                    return true;
                };
    }

    @AfterEach
    void stop() {
        gateway.close();
        broker.close();
    }

    @Test
    void theAnswerWaitsForTheImageAndCarriesNoneOfOurFields() throws Exception {
        try (RawConnection client = new RawConnection(gateway.port())) {
            RequestHeader header = client.send(request(ApiKeys.CREATE_TOPICS, (short) 7));
            assertThat(waitedFor.get()).isEqualTo(OFFSET);
            try (RawConnection other = new RawConnection(gateway.port())) {
                other.send(request(ApiKeys.CREATE_TOPICS, (short) 7));
                assertThat(other.isSilentFor(300)).isTrue();
            }
            shown.complete(null);
            CreateTopicsResponse answer = client.receive(header);
            assertThat(answer.data().topics().find("t").errorCode()).isZero();
            assertThat(answer.data().unknownTaggedFields()).isEmpty();
        }
    }

    @ParameterizedTest
    @EnumSource(
            names = {
                "CREATE_TOPICS",
                "DELETE_TOPICS",
                "CREATE_PARTITIONS",
                "ALTER_CONFIGS",
                "INCREMENTAL_ALTER_CONFIGS"
            })
    void clientsOfEveryVersionAreAnsweredInTheirs(ApiKeys api) throws Exception {
        shown.complete(null);
        for (short version = api.oldestVersion(); version <= api.latestVersion(); version++) {
            try (RawConnection client = new RawConnection(gateway.port())) {
                AbstractResponse answer = client.ask(request(api, version));
                assertThat(answer.errorCounts())
                        .as(api + " " + version)
                        .containsOnlyKeys(Errors.NONE);
                assertThat(answer.data().toString()).as(api + " " + version).contains("'t'");
            }
        }
        assertThat(waitedFor.get()).isEqualTo(OFFSET);
    }

    @Test
    void aBrokerThatGoesAwayWithAChangeOnTheWayMeansADisconnect() throws Exception { // G2
        broker.intercept =
                request -> {
                    request.connection().close();
                    return true;
                };
        try (RawConnection client = new RawConnection(gateway.port())) {
            client.send(request(ApiKeys.CREATE_TOPICS, (short) 7));
            assertThat(client.isClosedByPeer()).isTrue();
        }
    }

    private static AbstractRequest request(ApiKeys api, short version) {
        return switch (api) {
            case CREATE_TOPICS -> {
                var data = new CreateTopicsRequestData();
                data.topics()
                        .add(
                                new CreatableTopic()
                                        .setName("t")
                                        .setNumPartitions(1)
                                        .setReplicationFactor((short) 1));
                yield new CreateTopicsRequest.Builder(data).build(version);
            }
            case DELETE_TOPICS ->
                    new DeleteTopicsRequest.Builder(
                                    new DeleteTopicsRequestData().setTopicNames(List.of("t")))
                            .build(version);
            case CREATE_PARTITIONS -> {
                var data = new CreatePartitionsRequestData();
                data.topics()
                        .add(
                                new CreatePartitionsRequestData.CreatePartitionsTopic()
                                        .setName("t")
                                        .setCount(2)
                                        .setAssignments(null));
                yield new CreatePartitionsRequest.Builder(data).build(version);
            }
            case ALTER_CONFIGS -> {
                var data = new AlterConfigsRequestData();
                data.resources()
                        .add(
                                new AlterConfigsRequestData.AlterConfigsResource()
                                        .setResourceType(ConfigResource.Type.TOPIC.id())
                                        .setResourceName("t"));
                yield new AlterConfigsRequest(data, version);
            }
            case INCREMENTAL_ALTER_CONFIGS -> {
                var data = new IncrementalAlterConfigsRequestData();
                data.resources()
                        .add(
                                new IncrementalAlterConfigsRequestData.AlterConfigsResource()
                                        .setResourceType(ConfigResource.Type.TOPIC.id())
                                        .setResourceName("t"));
                yield new IncrementalAlterConfigsRequest.Builder(data).build(version);
            }
            default -> throw new IllegalArgumentException(api.toString());
        };
    }

    /// What was asked, done.
    private static AbstractResponse answer(InboundRequest request) {
        return switch (request.body()) {
            case CreateTopicsRequest r -> {
                var data = new CreateTopicsResponseData();
                r.data()
                        .topics()
                        .forEach(
                                t ->
                                        data.topics()
                                                .add(new CreatableTopicResult().setName(t.name())));
                yield new CreateTopicsResponse(data);
            }
            case DeleteTopicsRequest r -> {
                var data = new DeleteTopicsResponseData();
                r.topics()
                        .forEach(
                                t ->
                                        data.responses()
                                                .add(new DeletableTopicResult().setName(t.name())));
                yield new DeleteTopicsResponse(data);
            }
            case CreatePartitionsRequest r -> {
                var data = new CreatePartitionsResponseData();
                r.data()
                        .topics()
                        .forEach(
                                t ->
                                        data.results()
                                                .add(
                                                        new CreatePartitionsResponseData
                                                                        .CreatePartitionsTopicResult()
                                                                .setName(t.name())));
                yield new CreatePartitionsResponse(data);
            }
            case AlterConfigsRequest r -> {
                var data = new AlterConfigsResponseData();
                r.data()
                        .resources()
                        .forEach(
                                t ->
                                        data.responses()
                                                .add(
                                                        new AlterConfigsResponseData
                                                                        .AlterConfigsResourceResponse()
                                                                .setResourceName(
                                                                        t.resourceName())));
                yield new AlterConfigsResponse(data);
            }
            case IncrementalAlterConfigsRequest r -> {
                var data = new IncrementalAlterConfigsResponseData();
                r.data()
                        .resources()
                        .forEach(
                                t ->
                                        data.responses()
                                                .add(
                                                        new IncrementalAlterConfigsResponseData
                                                                        .AlterConfigsResourceResponse()
                                                                .setResourceName(
                                                                        t.resourceName())));
                yield new IncrementalAlterConfigsResponse(data);
            }
            default -> throw new IllegalArgumentException(request.body().toString());
        };
    }
}
