package io.firn.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import io.firn.launcher.cluster.ClusterFiles;
import io.firn.launcher.cluster.Shape;
import io.firn.launcher.process.RunningRole;
import io.firn.launcher.settings.Settings;
import io.firn.protocol.CloseStack;

import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The roles as processes of their own, configured by `firn init`, with two gateways, on a Postgres
/// and an S3 endpoint that they only know by address.
class SeparateProcessesTest {
    private static final String TOPIC = "apart";
    private static final TopicPartition PARTITION = new TopicPartition(TOPIC, 0);
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @TempDir static Path temp;
    private static final CloseStack backends = new CloseStack("the test");
    private static final Map<String, FirnProcess> processes = new HashMap<>();
    private static final Map<String, String> ports = new HashMap<>();

    @BeforeAll
    static void start() throws IOException {
        Path cluster = temp.resolve("cluster");
        ClusterFiles.make(cluster, new Shape(1, 1, 2));
        chooseFreePorts(cluster);
        RunningRole.backends(Settings.read(cluster.resolve("backends-1.yaml")), backends);
        // All at once: each waits for those that it needs.
        List<String> roles =
                List.of("controller-3001", "catalog-1", "broker-1", "gateway-1", "gateway-2");
        roles.forEach(SeparateProcessesTest::launch);
        roles.forEach(role -> process(role).awaitRole());
    }

    @AfterAll
    static void stop() {
        processes.values().forEach(FirnProcess::close);
        backends.close();
    }

    private static void launch(String role) {
        processes.put(
                role,
                FirnProcess.role(
                        role.replaceAll("-\\d+", ""),
                        temp.resolve("cluster").resolve(role + ".yaml")));
    }

    private static FirnProcess process(String role) {
        return java.util.Objects.requireNonNull(processes.get(role));
    }

    private static void killAndStartAgain(String role) {
        process(role).kill();
        launch(role);
        process(role).awaitRole();
    }

    /// The example's ports are everybody's; each is exchanged for a free one, the same in all
    /// files.
    private static void chooseFreePorts(Path cluster) throws IOException {
        Pattern port = Pattern.compile("(?<=[: ])(5433|8080|9[0-9]{3})\\b");
        try (var files = Files.list(cluster)) {
            for (Path file :
                    (Iterable<Path>) files.filter(f -> f.toString().endsWith("yaml"))::iterator) {
                var text = new StringBuilder();
                for (String line : Files.readAllLines(file)) {
                    text.append(
                                    port.matcher(line)
                                            .replaceAll(
                                                    m ->
                                                            ports.computeIfAbsent(
                                                                    m.group(), p -> freePort())))
                            .append('\n');
                }
                if (file.getFileName().toString().startsWith("broker")) {
                    text.append("journal.bytes: 33554432\n");
                }
                Files.writeString(file, text);
            }
        }
    }

    /// The roles with a metrics address of their own, by its example port: controller, broker,
    /// gateways.
    @Test
    void everyRoleSaysThatItIsUpAndAControllerHasMetrics() throws Exception { // D11
        for (String port : List.of("9100", "9101", "9102", "9202", "8080")) {
            long deadline = System.nanoTime() + Duration.ofSeconds(60).toNanos();
            String health = get(port, "/health");
            while (!health.contains("\"status\":\"UP\"") && System.nanoTime() < deadline) {
                Thread.sleep(200); // another test may have killed somebody
                health = get(port, "/health");
            }
            assertThat(health).as(port).startsWith("{\"status\":\"UP\"");
        }
        assertThat(get("9100", "/prometheus"))
                .contains("firn_controller_active 1.0", "firn_controller_last_applied_offset");
    }

    private static String get(String port, String path) throws Exception {
        try (HttpClient http = HttpClient.newHttpClient()) {
            return http.send(
                            HttpRequest.newBuilder(
                                            URI.create(
                                                    "http://127.0.0.1:%s%s"
                                                            .formatted(ports.get(port), path)))
                                    .build(),
                            HttpResponse.BodyHandlers.ofString())
                    .body();
        } catch (IOException away) {
            return "";
        }
    }

    /// Not one of those that the system gives to outgoing connections: by the time that its process
    /// starts, one of them might have it.
    private static String freePort() {
        int port = ThreadLocalRandom.current().nextInt(15_000, 30_000);
        while (true) {
            try (var free = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
                return String.valueOf(free.getLocalPort());
            } catch (IOException taken) {
                port++;
            }
        }
    }

    /// @param gateways example ports of the gateways to connect to
    private static Map<String, Object> client(String... gateways) {
        var addresses = new ArrayList<String>();
        for (String gateway : gateways) {
            addresses.add("127.0.0.1:" + ports.get(gateway));
        }
        return new HashMap<>(Map.of("bootstrap.servers", String.join(",", addresses)));
    }

    private static void produce(int from, int to) throws Exception {
        var sent = new ArrayList<Future<RecordMetadata>>();
        try (var producer =
                new KafkaProducer<>(
                        client("9092", "9192"), new StringSerializer(), new StringSerializer())) {
            for (int i = from; i < to; i++) {
                sent.add(producer.send(new ProducerRecord<>(TOPIC, "k" + i, "value-" + i)));
            }
        }
        for (Future<RecordMetadata> record : sent) {
            record.get();
        }
    }

    private static List<String> consume(Map<String, Object> client, int count, boolean inGroup) {
        client.putAll(
                Map.of(
                        "group.id",
                        "apart-group",
                        "auto.offset.reset",
                        "earliest",
                        "enable.auto.commit",
                        false,
                        "max.poll.records",
                        500));
        var values = new ArrayList<String>();
        try (var consumer =
                new KafkaConsumer<>(client, new StringDeserializer(), new StringDeserializer())) {
            if (inGroup) {
                consumer.subscribe(List.of(TOPIC));
            } else {
                consumer.assign(List.of(PARTITION));
                consumer.seekToBeginning(List.of(PARTITION));
            }
            long deadline = System.nanoTime() + PATIENCE.toNanos();
            while (values.size() < count && System.nanoTime() < deadline) {
                consumer.poll(Duration.ofMillis(200)).forEach(r -> values.add(r.value()));
            }
            if (inGroup) {
                consumer.commitSync();
            }
        }
        return values;
    }

    @Test
    void theMainJobGoesThroughAndEachRoleMayBeKilled() throws Exception {
        try (Admin admin = Admin.create(client("9092"))) {
            admin.createTopics(
                            List.of(
                                    new NewTopic(TOPIC, 1, (short) 1)
                                            .configs(
                                                    Map.of(
                                                            "firn.table.freshness.ms", "2000",
                                                            "local.retention.ms", "1000"))))
                    .all()
                    .get();
            produce(0, 2_000);
            // Written through both gateways, read in a group through the second.
            assertThat(consume(client("9192"), 2_000, true)).hasSize(2_000);

            awaitTiered(admin, 2_000);
        }
        assertThat(rowsOfTable()).isEqualTo(2_000);

        killAndStartAgain("gateway-1"); // G3
        killAndStartAgain("catalog-1");
        killAndStartAgain("broker-1");

        produce(2_000, 2_500);
        assertThat(consume(client("9092"), 500, true).getFirst()).isEqualTo("value-2000");
        List<String> all = consume(client("9092"), 2_500, false); // cold and hot
        Set<String> once = new HashSet<>(all);
        assertThat(all).hasSize(2_500).startsWith("value-0").endsWith("value-2499");
        assertThat(once).hasSize(2_500);
        try (Admin admin = Admin.create(client("9192"))) {
            awaitTiered(admin, 2_500);
        }
        assertThat(rowsOfTable()).isEqualTo(2_500);
    }

    @Test
    void whoeverHasBeenAnsweredReadsWhatWasWritten() throws Exception { // DESIGN 13
        ReadYourWrites.check("127.0.0.1:" + ports.get("9192"));
    }

    @Test
    void aSecondBrokerIsRefusedInWords() throws Exception { // R8
        Path config = temp.resolve("cluster").resolve("second-broker.yaml");
        Files.writeString(
                config,
                Files.readString(config.resolveSibling("broker-1.yaml"))
                        .replaceAll("(?m)^node-id: .*$", "node-id: 2")
                        .replaceAll("(?m)^data: .*$", "data: " + temp.resolve("data-2"))
                        .replaceAll("(?m)^(broker.port|metrics-port): .*$", "$1: 0"));
        try (FirnProcess second = FirnProcess.role("broker", config)) {
            assertThat(second.await()).isNotZero();
            assertThat(second.log())
                    .contains(
                            "firn: Cannot register broker 2: the cluster has another broker already")
                    .doesNotContain("This is a bug");
        }
    }

    private static void awaitTiered(Admin admin, long end) throws Exception {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (admin.listOffsets(Map.of(PARTITION, OffsetSpec.earliestLocal()))
                                .partitionResult(PARTITION)
                                .get()
                                .offset()
                        < end
                && System.nanoTime() < deadline) {
            Thread.sleep(200);
        }
    }

    /// What the table's current snapshot says over Iceberg REST.
    private static long rowsOfTable() throws Exception {
        URI uri =
                URI.create(
                        "http://127.0.0.1:%s/iceberg/v1/namespaces/public/tables/%s"
                                .formatted(ports.get("8080"), TOPIC));
        try (HttpClient http = HttpClient.newHttpClient()) {
            String answer =
                    http.send(
                                    HttpRequest.newBuilder(uri).build(),
                                    HttpResponse.BodyHandlers.ofString())
                            .body();
            Matcher rows = Pattern.compile("\"total-records\":\"(\\d+)\"").matcher(answer);
            long last = -1;
            while (rows.find()) {
                last = Math.max(last, Long.parseLong(rows.group(1)));
            }
            return last;
        }
    }
}
