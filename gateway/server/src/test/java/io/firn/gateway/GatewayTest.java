package io.firn.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.firn.controller.FakeCluster;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;

import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.requests.MetadataRequest;
import org.apache.kafka.common.requests.MetadataResponse;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/// Stock Kafka clients through a gateway to a fake broker.
@Timeout(60)
class GatewayTest {
    private final FakeCluster cluster = new FakeCluster();
    private final SimpleMeterRegistry metrics = new SimpleMeterRegistry();
    private FakeBroker broker;
    private GatewayNode gateway;

    @BeforeEach
    void start() {
        broker = new FakeBroker(cluster, 5);
        gateway =
                GatewayNode.start(
                        GatewayConfig.of("127.0.0.1", 0, FakeBroker.KEY, metrics),
                        cluster,
                        cluster::send);
    }

    @AfterEach
    void stop() {
        gateway.close();
        broker.close();
    }

    @Test
    void clientsSeeOneNodeAndTheirOwnTopicsOnly() throws Exception {
        cluster.topic("public.orders", 5, 5);
        cluster.topic("other.secret", 5);
        cluster.topic("__consumer_offsets", 5);
        try (Admin admin = Admin.create(settings())) {
            assertThat(admin.listTopics().names().get()).containsExactly("orders");
            var nodes = admin.describeCluster().nodes().get();
            assertThat(nodes).hasSize(1);
            assertThat(nodes.iterator().next().port()).isEqualTo(gateway.port());
            assertThat(admin.describeCluster().clusterId().get()).isEqualTo(FakeCluster.CLUSTER_ID);
            var orders = admin.describeTopics(List.of("orders")).allTopicNames().get();
            assertThat(orders.get("orders").partitions()).hasSize(2);
            assertThat(orders.get("orders").partitions().get(1).leader().port())
                    .isEqualTo(gateway.port());
            for (String name : List.of("secret", "other.secret", "__consumer_offsets")) {
                assertThatThrownBy(() -> admin.describeTopics(List.of(name)).allTopicNames().get())
                        .hasCauseInstanceOf(UnknownTopicOrPartitionException.class);
            }
            assertThat(admin.describeFeatures().featureMetadata().get().finalizedFeatures())
                    .containsKeys("group.version", "metadata.version");
        }
    }

    @Test
    void fewTopicsOfManyPartitionsAreAnsweredOffTheLoops() throws Exception { // G12
        cluster.largeTopic("public.large", 20_000, 5);
        cluster.topic("other.secret", 5);
        var all = MetadataRequest.Builder.allTopics().build();
        var named = new MetadataRequest.Builder(List.of("large"), false).build();
        try (var client = new RawConnection(gateway.port())) {
            MetadataResponse first = client.ask(all);
            assertThat(first.data().topics().stream().map(t -> t.name())).containsExactly("large");
            assertThat(first.data().topics().find("large").partitions()).hasSize(20_000);
            assertThat(offLoop()).isEqualTo(1);
            MetadataResponse one = client.ask(named);
            assertThat(one.data().topics().find("large").partitions()).hasSize(20_000);
            assertThat(offLoop()).isEqualTo(2);
            cluster.topic("public.small", 5);
            MetadataResponse second = client.ask(all);
            assertThat(second.data().topics()).hasSize(2);
            assertThat(second.data().topics().find("small").partitions()).hasSize(1);
            client.ask(new MetadataRequest.Builder(List.of("small"), false).build());
            assertThat(offLoop()).isEqualTo(3);
        }
    }

    private double offLoop() {
        return metrics.counter("firn.gateway.requests.large").count();
    }

    @Test
    void topicsAreCreatedByTheBrokerInTheTenantsName() throws Exception {
        try (Admin admin = Admin.create(settings())) {
            admin.createTopics(List.of(new NewTopic("made", 3, (short) 1))).all().get();
            assertThat(cluster.image().topic("public.made").orElseThrow().partitions()).hasSize(3);
        }
    }

    @Test
    void whatIsProducedThroughTheGatewayIsFetchedThroughIt() throws Exception {
        int count = 2000;
        try (var producer = producer(Map.of("acks", "all", "compression.type", "lz4"))) {
            List<Future<RecordMetadata>> sent = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                sent.add(producer.send(record("auto", i)));
            }
            for (int i = 0; i < count; i++) {
                assertThat(sent.get(i).get().offset()).isEqualTo(i);
            }
        }
        assertThat(consume("auto", count)).hasSize(count).isSorted();
        assertThat(broker.seen).contains(ApiKeys.INIT_PRODUCER_ID);
        assertThat(broker.seen).doesNotContain(ApiKeys.METADATA, ApiKeys.API_VERSIONS);
        assertThat(metrics.counter("firn.gateway.requests", "api", "Produce").count()).isPositive();
        assertThat(metrics.counter("firn.gateway.bytes.in").count()).isGreaterThan(10_000);
        assertThat(metrics.counter("firn.gateway.bytes.out").count()).isGreaterThan(10_000);
    }

    @Test
    void recordsWithoutAcknowledgementArriveToo() throws Exception {
        try (var producer = producer(Map.of("acks", "0", "enable.idempotence", "false"))) {
            for (int i = 0; i < 100; i++) {
                producer.send(record("fire-and-forget", i)).get(5, TimeUnit.SECONDS);
            }
        }
        assertThat(consume("fire-and-forget", 100)).hasSize(100);
    }

    @Test
    void largeRecordsPassInBothDirections() throws Exception {
        byte[] large = new byte[3_000_000];
        large[2_999_999] = 9;
        try (var producer = producer(Map.of("max.request.size", "4000000"))) {
            producer.send(new ProducerRecord<>("large", large)).get();
            producer.send(new ProducerRecord<>("large", large)).get();
        }
        assertThat(consume("large", 2)).hasSize(2);
    }

    @Test
    void aTopicIsNotCreatedWhenTheGatewayDoesNotAllowIt() {
        var config =
                new GatewayConfig(
                        "127.0.0.1",
                        0,
                        "127.0.0.1",
                        0,
                        FakeBroker.KEY,
                        "public",
                        false,
                        1,
                        metrics,
                        GatewayConfig.Limits.DEFAULT);
        try (var strict = GatewayNode.start(config, cluster, cluster::send)) {
            Map<String, Object> settings = new HashMap<>(settings());
            settings.put("bootstrap.servers", "127.0.0.1:" + strict.port());
            settings.put("max.block.ms", 1000);
            try (var producer =
                    new KafkaProducer<>(
                            settings, new ByteArraySerializer(), new ByteArraySerializer())) {
                assertThatThrownBy(() -> producer.send(record("nowhere", 1)).get())
                        .isInstanceOf(ExecutionException.class)
                        .hasMessageContaining("nowhere");
            }
        }
        assertThat(cluster.image().topic("public.nowhere")).isEmpty();
    }

    @Test
    void aBrokerThatBreaksWithARequestOnTheWayMeansADisconnectAndTheClientDecides()
            throws Exception { // G2
        broker.intercept =
                request -> {
                    if (request.header().apiKey() != ApiKeys.PRODUCE) {
                        return false;
                    }
                    broker.intercept = next -> false;
                    request.connection().close();
                    return true;
                };
        try (var producer = producer(Map.of())) {
            producer.send(record("retried", 1)).get(20, TimeUnit.SECONDS);
        }
        assertThat(consume("retried", 1)).hasSize(1);
        assertThat(broker.seen.stream().filter(ApiKeys.PRODUCE::equals)).hasSize(2);
    }

    @Test
    void aBrokerThatCannotBeReachedIsARetriableErrorUntilItIsBack() throws Exception {
        cluster.topic("public.patient", 5);
        cluster.broker(5, 1, false); // nothing listens there
        try (var producer = producer(Map.of("enable.idempotence", "false"))) {
            var sent = producer.send(record("patient", 1));
            Thread.sleep(300);
            assertThat(sent.isDone()).isFalse();
            cluster.broker(5, broker.port(), false);
            assertThat(sent.get(20, TimeUnit.SECONDS).offset()).isZero();
        }
    }

    private List<Integer> consume(String topic, int count) {
        Map<String, Object> settings = new HashMap<>(settings());
        settings.put("auto.offset.reset", "earliest");
        settings.put("enable.auto.commit", "false");
        List<Integer> found = new ArrayList<>();
        try (var consumer =
                new KafkaConsumer<>(
                        settings, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            consumer.assign(List.of(new TopicPartition(topic, 0)));
            consumer.seekToBeginning(consumer.assignment());
            long deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
            while (found.size() < count && System.nanoTime() < deadline) {
                consumer.poll(Duration.ofMillis(200))
                        .forEach(r -> found.add(java.nio.ByteBuffer.wrap(r.value()).getInt()));
            }
        }
        return found;
    }

    private KafkaProducer<byte[], byte[]> producer(Map<String, Object> more) {
        Map<String, Object> settings = new HashMap<>(settings());
        settings.putAll(more);
        return new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer());
    }

    private static ProducerRecord<byte[], byte[]> record(String topic, int value) {
        return new ProducerRecord<>(topic, java.nio.ByteBuffer.allocate(100).putInt(value).array());
    }

    private Map<String, Object> settings() {
        return Map.of(
                "bootstrap.servers",
                "127.0.0.1:" + gateway.port(),
                "reconnect.backoff.max.ms",
                "100",
                "request.timeout.ms",
                "10000");
    }
}
