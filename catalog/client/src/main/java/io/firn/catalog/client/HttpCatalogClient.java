package io.firn.catalog.client;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Executors;

/// [CatalogClient] over HTTP. Thread safe.
public final class HttpCatalogClient implements CatalogClient {
    private final URI catalog;
    private final String token;
    private final Duration timeout;
    private final HttpClient http;
    private final ObjectMapper json = CatalogJson.mapper();

    /// @param catalog for example `http://127.0.0.1:8080`
    public HttpCatalogClient(URI catalog, byte[] clusterKey) {
        this(catalog, clusterKey, Duration.ofSeconds(30));
    }

    /// @param timeout for one answer
    public HttpCatalogClient(URI catalog, byte[] clusterKey, Duration timeout) {
        this.catalog = catalog;
        this.token = InternalApi.token(clusterKey);
        this.timeout = timeout;
        this.http =
                HttpClient.newBuilder()
                        .version(HttpClient.Version.HTTP_1_1)
                        .connectTimeout(Duration.ofSeconds(5))
                        .executor(Executors.newVirtualThreadPerTaskExecutor())
                        .build();
    }

    @Override
    public TableSpec table(TopicRef topic, String requestedTableName, Set<Integer> schemaIds) {
        return call(
                "PUT",
                InternalApi.topic(topic.topicId()) + "/table",
                new InternalApi.TableRequest(
                        topic.tenant(), topic.topic(), requestedTableName, schemaIds),
                TableSpec.class);
    }

    @Override
    public Fence raiseFence(UUID topicId, int partition, int leaderEpoch, long logStart) {
        return call(
                "POST",
                InternalApi.partition(topicId, partition) + "/fence",
                new InternalApi.FenceRequest(leaderEpoch, logStart),
                Fence.class);
    }

    @Override
    public void prepared(SegmentRow row) {
        send("PUT", InternalApi.segment(row.segmentUuid()), row);
    }

    @Override
    public void uploaded(UUID segment, FileRow file, List<ExtentRow> extents) {
        send(
                "POST",
                InternalApi.segment(segment) + "/uploaded",
                new InternalApi.UploadedRequest(file, extents));
    }

    @Override
    public void abandoned(UUID segment) {
        send("POST", InternalApi.segment(segment) + "/abandoned", null);
    }

    @Override
    public ColdState coldState(UUID topicId, int partition) {
        return call(
                "GET", InternalApi.partition(topicId, partition) + "/cold", null, ColdState.class);
    }

    @Override
    public Optional<ColdState> coldStateSince(UUID topicId, int partition, long generation) {
        HttpResponse<String> answer =
                send(
                        "GET",
                        InternalApi.partition(topicId, partition) + "/cold?since=" + generation,
                        null);
        return answer.statusCode() == 204
                ? Optional.empty()
                : Optional.of(read(answer.body(), ColdState.class));
    }

    @Override
    public long awaitCommitted(UUID topicId, int partition, long offset, Duration atMost) {
        long until = System.nanoTime() + atMost.toNanos();
        while (true) {
            long leftMillis = Math.max(0, (until - System.nanoTime()) / 1_000_000);
            // The server waits at most 10 s per request, well within the timeout.
            long coldEnd =
                    call(
                                    "GET",
                                    InternalApi.partition(topicId, partition)
                                            + "/committed?offset=%d&wait=%d"
                                                    .formatted(
                                                            offset, Math.min(leftMillis, 10_000)),
                                    null,
                                    InternalApi.CommittedAnswer.class)
                            .coldEnd();
            if (coldEnd >= offset || leftMillis == 0) {
                return coldEnd;
            }
        }
    }

    @Override
    public void advanceLogStart(UUID topicId, int partition, long logStart, boolean keepRows) {
        send(
                "POST",
                InternalApi.partition(topicId, partition) + "/log-start",
                new InternalApi.LogStartRequest(logStart, keepRows));
    }

    @Override
    public void dropTopic(UUID topicId, boolean keepTable) {
        send("DELETE", InternalApi.topic(topicId) + "?keepTable=" + keepTable, null);
    }

    @Override
    public Optional<SchemaText> schema(int id) {
        HttpResponse<String> answer = send("GET", InternalApi.PREFIX + "/schemas/" + id, null);
        if (answer.statusCode() == 204) {
            return Optional.empty();
        }
        return Optional.of(read(answer.body(), SchemaText.class));
    }

    private <T> T call(String method, String path, @Nullable Object body, Class<T> type) {
        return read(send(method, path, body).body(), type);
    }

    private HttpResponse<String> send(String method, String path, @Nullable Object body) {
        HttpRequest request =
                HttpRequest.newBuilder(catalog.resolve(path))
                        .timeout(timeout)
                        .header("Authorization", "Bearer " + token)
                        .header("Content-Type", "application/json")
                        .method(
                                method,
                                body == null
                                        ? BodyPublishers.noBody()
                                        : BodyPublishers.ofString(write(body)))
                        .build();
        HttpResponse<String> answer;
        try {
            answer = http.send(request, BodyHandlers.ofString());
        } catch (ConnectException | HttpConnectTimeoutException e) {
            throw new CatalogUnavailableException("No catalog answers at " + catalog, e);
        } catch (IOException e) {
            throw new UnknownOutcomeException(
                    "No answer to %s %s from %s".formatted(method, path, catalog), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new UnknownOutcomeException(
                    "Interrupted during %s %s".formatted(method, path), e);
        }
        if (answer.statusCode() / 100 != 2) {
            throw error(method, path, answer);
        }
        return answer;
    }

    private CatalogException error(String method, String path, HttpResponse<String> answer) {
        String code = "";
        String message = answer.body();
        try {
            InternalApi.ErrorAnswer error =
                    json.readValue(answer.body(), InternalApi.ErrorAnswer.class);
            code = String.valueOf(error.code());
            message = String.valueOf(error.message());
        } catch (JsonProcessingException | IllegalArgumentException e) {
            // Not one of ours (a proxy, a crash): the status decides.
        }
        String text = "%s %s: %s (%d)".formatted(method, path, message, answer.statusCode());
        return switch (code) {
            case "fenced" -> new FencedException(text);
            case "dropped" -> new TopicDroppedException(text);
            case "refused", "unauthorized" -> new CatalogRefusedException(text);
            case "unavailable" -> new CatalogUnavailableException(text);
            default ->
                    answer.statusCode() / 100 == 4
                            ? new CatalogRefusedException(text)
                            : new UnknownOutcomeException(text);
        };
    }

    private String write(Object body) {
        try {
            return json.writeValueAsString(body);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("Cannot write %s as JSON".formatted(body), e);
        }
    }

    private <T> T read(String body, Class<T> type) {
        try {
            return json.readValue(body, type);
        } catch (JsonProcessingException e) {
            throw new UnknownOutcomeException(
                    "The catalog's answer is no %s: %s".formatted(type.getSimpleName(), body), e);
        }
    }

    @Override
    public void close() {
        http.shutdownNow();
    }
}
