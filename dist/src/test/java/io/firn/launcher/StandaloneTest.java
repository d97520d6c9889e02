package io.firn.launcher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.firn.launcher.process.Standalone;
import io.firn.launcher.settings.Setting;
import io.firn.launcher.settings.Settings;
import io.firn.launcher.settings.StartupException;

import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.SubscriptionPattern;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Future;

/// The main job with the stock Java client: in at the gateway, through log and table, out again.
class StandaloneTest {
    @TempDir static Path temp;
    private static Standalone firn;
    private static Map<String, Object> client;

    @BeforeAll
    static void start() {
        firn = Standalone.start(settings(temp.resolve("data")));
        client = Map.of("bootstrap.servers", firn.ready().kafka());
    }

    @AfterAll
    static void stop() {
        firn.close();
    }

    private static Settings settings(Path data) {
        return Settings.empty()
                .with(Setting.DATA, data.toString())
                .with(Setting.KAFKA_PORT, "0")
                .with(Setting.CATALOG_PORT, "0")
                .with(Setting.S3_PORT, "0")
                .with(Setting.DIRECT_PORT, "0")
                .with(Setting.JOURNAL_BYTES, String.valueOf(64 << 20));
    }

    private static void create(String topic, int partitions, Map<String, String> settings)
            throws Exception {
        try (Admin admin = Admin.create(client)) {
            admin.createTopics(
                            List.of(new NewTopic(topic, partitions, (short) 1).configs(settings)))
                    .all()
                    .get();
        }
    }

    private static void produce(String topic, int from, int to, Map<String, Object> more)
            throws Exception {
        var config = new HashMap<>(client);
        config.putAll(more);
        var sent = new ArrayList<Future<RecordMetadata>>();
        try (var producer =
                new KafkaProducer<>(config, new ByteArraySerializer(), new ByteArraySerializer())) {
            for (int i = from; i < to; i++) {
                sent.add(
                        producer.send(
                                new ProducerRecord<>(topic, 0, bytes("k" + i), bytes("v" + i))));
            }
        }
        for (Future<RecordMetadata> f : sent) {
            f.get();
        }
    }

    private static List<ConsumerRecord<byte[], byte[]>> consume(String topic, int count) {
        var records = new ArrayList<ConsumerRecord<byte[], byte[]>>();
        try (var consumer =
                new KafkaConsumer<>(
                        client, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            var tp = new TopicPartition(topic, 0);
            consumer.assign(List.of(tp));
            consumer.seekToBeginning(List.of(tp));
            long deadline = System.nanoTime() + Duration.ofSeconds(60).toNanos();
            while (records.size() < count && System.nanoTime() < deadline) {
                consumer.poll(Duration.ofMillis(200)).forEach(records::add);
            }
        }
        return records;
    }

    private static void assertInOrder(List<ConsumerRecord<byte[], byte[]>> records, int count) {
        assertThat(records).hasSize(count);
        for (int i = 0; i < count; i++) {
            assertThat(records.get(i).offset()).isEqualTo(i);
            assertThat(text(records.get(i).key())).isEqualTo("k" + i);
            assertThat(text(records.get(i).value())).isEqualTo("v" + i);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"none", "gzip", "snappy", "lz4", "zstd"})
    void whatIsProducedIsConsumedWithEveryCodec(String codec) throws Exception {
        produce("codec-" + codec, 0, 2_000, Map.of("compression.type", codec));
        assertInOrder(consume("codec-" + codec, 2_000), 2_000);
    }

    @Test
    void aConsumerWalksFromTheTableIntoTheLiveLog() throws Exception {
        create(
                "tiered",
                1,
                Map.of(
                        "segment.bytes", "1048576",
                        "firn.table.freshness.ms", "2000",
                        "local.retention.ms", "1000"));
        produce("tiered", 0, 20_000, Map.of("batch.size", 32_768));
        try (Admin admin = Admin.create(client)) {
            var tp = new TopicPartition("tiered", 0);
            long deadline = System.nanoTime() + Duration.ofSeconds(90).toNanos();
            while (offset(admin, tp, OffsetSpec.earliestLocal()) < 20_000
                    && System.nanoTime() < deadline) {
                Thread.sleep(200);
            }
            assertThat(offset(admin, tp, OffsetSpec.latestTiered())).isEqualTo(19_999); // C9
            assertThat(offset(admin, tp, OffsetSpec.earliestLocal())).isEqualTo(20_000);
            assertThat(offset(admin, tp, OffsetSpec.earliest())).isZero();
        }
        produce("tiered", 20_000, 21_000, Map.of());
        assertInOrder(consume("tiered", 21_000), 21_000);
    }

    private static long offset(Admin admin, TopicPartition tp, OffsetSpec spec) throws Exception {
        return admin.listOffsets(Map.of(tp, spec)).partitionResult(tp).get().offset();
    }

    @ParameterizedTest
    @ValueSource(strings = {"classic", "consumer"})
    void aGroupGoesOnFromItsCommit(String protocol) throws Exception {
        String topic = "group-" + protocol;
        produce(topic, 0, 100, Map.of());
        assertThat(text(pollInGroup(topic, protocol, 60).getFirst().value())).isEqualTo("v0");
        assertThat(text(pollInGroup(topic, protocol, 40).getFirst().value())).isEqualTo("v60");
    }

    private static List<ConsumerRecord<byte[], byte[]>> pollInGroup(
            String topic, String protocol, int count) {
        var config = new HashMap<>(client);
        config.putAll(
                Map.of(
                        "group.id",
                        "group-of-" + topic,
                        "group.protocol",
                        protocol,
                        "auto.offset.reset",
                        "earliest",
                        "enable.auto.commit",
                        false,
                        "max.poll.records",
                        20));
        var records = new ArrayList<ConsumerRecord<byte[], byte[]>>();
        try (var consumer =
                new KafkaConsumer<>(
                        config, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            consumer.subscribe(List.of(topic));
            long deadline = System.nanoTime() + Duration.ofSeconds(40).toNanos();
            while (records.size() < count && System.nanoTime() < deadline) {
                consumer.poll(Duration.ofMillis(200)).forEach(records::add);
                consumer.commitSync();
            }
        }
        assertThat(records).hasSize(count);
        return records;
    }

    /// DESIGN §5: the broker's own listener is enough for a client.
    @Test
    void healthNamesEachPartAndPrometheusHasTheControllers() throws Exception { // D11
        URI metrics = URI.create(firn.ready().metrics());
        HttpResponse<String> health = get(metrics.resolve("/health"));
        assertThat(health.statusCode()).isEqualTo(200);
        assertThat(health.body())
                .contains(
                        "\"status\":\"UP\"",
                        "\"process\":\"UP\"",
                        "\"controller\":\"UP\"",
                        "\"image\":\"UP\"",
                        "\"broker\":\"UP\"",
                        "\"disk\":\"UP\"",
                        "\"logs\":\"UP\"",
                        "\"catalog\":\"UP\"",
                        "\"objectStore\":\"UP\"",
                        "\"brokers\":\"UP\"");
        assertThat(get(metrics).body())
                .contains("firn_controller_active 1.0", "firn_controller_brokers_active 1.0");
    }

    @Test
    void anAddressThatListensEverywhereIsToldToNobody() throws Exception {
        // D10
        Settings everywhere =
                settings(temp.resolve("everywhere"))
                        .with(Setting.HOST, "0.0.0.0")
                        .with(Setting.ADVERTISED_HOST, "localhost");
        try (Standalone other = Standalone.start(everywhere)) {
            assertThat(other.ready().toString()).doesNotContain("0.0.0.0");
            assertThat(other.ready().s3()).startsWith("http://localhost:");
            assertThat(other.ready().catalog()).startsWith("http://localhost:");
            URI health = URI.create(other.ready().metrics()).resolve("/health");
            assertThat(get(health).statusCode()).isEqualTo(200);
            Map<String, Object> config = Map.of("bootstrap.servers", other.ready().kafka());
            try (Admin admin = Admin.create(config);
                    var producer =
                            new KafkaProducer<>(
                                    config, new ByteArraySerializer(), new ByteArraySerializer())) {
                assertThat(admin.describeCluster().nodes().get())
                        .allSatisfy(node -> assertThat(node.host()).isEqualTo("localhost"));
                producer.send(new ProducerRecord<>("everywhere", bytes("v"))).get();
            }
        }
    }

    private static HttpResponse<String> get(URI uri) throws Exception {
        try (HttpClient http = HttpClient.newHttpClient()) {
            return http.send(
                    HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString());
        }
    }

    @Test
    void aSubscriptionByARegularExpressionKeepsItsAnchors() throws Exception { // D1
        for (String topic : List.of("anchored-a", "anchored-b", "not-anchored-a")) {
            create(topic, 1, Map.of());
        }
        var config = new HashMap<>(client);
        config.put("group.id", "by-expression");
        config.put("group.protocol", "consumer");
        var wanted =
                Set.of(new TopicPartition("anchored-a", 0), new TopicPartition("anchored-b", 0));
        try (var consumer =
                new KafkaConsumer<>(
                        config, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            consumer.subscribe(new SubscriptionPattern("(?i)^ANCHORED-a$|^anchored-[b-z]$"));
            long deadline = System.nanoTime() + Duration.ofSeconds(60).toNanos();
            while (!consumer.assignment().equals(wanted) && System.nanoTime() < deadline) {
                consumer.poll(Duration.ofMillis(100));
            }
            assertThat(consumer.assignment()).isEqualTo(wanted);
        }
    }

    @Test
    void aTransactionalProducerIsToldAtOnceThatThereAreNoTransactions() { // D3
        var config = new HashMap<>(client);
        config.put("transactional.id", "t");
        try (var producer =
                new KafkaProducer<>(config, new ByteArraySerializer(), new ByteArraySerializer())) {
            long begun = System.nanoTime();
            assertThatThrownBy(producer::initTransactions)
                    .hasMessageContaining("Unset transactional.id");
            assertThat(Duration.ofNanos(System.nanoTime() - begun))
                    .isLessThan(Duration.ofSeconds(10));
        }
    }

    @Test
    void aClientOfTheDirectListenerMeetsTheBrokerOnly() throws Exception {
        String gateway = firn.ready().kafka();
        String direct = firn.ready().direct().orElseThrow();
        assertThat(firn.ready().toString()).contains("\n  Direct    " + direct + " ");
        client = Map.of("bootstrap.servers", direct);
        try {
            try (Admin admin = Admin.create(client)) {
                var nodes = admin.describeCluster().nodes().get();
                assertThat(nodes)
                        .extracting(n -> n.host() + ":" + n.port())
                        .containsExactly(direct);
            }
            produce("direct", 0, 100, Map.of("acks", "all"));
            assertThat(pollInGroup("direct", "classic", 60)).hasSize(60);
            assertThat(pollInGroup("direct", "consumer", 40)).hasSize(40);
        } finally {
            client = Map.of("bootstrap.servers", gateway);
        }
        assertInOrder(consume("direct", 100), 100);
    }

    @Test
    void whoeverHasBeenAnsweredReadsWhatWasWritten() throws Exception { // DESIGN 13
        ReadYourWrites.check(firn.ready().kafka());
    }

    @Test
    void aSecondInstanceOnTheSameFolderIsOneClearLine() { // L12
        String port = firn.ready().kafka().replaceAll(".*:", "");
        Settings same = settings(temp.resolve("data")).with(Setting.KAFKA_PORT, port);
        assertThatThrownBy(() -> Standalone.start(same))
                .isInstanceOf(StartupException.class)
                .hasMessageContaining("another Firn process uses it");
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }
}
