package io.firn.catalog.web;

import com.fasterxml.jackson.annotation.JsonInclude.Include;
import com.fasterxml.jackson.databind.json.JsonMapper;

import io.firn.catalog.CatalogServices;
import io.firn.catalog.store.CatalogStore;
import io.firn.catalog.store.segment.ColdIndexStore.PartitionStatus;
import io.firn.catalog.store.sql.BackendUnavailableException;
import io.firn.catalog.store.table.TableRow;
import io.firn.catalog.store.table.TopicRow;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.HttpStatus;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Error;
import io.micronaut.http.annotation.Get;
import io.micronaut.http.annotation.PathVariable;
import io.micronaut.http.exceptions.HttpStatusException;
import io.micronaut.scheduling.TaskExecutors;
import io.micronaut.scheduling.annotation.ExecuteOn;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.UUID;

/// `/`, `/health`, `/prometheus` and the read-only beginning of `/v1`.
@Controller
@ExecuteOn(TaskExecutors.BLOCKING)
final class StatusController {
    private static final Logger LOG = LoggerFactory.getLogger(StatusController.class);

    private final CatalogServices services;
    private final JsonBodies json =
            new JsonBodies(
                    JsonMapper.builder().serializationInclusion(Include.NON_NULL).build(),
                    "application/json");
    private final JsonBodies problems = new JsonBodies(json.mapper(), "application/problem+json");

    StatusController(CatalogServices services) {
        this.services = services;
    }

    @Get(value = "/", headRoute = false)
    HttpResponse<String> index() {
        return JsonBodies.text(
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

    /// @param why what is not well, by its name; null when all is
    record Health(
            String status,
            String postgres,
            String objectStore,
            String committer,
            @Nullable Map<String, String> why) {}

    /// @param table null while it has none, as the two after it
    record TopicStatus(
            String tenant,
            String topic,
            String topicId,
            String layout,
            @Nullable String table,
            @Nullable Long commits,
            @Nullable String metadataLocation,
            List<PartitionStatus> partitions) {}

    record Topics(List<TopicStatus> topics) {}

    /// RFC 9457.
    record Problem(String type, String title, int status, String detail) {}

    @Get(value = "/health", headRoute = false)
    HttpResponse<String> health() {
        return health("UP", "DEGRADED", "DOWN");
    }

    @Get(value = "/v1/health", headRoute = false)
    HttpResponse<String> v1Health() {
        return health("ok", "degraded", "unavailable");
    }

    /// 503 without Postgres: then nothing works here. Without the object store, or a committer,
    /// schemas and reads of metadata go on, and commits wait.
    private HttpResponse<String> health(String up, String degraded, String down) {
        Optional<String> postgres = services.backends().postgresTrouble();
        Optional<String> objects = services.backends().objectsTrouble();
        boolean failed = services.committer().failed();
        Map<String, String> why = new LinkedHashMap<>();
        postgres.ifPresent(trouble -> why.put("postgres", trouble));
        objects.ifPresent(trouble -> why.put("objectStore", trouble));
        if (failed) {
            why.put("committer", "it met an error, which the log has, and begins anew soon");
        }
        String all = postgres.isPresent() ? down : why.isEmpty() ? up : degraded;
        return json.answer(
                postgres.isPresent() ? 503 : 200,
                new Health(
                        all,
                        postgres.isPresent() ? down : up,
                        objects.isPresent() ? degraded : up,
                        failed ? degraded : up,
                        why.isEmpty() ? null : why));
    }

    @Get(value = "/prometheus", headRoute = false)
    HttpResponse<String> prometheus() {
        return JsonBodies.text(
                200, "text/plain;version=0.0.4;charset=utf-8", services.metrics().scrape());
    }

    @Get(value = "/v1/topics", headRoute = false)
    HttpResponse<String> topics() {
        CatalogStore store = services.backends().store();
        return json.ok(
                new Topics(store.topics().topics().stream().map(t -> describe(store, t)).toList()));
    }

    @Get(value = "/v1/topics/{topicId}", headRoute = false)
    HttpResponse<String> topic(@PathVariable UUID topicId) {
        CatalogStore store = services.backends().store();
        return store.topics()
                .topic(topicId)
                .filter(t -> !t.dropped())
                .map(t -> json.ok(describe(store, t)))
                .orElseThrow(
                        () ->
                                new HttpStatusException(
                                        HttpStatus.NOT_FOUND, "There is no such topic"));
    }

    private static TopicStatus describe(CatalogStore store, TopicRow topic) {
        UUID tableId = topic.tableId();
        TableRow table = tableId == null ? null : store.tables().table(tableId).orElse(null);
        return new TopicStatus(
                topic.tenant(),
                topic.topic(),
                topic.topicId().toString(),
                topic.layout(),
                table == null ? null : table.namespace() + "." + table.name(),
                table == null ? null : table.commitSeq(),
                table == null ? null : table.metadataLocation(),
                store.coldIndex().partitions(topic.topicId()));
    }

    @Error(exception = Throwable.class)
    HttpResponse<String> failed(Throwable e) {
        OptionalInt status = RequestErrors.status(e);
        if (status.isPresent()) {
            return problem(
                    status.getAsInt(),
                    HttpStatus.valueOf(status.getAsInt()).getReason(),
                    String.valueOf(e.getMessage()));
        }
        if (e instanceof BackendUnavailableException) {
            return problem(503, "Unavailable", String.valueOf(e.getMessage()));
        }
        LOG.error("A request to /v1 failed", e);
        return problem(500, "Internal error", String.valueOf(e.getMessage()));
    }

    private HttpResponse<String> problem(int status, String title, String detail) {
        return problems.answer(status, new Problem("about:blank", title, status, detail));
    }
}
