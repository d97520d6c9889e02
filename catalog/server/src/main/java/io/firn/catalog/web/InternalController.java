package io.firn.catalog.web;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;

import io.firn.catalog.CatalogServices;
import io.firn.catalog.client.CatalogException;
import io.firn.catalog.client.CatalogJson;
import io.firn.catalog.client.CatalogRefusedException;
import io.firn.catalog.client.CatalogUnavailableException;
import io.firn.catalog.client.FencedException;
import io.firn.catalog.client.InternalApi;
import io.firn.catalog.client.SegmentRow;
import io.firn.catalog.client.TopicDroppedException;
import io.firn.catalog.client.TopicRef;
import io.firn.catalog.client.UnknownOutcomeException;
import io.firn.catalog.store.CatalogStore;
import io.firn.catalog.store.StoreConflictException;
import io.firn.catalog.store.StoreUnavailableException;
import io.firn.catalog.store.UnknownStoreOutcomeException;
import io.firn.objectstore.ObjectStoreException;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.MediaType;
import io.micronaut.http.annotation.Body;
import io.micronaut.http.annotation.Consumes;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Delete;
import io.micronaut.http.annotation.Get;
import io.micronaut.http.annotation.Header;
import io.micronaut.http.annotation.PathVariable;
import io.micronaut.http.annotation.Post;
import io.micronaut.http.annotation.Put;
import io.micronaut.http.annotation.QueryValue;
import io.micronaut.scheduling.TaskExecutors;
import io.micronaut.scheduling.annotation.ExecuteOn;

import org.apache.iceberg.exceptions.CommitFailedException;
import org.apache.iceberg.exceptions.CommitStateUnknownException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.UUID;
import java.util.function.Supplier;

/// `/internal/v1`: what brokers ask; the counterpart of `HttpCatalogClient`.
@Controller(InternalApi.PREFIX)
@Consumes(MediaType.ALL)
@ExecuteOn(TaskExecutors.BLOCKING)
final class InternalController {
    private static final Logger LOG = LoggerFactory.getLogger(InternalController.class);

    private final CatalogServices services;
    private final ObjectMapper json = CatalogJson.mapper();
    private final byte[] expected;

    InternalController(CatalogServices services) {
        this.services = services;
        this.expected =
                ("Bearer " + InternalApi.token(services.config().clusterKey()))
                        .getBytes(StandardCharsets.UTF_8);
    }

    @Put("/topics/{topicId}/table")
    HttpResponse<String> table(
            @Header("Authorization") @Nullable String token,
            @PathVariable UUID topicId,
            @Body String body) {
        return answer(
                token,
                () -> {
                    var request = read(body, InternalApi.TableRequest.class);
                    return services.topicTables()
                            .table(
                                    new TopicRef(request.tenant(), request.topic(), topicId),
                                    request.tableName(),
                                    request.schemaIds());
                });
    }

    @Post("/topics/{topicId}/partitions/{partition}/fence")
    HttpResponse<String> fence(
            @Header("Authorization") @Nullable String token,
            @PathVariable UUID topicId,
            @PathVariable int partition,
            @Body String body) {
        return answer(
                token,
                () -> {
                    var request = read(body, InternalApi.FenceRequest.class);
                    return store().segments()
                            .raiseFence(
                                    topicId, partition, request.leaderEpoch(), request.logStart());
                });
    }

    @Put("/segments/{segment}")
    HttpResponse<String> prepared(
            @Header("Authorization") @Nullable String token,
            @PathVariable UUID segment,
            @Body String body) {
        return answer(
                token,
                () -> {
                    store().segments().prepared(read(body, SegmentRow.class));
                    return null;
                });
    }

    @Post("/segments/{segment}/uploaded")
    HttpResponse<String> uploaded(
            @Header("Authorization") @Nullable String token,
            @PathVariable UUID segment,
            @Body String body) {
        return answer(
                token,
                () -> {
                    var request = read(body, InternalApi.UploadedRequest.class);
                    store().segments().uploaded(segment, request.file(), request.extents());
                    return null;
                });
    }

    @Post("/segments/{segment}/abandoned")
    HttpResponse<String> abandoned(
            @Header("Authorization") @Nullable String token, @PathVariable UUID segment) {
        return answer(
                token,
                () -> {
                    store().segments().abandoned(segment);
                    return null;
                });
    }

    @Get(value = "/topics/{topicId}/partitions/{partition}/cold{?since}", headRoute = false)
    HttpResponse<String> cold(
            @Header("Authorization") @Nullable String token,
            @PathVariable UUID topicId,
            @PathVariable int partition,
            @QueryValue @Nullable Long since) {
        return answer(
                token,
                () ->
                        store().coldIndex()
                                .stateSince(topicId, partition, since == null ? -1 : since)
                                .orElse(null));
    }

    @Get(
            value = "/topics/{topicId}/partitions/{partition}/committed{?offset,wait}",
            headRoute = false)
    HttpResponse<String> committed(
            @Header("Authorization") @Nullable String token,
            @PathVariable UUID topicId,
            @PathVariable int partition,
            @QueryValue long offset,
            @QueryValue long wait) {
        return answer(
                token,
                () -> {
                    long until = System.nanoTime() + Math.min(wait, 10_000) * 1_000_000;
                    while (true) {
                        long coldEnd = store().coldIndex().coldEnd(topicId, partition);
                        if (coldEnd >= offset || System.nanoTime() >= until) {
                            return new InternalApi.CommittedAnswer(coldEnd);
                        }
                        sleep(100);
                    }
                });
    }

    @Post("/topics/{topicId}/partitions/{partition}/log-start")
    HttpResponse<String> logStart(
            @Header("Authorization") @Nullable String token,
            @PathVariable UUID topicId,
            @PathVariable int partition,
            @Body String body) {
        return answer(
                token,
                () -> {
                    var request = read(body, InternalApi.LogStartRequest.class);
                    store().coldIndex()
                            .advanceLogStart(
                                    topicId, partition, request.logStart(), request.keepRows());
                    return null;
                });
    }

    @Delete("/topics/{topicId}{?keepTable}")
    HttpResponse<String> drop(
            @Header("Authorization") @Nullable String token,
            @PathVariable UUID topicId,
            @QueryValue @Nullable Boolean keepTable) {
        return answer(
                token,
                () -> {
                    services.topicTables().drop(topicId, Boolean.TRUE.equals(keepTable));
                    return null;
                });
    }

    @Get(value = "/schemas/{id}", headRoute = false)
    HttpResponse<String> schema(
            @Header("Authorization") @Nullable String token, @PathVariable int id) {
        return answer(token, () -> services.registry().schema(id).orElse(null));
    }

    private CatalogStore store() {
        return services.backends().store();
    }

    private static void sleep(long millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CatalogUnavailableException("The catalog is stopping", e);
        }
    }

    private <T> T read(String body, Class<T> type) {
        try {
            return json.readValue(body, type);
        } catch (JsonProcessingException e) {
            throw new CatalogRefusedException(
                    "The request is no %s: %s"
                            .formatted(type.getSimpleName(), e.getOriginalMessage()),
                    e);
        }
    }

    /// A null answer is a 204.
    private HttpResponse<String> answer(@Nullable String token, Supplier<@Nullable Object> work) {
        if (token == null
                || !MessageDigest.isEqual(token.getBytes(StandardCharsets.UTF_8), expected)) {
            return error(401, "unauthorized", "Send the cluster key's token as bearer");
        }
        try {
            Object result = work.get();
            return result == null
                    ? Problems.empty(204)
                    : Problems.json(json.writeValueAsString(result));
        } catch (FencedException e) {
            return error(409, "fenced", e.getMessage());
        } catch (TopicDroppedException e) {
            return error(410, "dropped", e.getMessage());
        } catch (CatalogUnavailableException
                | StoreUnavailableException
                | CommitFailedException
                | ObjectStoreException e) {
            return error(503, "unavailable", e.getMessage());
        } catch (UnknownStoreOutcomeException
                | UnknownOutcomeException
                | CommitStateUnknownException e) {
            return error(500, "unknown-outcome", e.getMessage());
        } catch (StoreConflictException | CatalogException | IllegalArgumentException e) {
            return error(422, "refused", e.getMessage());
        } catch (JsonProcessingException | RuntimeException e) {
            LOG.error("A request of a broker failed", e);
            return error(500, "unknown-outcome", String.valueOf(e));
        }
    }

    private HttpResponse<String> error(int status, String code, @Nullable String message) {
        try {
            return Problems.answer(
                    status,
                    "application/json",
                    json.writeValueAsString(
                            new InternalApi.ErrorAnswer(code, String.valueOf(message))));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }
}
