package io.firn.objectstore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.firn.objectstore.embedded.EmbeddedS3;
import io.firn.objectstore.embedded.EmbeddedS3Exception;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.reactivestreams.Subscriber;
import org.reactivestreams.Subscription;

import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.async.AsyncRequestBody;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3AsyncClient;

import java.net.Socket;
import java.net.SocketException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;

class S3ObjectStoreTest extends ObjectStoreContract {
    private static final int PART = 16 << 20;
    private static final DateTimeFormatter NOW =
            DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss'Z'").withZone(ZoneOffset.UTC);

    @TempDir static Path dir;
    static final AtomicBoolean room = new AtomicBoolean(true);
    static EmbeddedS3 s3;
    static S3ObjectStore store;

    @BeforeAll
    static void start() {
        s3 = EmbeddedS3.start(config(0), room::get);
        store = S3ObjectStore.connect(s3.readWrite());
    }

    @AfterAll
    static void stop() {
        store.close();
        s3.close();
    }

    static EmbeddedS3.Config config(int port) {
        return new EmbeddedS3.Config(
                dir,
                "127.0.0.1",
                port,
                "firn",
                new EmbeddedS3.Identity("writer", "writer-secret-123"),
                new EmbeddedS3.Identity("reader", "reader-secret-123"));
    }

    @Override
    ObjectStore store() {
        return store;
    }

    @Test
    void whoShowsNoKeyNeitherListsNorReads() throws Exception {
        ObjectKey key = new ObjectKey("secret-" + UUID.randomUUID());
        store.putIfAbsent(key, new byte[] {1, 2, 3});
        try (HttpClient client = HttpClient.newHttpClient()) {
            for (String path : List.of("/", "/firn", "/firn?list-type=2", "/firn/" + key.name())) {
                for (String method : List.of("GET", "HEAD")) {
                    HttpRequest request =
                            HttpRequest.newBuilder(URI.create(s3.endpoint() + path))
                                    .method(method, HttpRequest.BodyPublishers.noBody())
                                    .build();
                    HttpResponse<String> answer =
                            client.send(request, HttpResponse.BodyHandlers.ofString());
                    assertThat(answer.statusCode()).as(method + " " + path).isEqualTo(403);
                    assertThat(answer.body()).doesNotContain("secret-");
                }
            }
        }
    }

    @Test
    void aBodyIsRefusedBeforeItComesUnlessItsSenderNamesTheKeyThatWrites() throws Exception { // G7
        for (String length : List.of("Content-Length: 33554432", "Transfer-Encoding: chunked")) {
            assertThat(put("reader", length)).startsWith("HTTP/1.1 403").contains("AccessDenied");
        }
    }

    @Test
    void bodiesThatAreHeldWholeTogetherTakeAnEighthOfTheHeap(@TempDir Path folder)
            throws Exception { // G7
        String half = "Content-Length: " + Runtime.getRuntime().maxMemory() / 16;
        try (Socket first = begin("writer", half);
                Socket second = begin("writer", half)) {
            assertThat(line(first)).startsWith("HTTP/1.1 100");
            assertThat(line(second)).startsWith("HTTP/1.1 100");
            for (String more : List.of("Content-Length: 65536", "Transfer-Encoding: chunked")) {
                assertThat(put("writer", more))
                        .startsWith("HTTP/1.1 503")
                        .contains("Retry-After: 1", "SlowDown");
            }
            whatFirnWritesNeedsNoneOfTheirRoom(folder.resolve("x"));
        }
        long deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        for (String answer = ""; !answer.startsWith("HTTP/1.1 100"); ) {
            assertThat(System.nanoTime()).as("in time").isLessThan(deadline);
            try (Socket third = begin("writer", half)) {
                answer = line(third);
            }
        }
    }

    @Test
    void bodiesThatComeInPartsTakeAsMuchAgain() throws Exception { // G7
        long most = Runtime.getRuntime().maxMemory() / 8 / PART;
        List<CompletableFuture<?>> uploads = new ArrayList<>();
        try (S3AsyncClient client =
                S3AsyncClient.builder()
                        .endpointOverride(s3.endpoint())
                        .region(Region.US_EAST_1)
                        .forcePathStyle(true)
                        .credentialsProvider(
                                StaticCredentialsProvider.create(
                                        AwsBasicCredentials.create("writer", "writer-secret-123")))
                        .build()) {
            for (int i = 0; i <= most; i++) {
                String name = "endless-" + i;
                uploads.add(client.putObject(p -> p.bucket("firn").key(name), new Endless()));
            }
            await(() -> uploads.stream().anyMatch(CompletableFuture::isCompletedExceptionally));
            String refused =
                    uploads.stream()
                            .filter(CompletableFuture::isCompletedExceptionally)
                            .map(it -> String.valueOf(it.exceptionNow()))
                            .findFirst()
                            .orElseThrow();
            assertThat(refused).contains("Status Code: 503", "Other uploads hold the memory");
            uploads.forEach(it -> it.cancel(true));
        }
        ObjectKey key = new ObjectKey("in-parts-" + UUID.randomUUID());
        await(
                () -> {
                    try {
                        return !store.putIfAbsent(key, new byte[PART]).adopted();
                    } catch (StoreBusyException notYet) {
                        return false;
                    }
                });
    }

    /// A body of which the beginning comes, and the rest never.
    private static final class Endless implements AsyncRequestBody {
        @Override
        public Optional<Long> contentLength() {
            return Optional.of((long) PART);
        }

        @Override
        public void subscribe(Subscriber<? super ByteBuffer> to) {
            to.onSubscribe(
                    new Subscription() {
                        private boolean begun;

                        @Override
                        public void request(long n) {
                            if (!begun) {
                                begun = true;
                                to.onNext(ByteBuffer.allocate(1 << 20));
                            }
                        }

                        @Override
                        public void cancel() {}
                    });
        }
    }

    private static void await(BooleanSupplier condition) throws InterruptedException {
        long deadline = System.nanoTime() + Duration.ofSeconds(60).toNanos();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("in time").isLessThan(deadline);
            Thread.sleep(20);
        }
    }

    private static void whatFirnWritesNeedsNoneOfTheirRoom(Path file) throws Exception {
        byte[] bytes = new byte[3 << 20];
        ObjectKey key = new ObjectKey("streamed-" + UUID.randomUUID());
        store.putIfAbsent(key, bytes);
        assertThat(store.read(key)).isEqualTo(bytes);
        Files.write(file, bytes);
        ObjectKey ofFile = new ObjectKey("streamed-" + UUID.randomUUID());
        store.putIfAbsent(ofFile, file);
        assertThat(store.read(ofFile)).isEqualTo(bytes);
    }

    /// What is answered before any of the body has been sent.
    private static String put(String key, String length) throws Exception {
        try (Socket socket = begin(key, length)) {
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    /// Sends the head of a PUT, whose body is sent when the server asks for it.
    private static Socket begin(String key, String length) throws Exception {
        Socket socket = new Socket("127.0.0.1", s3.port());
        socket.setSoTimeout(10_000);
        String head =
                """
                PUT /firn/x HTTP/1.1
                Host: 127.0.0.1
                Expect: 100-continue
                x-amz-date: %s
                x-amz-content-sha256: %s
                Authorization: AWS4-HMAC-SHA256 Credential=%s/20260101/us-east-1/s3/aws4_request,\
                 SignedHeaders=host;x-amz-content-sha256;x-amz-date, Signature=%s
                %s

                """
                        .formatted(
                                NOW.format(Instant.now()),
                                "ab".repeat(32),
                                key,
                                "00".repeat(32),
                                length);
        socket.getOutputStream()
                .write(head.replace("\n", "\r\n").getBytes(StandardCharsets.US_ASCII));
        return socket;
    }

    private static String line(Socket socket) throws Exception {
        var line = new StringBuilder();
        for (int c = socket.getInputStream().read();
                c >= 0 && c != '\n';
                c = socket.getInputStream().read()) {
            line.append((char) c);
        }
        return line.toString();
    }

    @Test
    void aConnectionIsClosedWhileTheProcessHasNoDescriptorToSpare() throws Exception { // G7
        room.set(false);
        try (Socket socket = new Socket("127.0.0.1", s3.port())) {
            socket.setSoTimeout(10_000);
            assertThat(isClosed(socket)).isTrue();
        } finally {
            room.set(true);
        }
        assertThat(put("reader", "Content-Length: 1")).startsWith("HTTP/1.1 403");
    }

    private static boolean isClosed(Socket socket) throws Exception {
        try {
            return socket.getInputStream().read() < 0;
        } catch (SocketException reset) {
            return true;
        }
    }

    @Test
    void theReadOnlyIdentityReadsAndListsButNeverWrites() {
        ObjectKey key = new ObjectKey("ro-" + UUID.randomUUID() + "/x");
        store.putIfAbsent(key, new byte[] {1, 2, 3});
        try (var reader = S3ObjectStore.connect(s3.readOnly())) {
            assertThat(reader.read(key)).containsExactly(1, 2, 3);
            assertThat(reader.head(key)).isPresent();
            assertThat(reader.list("ro-")).isNotEmpty();
            assertThatThrownBy(() -> reader.delete(key)).hasMessageContaining("403");
            assertThatThrownBy(() -> reader.putIfAbsent(new ObjectKey("ro-new"), new byte[1]))
                    .hasMessageContaining("403");
        }
        assertThat(store.head(key)).isPresent();
        assertThat(store.head(new ObjectKey("ro-new"))).isEmpty();
    }

    @Test
    void wrongKeysAreRefused() {
        var wrong = new S3Config(s3.endpoint(), "us-east-1", "firn", "writer", "not-it", true);
        var unknown = new S3Config(s3.endpoint(), "us-east-1", "firn", "nobody", "not-it", true);
        for (S3Config c : new S3Config[] {wrong, unknown}) {
            try (var store = S3ObjectStore.connect(c)) {
                assertThatThrownBy(() -> store.read(new ObjectKey("x")))
                        .isInstanceOf(StoreUnavailableException.class)
                        .hasMessageContaining("403");
            }
        }
    }

    @Test
    void aStoreThatIsAwayIsARetriableError() {
        var nowhere =
                new S3Config(URI.create("http://127.0.0.1:1"), "us-east-1", "firn", "a", "b", true);
        try (var store = S3ObjectStore.connect(nowhere)) {
            assertThatThrownBy(() -> store.putIfAbsent(new ObjectKey("x"), new byte[1]))
                    .isInstanceOf(StoreUnavailableException.class);
        }
    }

    @Test
    void aTakenPortIsOneClearLine() {
        assertThatThrownBy(() -> EmbeddedS3.start(config(s3.port()), room::get))
                .isInstanceOf(EmbeddedS3Exception.class)
                .hasMessageContaining("Cannot open the S3 port " + s3.port())
                .hasMessageNotContaining("\n");
    }

    @Test
    void objectsSurviveARestartOfTheEndpoint() {
        ObjectKey key = new ObjectKey("restart-" + UUID.randomUUID());
        store.putIfAbsent(key, new byte[] {7});
        try (var second = EmbeddedS3.start(config(0), room::get);
                var other = S3ObjectStore.connect(second.readWrite())) {
            assertThat(other.read(key)).containsExactly(7);
        }
    }
}
