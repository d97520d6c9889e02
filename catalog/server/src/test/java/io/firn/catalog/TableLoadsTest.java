package io.firn.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;

/// Tables' metadata is read for a few at once (G12).
@Timeout(120)
class TableLoadsTest {
    private static final String TABLES = "/namespaces/loads/tables";

    @TempDir Path folder;
    private final FlakyStore objects = new FlakyStore();
    private final HttpClient http = HttpClient.newHttpClient();

    @Test
    void whoHasNoTurnWithATableIsToldToTryAgainAndTheOthersGetIt() throws Exception { // G12
        try (OwnCatalog catalog =
                new OwnCatalog(
                        folder,
                        objects,
                        new CatalogConfig.Timing(
                                Duration.ofMinutes(1),
                                Duration.ofMinutes(1),
                                Duration.ofMinutes(1),
                                2,
                                Duration.ofMinutes(1)))) {
            URI uri = URI.create("http://127.0.0.1:" + catalog.server().port() + "/iceberg/v1");
            post(uri, "/namespaces", "{\"namespace\":[\"loads\"]}");
            post(
                    uri,
                    TABLES,
                    "{\"name\":\"t\",\"schema\":{\"type\":\"struct\",\"fields\":[{\"id\":1,\"name\":\"id\",\"required\":true,\"type\":\"long\"}]}}");
            String tag = load(uri).join().headers().firstValue("ETag").orElseThrow();
            post(uri, TABLES + "/t", commit("a")); // another file, whose size nobody knows
            objects.reads = new CountDownLatch(1);

            List<CompletableFuture<HttpResponse<String>>> loads =
                    IntStream.range(0, 6).mapToObj(i -> load(uri)).toList();
            CompletableFuture<Object> first =
                    CompletableFuture.anyOf(loads.toArray(CompletableFuture[]::new));
            HttpResponse<?> refused = (HttpResponse<?>) first.join();
            assertThat(refused.statusCode()).isEqualTo(503);
            assertThat(refused.headers().firstValue("Retry-After")).hasValue("1");
            assertThat((String) refused.body()).contains("\"code\":503", "try again");

            HttpRequest exists =
                    request(uri, TABLES + "/t")
                            .method("HEAD", HttpRequest.BodyPublishers.noBody())
                            .build();
            assertThat(http.send(exists, HttpResponse.BodyHandlers.discarding()).statusCode())
                    .as("whether it is there needs none of its metadata")
                    .isEqualTo(204);

            objects.reads.countDown();
            List<Integer> answers = loads.stream().map(it -> it.join().statusCode()).toList();
            assertThat(answers).filteredOn(status -> status == 200).hasSize(2);
            assertThat(answers).filteredOn(status -> status == 503).hasSize(4);
            HttpResponse<String> again = load(uri).join();
            assertThat(again.statusCode()).isEqualTo(200);
            assertThat(again.headers().firstValue("ETag").orElseThrow()).isNotEqualTo(tag);
        }
    }

    private static String commit(String property) {
        return "{\"requirements\":[],\"updates\":[{\"action\":\"set-properties\",\"updates\":{\"%s\":\"b\"}}]}"
                .formatted(property);
    }

    private CompletableFuture<HttpResponse<String>> load(URI uri) {
        return http.sendAsync(
                request(uri, TABLES + "/t").GET().build(), HttpResponse.BodyHandlers.ofString());
    }

    private void post(URI uri, String path, String body) throws Exception {
        HttpRequest request =
                request(uri, path).POST(HttpRequest.BodyPublishers.ofString(body)).build();
        HttpResponse<String> answer = http.send(request, HttpResponse.BodyHandlers.ofString());
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    }

    private static HttpRequest.Builder request(URI uri, String path) {
        return HttpRequest.newBuilder(URI.create(uri + path))
                .header("Content-Type", "application/json");
    }
}
