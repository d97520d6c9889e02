package io.firn.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/// `firn cluster`: three controllers and two gateways as processes of their own, and what a second
/// terminal does to them.
class LocalClusterTest {
    private static final Pattern LINE =
            Pattern.compile("(?m)^  ([a-z]+-\\d+) +pid (\\d+) +(\\S+)  (\\S+)$");
    private static final Duration PATIENCE = Duration.ofSeconds(180);

    @TempDir static Path temp;
    private static FirnProcess cluster;
    private static Map<String, String> addresses = Map.of();

    @BeforeAll
    static void start() throws Exception {
        run("--gateways", "2");
    }

    @AfterAll
    static void stop() {
        if (cluster.isAlive()) {
            cluster.stop();
        }
    }

    private static void run(String... more) throws Exception {
        var args =
                new ArrayList<>(
                        List.of(
                                "cluster",
                                "--data",
                                data(),
                                "--kafka-port",
                                "0",
                                "--catalog-port",
                                "0",
                                "--s3-port",
                                "0"));
        args.addAll(List.of(more));
        Path log = temp.resolve("cluster.log");
        Files.deleteIfExists(log);
        cluster = FirnProcess.run(log, args);
        addresses = addresses(cluster.awaitBlock("firn cluster status"));
    }

    private static String data() {
        return temp.resolve("cluster").toString();
    }

    private static Map<String, String> addresses(String block) {
        var found = new LinkedHashMap<String, String>();
        Matcher lines = LINE.matcher(block);
        while (lines.find()) {
            found.put(lines.group(1), lines.group(3));
        }
        return found;
    }

    /// What a second terminal types, and what it is told.
    private static String firn(String command, String... more) throws Exception {
        var args = new ArrayList<>(List.of(command));
        args.addAll(List.of("--data", data()));
        args.addAll(List.of(more));
        return cluster(args);
    }

    private static String cluster(List<String> arguments) throws Exception {
        var command = new ArrayList<>(FirnProcess.java("-Xmx128m", "-XX:TieredStopAtLevel=1"));
        command.addAll(List.of("io.firn.launcher.FirnMain", "cluster"));
        command.addAll(arguments);
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(3, TimeUnit.MINUTES)).isTrue();
        return said;
    }

    private static void kill(String id) throws Exception {
        Matcher pid =
                Pattern.compile("\"id\" : \"%s\",\\s+\"pid\" : (\\d+)".formatted(id))
                        .matcher(firn("status", "-o", "json"));
        assertThat(pid.find()).isTrue();
        ProcessHandle process = ProcessHandle.of(Long.parseLong(pid.group(1))).orElseThrow();
        process.destroyForcibly();
        process.onExit().get(1, TimeUnit.MINUTES);
    }

    @Test
    void controllersGatewaysAndWholeClustersComeAndGoAndNothingAcknowledgedIsLost()
            throws Exception { // R19, G1
        assertThat(addresses.keySet())
                .containsExactly(
                        "backends-1",
                        "controller-3001",
                        "controller-3002",
                        "controller-3003",
                        "catalog-1",
                        "broker-1",
                        "gateway-1",
                        "gateway-2");
        createTopic("first");
        produce("first", 0, 1_000);

        kill("controller-3001");
        assertThat(firn("status")).containsPattern("controller-3001 +down");
        createTopic("second"); // two of three voters decide
        produce("second", 0, 1_000);
        assertThat(firn("start", "controller-3001")).contains("controller-3001 is ready");

        kill("gateway-1");
        produce("first", 1_000, 2_000); // through the other
        assertThat(firn("start", "gateway-1")).contains("gateway-1 is ready");
        assertThat(firn("stop", "controller-3002")).contains("has stopped");
        assertThat(firn("stop", "controller-3002")).contains("is down already");
        assertThat(firn("start", "controller-3002")).contains("controller-3002 is ready");
        assertThat(firn("start", "controller-3002")).contains("runs already");
        assertThat(firn("stop", "broker-9")).contains("no process 'broker-9'", "broker-1");

        assertThat(cluster.stop()).isEqualTo(143); // SIGTERM
        assertThat(firn("start", "broker-1")).contains("Start all with: firn cluster --data");
        run("--gateways", "1");
        assertThat(addresses).containsKey("gateway-1").doesNotContainKey("gateway-2");
        assertThat(read("first", 2_000)).isEqualTo(values(2_000));
        assertThat(read("second", 1_000)).isEqualTo(values(1_000));
    }

    @Test
    void aClusterThatCannotBeIsRefusedInWords() throws Exception {
        assertThat(refused("--controllers", "2")).contains("ask for 1, 3, 5 or 7");
        assertThat(refused("--brokers", "3")).contains("does not replicate between brokers yet");
        assertThat(refused("--controllers", "3")).contains("another Firn process uses it");
    }

    private static String refused(String... options) throws Exception {
        var args = new ArrayList<>(List.of("--data", data()));
        args.addAll(List.of(options));
        return cluster(args);
    }

    private static String kafka() {
        return String.join(
                ",",
                addresses.entrySet().stream()
                        .filter(entry -> entry.getKey().startsWith("gateway"))
                        .map(Map.Entry::getValue)
                        .toList());
    }

    private static void createTopic(String name) throws Exception {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", kafka()))) {
            admin.createTopics(List.of(new NewTopic(name, 1, (short) 1)))
                    .all()
                    .get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        }
    }

    private static void produce(String topic, int from, int to) {
        try (var producer =
                new KafkaProducer<>(
                        Map.of("bootstrap.servers", kafka(), "delivery.timeout.ms", 120_000),
                        new StringSerializer(),
                        new StringSerializer())) {
            var sent =
                    IntStream.range(from, to)
                            .mapToObj(i -> producer.send(new ProducerRecord<>(topic, "" + i)))
                            .toList();
            sent.forEach(
                    future -> {
                        try {
                            future.get();
                        } catch (Exception e) {
                            throw new AssertionError(e);
                        }
                    });
        }
    }

    private static List<String> read(String topic, int count) {
        var partition = new TopicPartition(topic, 0);
        try (var consumer =
                new KafkaConsumer<>(
                        Map.of("bootstrap.servers", kafka()),
                        new StringDeserializer(),
                        new StringDeserializer())) {
            consumer.assign(List.of(partition));
            consumer.seekToBeginning(List.of(partition));
            var read = new ArrayList<String>();
            long deadline = System.nanoTime() + PATIENCE.toNanos();
            while (read.size() < count && System.nanoTime() < deadline) {
                consumer.poll(Duration.ofSeconds(1)).forEach(record -> read.add(record.value()));
            }
            return read;
        }
    }

    private static List<String> values(int count) {
        return IntStream.range(0, count).mapToObj(i -> "" + i).toList();
    }
}
