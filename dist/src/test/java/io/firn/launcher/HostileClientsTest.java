package io.firn.launcher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.errors.InvalidTopicException;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.Socket;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.stream.Stream;

/// Hostile, slow and greedy clients against a `firn standalone` of 768 MiB heap (G7): each is
/// answered with an error or disconnected, and the next client is served as if nothing had been.
/// `tests/hostile` measures what this costs others.
class HostileClientsTest {
    /// Heap, 256 MiB of frames for gateway and broker each, the journal, code and threads.
    private static final long MOST_RSS = 2L << 30;

    @TempDir static Path temp;
    private static FirnProcess firn;
    private static Admin admin;

    @BeforeAll
    static void start() throws Exception {
        firn = FirnProcess.standalone(temp.resolve("data"), 0);
        admin = Admin.create(Map.of("bootstrap.servers", firn.kafka()));
        create("good", Map.of());
        create("trusted", Map.of("firn.produce.check", "batch", "firn.table.freshness.ms", "1000"));
    }

    @AfterAll
    static void stop() {
        try {
            assertThat(firn.isAlive()).as(firn.log()).isTrue();
            assertThat(firn.log()).doesNotContain("OutOfMemoryError", "LEAK:", "forged");
            assertThat(firn.peakRssBytes()).isLessThan(MOST_RSS);
        } finally {
            admin.close();
            firn.close();
        }
    }

    private static Uuid create(String topic, Map<String, String> settings) throws Exception {
        var made = admin.createTopics(List.of(new NewTopic(topic, 1, (short) 1).configs(settings)));
        made.all().get();
        return made.topicId(topic).get();
    }

    private static void assertOthersAreServed() throws Exception {
        try (RawKafka client = new RawKafka(firn.kafkaPort())) {
            assertThat(client.produce("good", RawKafka.good("still here"))).isEqualTo(Errors.NONE);
        }
    }

    static Stream<byte[]> noKafka() {
        return Stream.of(
                ascii("GET / HTTP/1.1\r\nHost: firn\r\n\r\n"),
                new byte[] {0x16, 3, 1, 2, 0, 1, 0, 1, (byte) 0xfc, 3, 3},
                ascii("SSH-2.0-OpenSSH_9.2\r\n"),
                size(-1),
                size(0),
                size(Integer.MAX_VALUE),
                size(100 * 1024 * 1024 + 1),
                request((short) 999, (short) 0), // no such API
                request((short) -1, (short) -1),
                request(ApiKeys.FETCH.id, (short) 99), // no such version
                request(ApiKeys.PRODUCE.id, (short) 0), // advertised and refused (KAFKA-18659)
                request(ApiKeys.METADATA.id, (short) 12), // a body that ends early
                request(ApiKeys.UPDATE_FEATURES.id, (short) 0)); // not a client's
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    private static byte[] size(int bytes) {
        return ByteBuffer.allocate(12).putInt(bytes).array();
    }

    private static byte[] request(short api, short version) {
        return ByteBuffer.allocate(14)
                .putInt(10)
                .putShort(api)
                .putShort(version)
                .putInt(1)
                .putShort((short) -1)
                .array();
    }

    @ParameterizedTest
    @MethodSource("noKafka")
    void whatIsNoRequestIsDisconnected(byte[] bytes) throws Exception {
        try (RawKafka client = new RawKafka(firn.kafkaPort())) {
            client.sendBytes(bytes);
            assertThat(client.isClosed()).isTrue();
        }
        assertOthersAreServed();
    }

    @Test
    void theLogSaysWhatTheOtherSideProbablySpeaks() throws Exception {
        for (byte[] bytes : noKafka().limit(3).toList()) {
            try (RawKafka client = new RawKafka(firn.kafkaPort())) {
                client.sendBytes(bytes);
                client.isClosed();
            }
        }
        assertThat(firn.log()).contains("looks like HTTP", "looks like TLS", "looks like SSH");
    }

    @Test
    void framesThatAreNeverFinishedDoNotStopOthers() throws Exception {
        try (var attack = Attacks.halfFrames(firn.kafkaPort())) {
            Thread.sleep(200);
            assertOthersAreServed();
        }
    }

    @Test
    void aBatchThatLiesIsRefusedAndLeavesNoTrace() throws Exception { // L2
        ByteBuffer wrongCrc = RawKafka.good("x");
        wrongCrc.put(wrongCrc.limit() - 2, (byte) 'y');
        ByteBuffer wrongCount = RawKafka.batch(0, 3, new byte[] {14, 0, 0, 0, 1, 2, 'x', 0});
        ByteBuffer magic1 = RawKafka.good("x").put(16, (byte) 1);
        ByteBuffer magic0 = RawKafka.good("x").put(16, (byte) 0);
        ByteBuffer noZstd = RawKafka.batch(4, 1, ascii("this is no zstd"));
        ByteBuffer noCodec = RawKafka.batch(7, 1, ascii("there is no codec 7"));
        ByteBuffer cutOff = RawKafka.good("xxxxxxxxxx").slice(0, 40);
        long before = end("good");
        try (RawKafka client = new RawKafka(firn.kafkaPort())) {
            for (ByteBuffer batch :
                    List.of(wrongCrc, wrongCount, magic0, magic1, noZstd, noCodec, cutOff)) {
                assertThat(client.produce("good", batch)).isNotEqualTo(Errors.NONE);
            }
            assertThat(client.produce("good", RawKafka.good("x".repeat(2 << 20))))
                    .isEqualTo(Errors.MESSAGE_TOO_LARGE);
            assertThat(client.produce("good", RawKafka.bomb(200 << 20)))
                    .isEqualTo(Errors.MESSAGE_TOO_LARGE);
        }
        assertThat(end("good")).isEqualTo(before);
        assertOthersAreServed();
    }

    @Test
    void bombsOfTrustedProducersGoToTheTableAsTheyAre() throws Exception { // C15
        try (RawKafka client = new RawKafka(firn.kafkaPort())) {
            ByteBuffer bomb = RawKafka.bomb(600 << 20);
            for (int i = 0; i < 3; i++) {
                assertThat(client.produce("trusted", bomb)).isEqualTo(Errors.NONE);
            }
            assertThat(client.produce("trusted", RawKafka.good("after"))).isEqualTo(Errors.NONE);
        }
        var partition = new TopicPartition("trusted", 0);
        long deadline = System.nanoTime() + Duration.ofSeconds(60).toNanos();
        while (offset(partition, OffsetSpec.latestTiered()) < 3 && System.nanoTime() < deadline) {
            Thread.sleep(200);
        }
        assertThat(offset(partition, OffsetSpec.latestTiered())).isEqualTo(3);
    }

    private static long end(String topic) throws Exception {
        return offset(new TopicPartition(topic, 0), OffsetSpec.latest());
    }

    private static long offset(TopicPartition partition, OffsetSpec spec) throws Exception {
        return admin.listOffsets(Map.of(partition, spec)).partitionResult(partition).get().offset();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                ".",
                "..",
                "../../etc/passwd",
                "a/b",
                "a\\b",
                "a b",
                "a\u0000b",
                "a\nb",
                "größe",
                "\u202egnp.exe",
                "%2e%2e",
                "a:b",
                "-x;rm"
            })
    void aHostileTopicNameIsRefused(String name) {
        assertThatThrownBy(() -> create(name, Map.of()))
                .isInstanceOf(ExecutionException.class)
                .hasCauseInstanceOf(InvalidTopicException.class);
    }

    @Test
    void aTopicNameIsAsLongAsItMayBeAndNoLonger() throws Exception {
        int most = 249 - "public.".length();
        create("n".repeat(most), Map.of());
        assertThatThrownBy(() -> create("n".repeat(most + 1), Map.of()))
                .hasCauseInstanceOf(InvalidTopicException.class);
        try (RawKafka client = new RawKafka(firn.kafkaPort())) {
            assertThat(client.produce("n".repeat(most), RawKafka.good("x"))).isEqualTo(Errors.NONE);
        }
    }

    @Test
    void aNameWithLineBreaksForgesNoLineOfTheLog() throws Exception {
        String name = "x\n2026-01-01T00:00:00.000Z ERROR [main] io.firn forged";
        try (RawKafka client = new RawKafka(firn.kafkaPort())) {
            client.send(Attacks.fetch(name, Uuid.ZERO_UUID, 0, -1), name);
            var lies = RawKafka.produceRequest(name, RawKafka.batch(4, 1, ascii("no zstd")));
            client.send(lies, name);
            client.sendFrame(ByteBuffer.wrap(request(ApiKeys.METADATA.id, (short) 12), 4, 10));
            while (!client.isClosed()) { // answers, then the end
                continue;
            }
        }
        assertThat(firn.log().lines()).noneMatch(line -> line.startsWith("2026-01-01T00"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "404 GET /registry/subjects/..%2F..%2Fetc%2Fpasswd/versions",
                "422 GET /registry/subjects/%00/versions/1",
                "400|404 GET /registry/schemas/ids/99999999999999999999",
                "404 GET /iceberg/v1/namespaces/..%2f..%2f/tables",
                "404 GET /iceberg/v1/namespaces/public/tables/%2e%2e%2f%2e%2e%2fetc",
                "404 GET /../../../../etc/passwd",
                "400 POST /registry/subjects/s/versions {\"schema\":",
                "400 POST /registry/subjects/s/versions null",
                "400 POST /registry/subjects/s/versions []",
                "422 POST /registry/subjects/s/versions {\"schema\":\"{\\\"type\\\":\\\"record\\\"}\"}",
                "400 POST /registry/subjects/s/versions DEEP",
                "413 POST /registry/subjects/s/versions HUGE",
                "400 PUT /registry/config null",
                "400 PUT /registry/config []",
                "400 POST /iceberg/v1/namespaces {",
                "400 POST /iceberg/v1/namespaces DEEP",
                "413 POST /iceberg/v1/namespaces HUGE",
                "400|404 POST /iceberg/v1/namespaces/public/tables null",
                "405 POST /v1/topics {}",
                "405 TRACE /registry/subjects"
            })
    void hostileHttpIsAnsweredWithItsOwnFault(String call) throws Exception {
        // What is wrong with it, by its status (an odd name may also be one that nobody has), then
        // the call.
        String[] parts = call.split(" ", 4);
        int status = http(parts[1], parts[2], parts.length > 3 ? parts[3] : "");
        assertThat(String.valueOf(status)).matches(parts[0]);
        assertThat(http("GET", "/registry/subjects", "")).isEqualTo(200);
    }

    /// The status, or 413 when the server hung up on a body that it did not want to read.
    private static int http(String method, String path, String body) throws Exception {
        byte[] bytes =
                switch (body) {
                    case "DEEP" -> ascii("[".repeat(200_000));
                    case "HUGE" -> new byte[80 << 20];
                    default -> ascii(body);
                };
        URI catalog = URI.create(firn.catalog());
        try (Socket socket = new Socket(catalog.getHost(), catalog.getPort())) {
            socket.setSoTimeout(20_000);
            String head =
                    "%s %s HTTP/1.1\r\nHost: firn\r\nContent-Type: application/json\r\nContent-Length: %d\r\nConnection: close\r\n\r\n"
                            .formatted(method, path, bytes.length);
            socket.getOutputStream().write(ascii(head));
            try {
                socket.getOutputStream().write(bytes);
            } catch (java.net.SocketException hungUp) {
                return HttpURLConnection.HTTP_ENTITY_TOO_LARGE;
            }
            InputStream in = socket.getInputStream();
            byte[] answer = in.readNBytes(12);
            return answer.length < 12
                    ? HttpURLConnection.HTTP_ENTITY_TOO_LARGE
                    : Integer.parseInt(new String(answer, 9, 3, StandardCharsets.US_ASCII));
        } catch (java.net.SocketException hungUp) {
            return HttpURLConnection.HTTP_ENTITY_TOO_LARGE;
        }
    }

    @Test
    void readersThatNeverReadDoNotStopOthersNorFillTheMemory() throws Exception {
        Uuid id = create("large", Map.of());
        try (RawKafka client = new RawKafka(firn.kafkaPort())) {
            for (int i = 0; i < 16; i++) {
                client.produce("large", RawKafka.good("x".repeat(900_000)));
            }
        }
        try (var attack = Attacks.readersThatNeverRead(firn.kafkaPort(), "large", id, 20)) {
            for (int i = 0; i < 20; i++) {
                assertOthersAreServed();
            }
        }
    }

    @Test
    void greedyClientsDoNotStopOthers() throws Exception {
        Uuid id = create("greedy", Map.of());
        int port = firn.kafkaPort();
        try (var produces = Attacks.thousandInFlight(port, "greedy", 10_000);
                var sessions = Attacks.manySessions(port, "greedy", id);
                var commits = Attacks.commitsInALoop(port, "greedy")) {
            for (int i = 0; i < 20; i++) {
                assertOthersAreServed();
                Thread.sleep(50);
            }
        }
        assertThat(end("greedy")).isPositive();
    }

    @Test
    void aThousandIdleConnectionsCostNextToNothing() throws Exception {
        long before = firn.rssBytes();
        try (var attack = Attacks.idle(firn.kafkaPort(), 1_000)) {
            assertOthersAreServed();
            assertThat(firn.rssBytes() - before).isLessThan(64L << 20); // 64 KiB for each
        }
    }
}
