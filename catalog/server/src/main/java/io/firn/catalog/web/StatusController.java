package io.firn.catalog.web;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;

import io.firn.catalog.CatalogServices;
import io.firn.catalog.store.CatalogStore;
import io.firn.catalog.store.StoreUnavailableException;
import io.firn.catalog.store.TableRow;
import io.firn.catalog.store.TopicRow;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Get;
import io.micronaut.http.annotation.PathVariable;
import io.micronaut.scheduling.TaskExecutors;
import io.micronaut.scheduling.annotation.ExecuteOn;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Supplier;

/// `/`, `/health`, `/prometheus` and the read-only beginning of `/v1`.
@Controller
@ExecuteOn(TaskExecutors.BLOCKING)
final class StatusController {
    private static final Logger LOG = LoggerFactory.getLogger(StatusController.class);

    private final CatalogServices services;
    private final ObjectMapper json = new ObjectMapper();

    StatusController(CatalogServices services) {
        this.services = services;
    }

    @Get(value = "/", headRoute = false)
    HttpResponse<String> index() {
        return Problems.answer(
                200,
                "text/html;charset=utf-8",
                """
                <!doctype html><html lang="en"><head><meta charset="utf-8"><title>Firn catalog</title></head>
                <body><h1>Firn catalog</h1><ul>
                <li><a href="/v1/health">/v1/health</a>, <a href="/v1/topics">/v1/topics</a>: state of tiering</li>
                <li><code>/iceberg</code>: Iceberg REST catalog (<a href="/iceberg/v1/config">config</a>, <a href="/iceberg/v1/namespaces">namespaces</a>)</li>
                <li><code>/registry</code>: schema registry (<a href="/registry/subjects">subjects</a>)</li>
                <li><a href="/health">/health</a>, <a href="/prometheus">/prometheus</a></li>
                </ul></body></html>
                """);
    }

    @Get(value = "/health", headRoute = false)
    HttpResponse<String> health() {
        return health("UP", "DEGRADED", "DOWN");
    }

    @Get(value = "/v1/health", headRoute = false)
    HttpResponse<String> v1Health() {
        return health("ok", "degraded", "unavailable");
    }

    /// 503 without Postgres: then nothing works here. Without the object store schemas and reads of
    /// metadata that is cached go on, and commits wait.
    private HttpResponse<String> health(String up, String degraded, String down) {
        Optional<String> postgres = services.backends().postgresTrouble();
        Optional<String> objects = services.backends().objectsTrouble();
        Map<String, Object> answer = new LinkedHashMap<>();
        answer.put("status", postgres.isPresent() ? down : objects.isPresent() ? degraded : up);
        answer.put("postgres", postgres.isPresent() ? down : up);
        answer.put("objectStore", objects.isPresent() ? degraded : up);
        Map<String, String> why = new LinkedHashMap<>();
        postgres.ifPresent(trouble -> why.put("postgres", trouble));
        objects.ifPresent(trouble -> why.put("objectStore", trouble));
        if (!why.isEmpty()) {
            answer.put("why", why);
        }
        return write(postgres.isPresent() ? 503 : 200, "application/json", answer);
    }

    @Get(value = "/prometheus", headRoute = false)
    HttpResponse<String> prometheus() {
        return Problems.answer(
                200, "text/plain;version=0.0.4;charset=utf-8", services.metrics().scrape());
    }

    @Get(value = "/v1/topics", headRoute = false)
    HttpResponse<String> topics() {
        return answer(
                () -> {
                    CatalogStore store = services.backends().store();
                    List<Map<String, Object>> topics =
                            store.topics().topics().stream().map(t -> describe(store, t)).toList();
                    return Optional.of(Map.of("topics", topics));
                });
    }

    @Get(value = "/v1/topics/{topicId}", headRoute = false)
    HttpResponse<String> topic(@PathVariable UUID topicId) {
        return answer(
                () -> {
                    CatalogStore store = services.backends().store();
                    return store.topics()
                            .topic(topicId)
                            .filter(t -> !t.dropped())
                            .map(t -> describe(store, t));
                });
    }

    private static Map<String, Object> describe(CatalogStore store, TopicRow topic) {
        Map<String, Object> answer = new LinkedHashMap<>();
        answer.put("tenant", topic.tenant());
        answer.put("topic", topic.topic());
        answer.put("topicId", topic.topicId().toString());
        answer.put("layout", topic.layout());
        UUID tableId = topic.tableId();
        Optional<TableRow> table =
                tableId == null ? Optional.empty() : store.tables().table(tableId);
        table.ifPresent(
                row -> {
                    answer.put("table", row.namespace() + "." + row.name());
                    answer.put("commits", row.commitSeq());
                    answer.put("metadataLocation", row.metadataLocation());
                });
        answer.put("partitions", store.coldIndex().partitions(topic.topicId()));
        return answer;
    }

    private HttpResponse<String> answer(Supplier<Optional<? extends Object>> work) {
        try {
            return work.get()
                    .map(body -> write(200, "application/json", body))
                    .orElseGet(() -> problem(404, "Not found", "There is no such topic"));
        } catch (StoreUnavailableException e) {
            return problem(503, "Unavailable", String.valueOf(e.getMessage()));
        } catch (RuntimeException e) {
            LOG.error("A request to /v1 failed", e);
            return problem(500, "Internal error", String.valueOf(e.getMessage()));
        }
    }

    private HttpResponse<String> problem(int status, String title, String detail) {
        Map<String, Object> problem = new LinkedHashMap<>();
        problem.put("type", "about:blank");
        problem.put("title", title);
        problem.put("status", status);
        problem.put("detail", detail);
        return write(status, "application/problem+json", problem);
    }

    private HttpResponse<String> write(int status, String mediaType, Object body) {
        try {
            return Problems.answer(status, mediaType, json.writeValueAsString(body));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }
}
