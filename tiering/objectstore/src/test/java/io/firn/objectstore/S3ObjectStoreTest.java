package io.firn.objectstore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.firn.objectstore.embedded.EmbeddedS3;
import io.firn.objectstore.embedded.EmbeddedS3Exception;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.net.Socket;
import java.net.SocketException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;

class S3ObjectStoreTest extends ObjectStoreContract {
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

    /// What is answered before any of the body has been sent.
    private static String put(String key, String length) throws Exception {
        try (Socket socket = new Socket("127.0.0.1", s3.port())) {
            socket.setSoTimeout(10_000);
            String head =
                    """
                    PUT /firn/x HTTP/1.1
                    Host: 127.0.0.1
                    x-amz-date: 20260101T000000Z
                    x-amz-content-sha256: %s
                    Authorization: AWS4-HMAC-SHA256 Credential=%s/20260101/us-east-1/s3/aws4_request,\
                     SignedHeaders=host;x-amz-content-sha256;x-amz-date, Signature=%s
                    %s

                    """
                            .formatted("ab".repeat(32), key, "00".repeat(32), length);
            socket.getOutputStream()
                    .write(head.replace("\n", "\r\n").getBytes(StandardCharsets.US_ASCII));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }
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
