package io.firn.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.firn.controller.FakeCluster;
import io.firn.gateway.answer.Controllers;
import io.firn.gateway.answer.TopicCreator;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;

import org.apache.kafka.common.message.DescribeClusterRequestData;
import org.apache.kafka.common.message.ListOffsetsRequestData;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.protocol.MessageUtil;
import org.apache.kafka.common.requests.AbstractRequest;
import org.apache.kafka.common.requests.CreateTopicsRequest;
import org.apache.kafka.common.requests.DescribeClusterRequest;
import org.apache.kafka.common.requests.DescribeClusterResponse;
import org.apache.kafka.common.requests.ListOffsetsRequest;
import org.apache.kafka.common.requests.ListOffsetsResponse;
import org.apache.kafka.common.requests.MetadataRequest;
import org.apache.kafka.common.requests.MetadataResponse;
import org.apache.kafka.common.requests.RequestHeader;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.IntStream;

/// Metadata never waits for a topic's creation.
@Timeout(30)
class FirstUseTest {
    private final FakeCluster cluster = new FakeCluster();
    private final List<CreateTopicsRequest> asked = new CopyOnWriteArrayList<>();
    private FakeBroker broker;
    private GatewayNode gateway;
    private volatile Controllers controllers = request -> new CompletableFuture<>(); // away

    @BeforeEach
    void start() {
        broker = new FakeBroker(cluster, 5);
        gateway =
                GatewayNode.start(
                        GatewayConfig.of("127.0.0.1", 0, FakeBroker.KEY, new SimpleMeterRegistry()),
                        cluster,
                        request -> {
                            asked.add((CreateTopicsRequest) request.build());
                            return controllers.send(request);
                        });
    }

    @AfterEach
    void stop() {
        gateway.close();
        broker.close();
    }

    @Test
    void whileNoControllerAnswersMetadataAndWhatIsBehindItAreAnsweredAtOnce() throws Exception {
        cluster.topic("public.known", 5);
        try (RawConnection client = new RawConnection(gateway.port())) {
            long begun = System.nanoTime();
            RequestHeader metadata = client.send(metadata("known", "missing"));
            RequestHeader behind = client.send(list("known"));
            MetadataResponse first = client.receive(metadata);
            ListOffsetsResponse second = client.receive(behind);
            assertThat(Duration.ofNanos(System.nanoTime() - begun))
                    .isLessThan(Duration.ofSeconds(3));
            assertThat(first.errors())
                    .containsOnly(
                            java.util.Map.entry("missing", Errors.UNKNOWN_TOPIC_OR_PARTITION));
            assertThat(second.errorCounts()).containsOnlyKeys(Errors.NONE);
        }
    }

    @Test
    void aTopicOfAFirstUseIsThereAtTheNextQuestion() throws Exception {
        controllers = cluster::send;
        try (RawConnection client = new RawConnection(gateway.port())) {
            client.ask(metadata("fresh"));
            MetadataResponse again = client.ask(metadata("fresh"));
            assertThat(again.errors()).isEmpty();
            assertThat(again.topicMetadata()).hasSize(1);
        }
        assertThat(cluster.image().topic("public.fresh")).isPresent();
    }

    @Test
    void aTopicThatIsBeingMadeIsNotAskedForAgain() throws Exception {
        try (RawConnection client = new RawConnection(gateway.port())) {
            client.ask(metadata("slow"));
            client.ask(metadata("slow", "other"));
            client.ask(metadata("slow", "other"));
        }
        assertThat(asked).hasSize(2);
        assertThat(asked.get(0).data().topics().find("public.slow")).isNotNull();
        assertThat(asked.get(1).data().topics()).hasSize(1);
    }

    @Test
    void aFailedCreationIsTriedAgainByTheNextQuestion() throws Exception {
        controllers = request -> CompletableFuture.failedFuture(new IllegalStateException("away"));
        try (RawConnection client = new RawConnection(gateway.port())) {
            client.ask(metadata("late"));
            controllers = cluster::send;
            client.ask(metadata("late"));
        }
        assertThat(cluster.image().topic("public.late")).isPresent();
    }

    @Test
    void noMoreTopicsAreUnderWayThanTheBound() {
        TopicCreator creator =
                new TopicCreator(
                        cluster,
                        request -> {
                            asked.add((CreateTopicsRequest) request.build());
                            return new CompletableFuture<>();
                        },
                        true,
                        1);
        creator.create(
                IntStream.range(0, TopicCreator.MOST_UNDER_WAY + 500)
                        .mapToObj(i -> "public.t" + i)
                        .toList());
        creator.create(List.of("public.one-more"));
        assertThat(asked).hasSize(1);
        assertThat(asked.getFirst().data().topics()).hasSize(TopicCreator.MOST_UNDER_WAY);
    }

    @Test
    void whoAsksForControllersHasComeToTheWrongEndpoint() throws Exception {
        try (RawConnection client = new RawConnection(gateway.port())) {
            assertThat(describe(client, (byte) 2)).isEqualTo(Errors.MISMATCHED_ENDPOINT_TYPE);
            assertThat(describe(client, (byte) 9)).isEqualTo(Errors.UNSUPPORTED_ENDPOINT_TYPE);
            assertThat(describe(client, (byte) 1)).isEqualTo(Errors.NONE);
        }
    }

    private static Errors describe(RawConnection client, byte endpointType) throws Exception {
        DescribeClusterResponse answer =
                client.ask(
                        new DescribeClusterRequest.Builder(
                                        new DescribeClusterRequestData()
                                                .setEndpointType(endpointType))
                                .build((short) 1));
        return Errors.forCode(answer.data().errorCode());
    }

    private static AbstractRequest metadata(String... topics) {
        return new MetadataRequest.Builder(List.of(topics), true).build((short) 12);
    }

    private static ListOffsetsRequest list(String name) {
        var topic = new ListOffsetsRequestData.ListOffsetsTopic().setName(name);
        topic.partitions()
                .add(
                        new ListOffsetsRequestData.ListOffsetsPartition()
                                .setPartitionIndex(0)
                                .setTimestamp(-1));
        var data = new ListOffsetsRequestData().setReplicaId(-1).setTopics(List.of(topic));
        return ListOffsetsRequest.parse(
                MessageUtil.toByteBufferAccessor(data, (short) 7), (short) 7);
    }
}
