package io.firn.catalog.web;

import io.firn.catalog.CatalogServices;
import io.firn.catalog.client.CatalogException;
import io.firn.catalog.client.CatalogJson;
import io.firn.catalog.client.CatalogUnavailableException;
import io.firn.catalog.client.FencedException;
import io.firn.catalog.client.InternalApi;
import io.firn.catalog.client.SegmentRow;
import io.firn.catalog.client.TopicDroppedException;
import io.firn.catalog.client.TopicRef;
import io.firn.catalog.client.UnknownOutcomeException;
import io.firn.catalog.store.CatalogStore;
import io.firn.catalog.store.sql.BackendUnavailableException;
import io.firn.catalog.store.sql.StoreConflictException;
import io.firn.catalog.store.sql.UnknownStoreOutcomeException;
import io.firn.catalog.store.table.OwnedPrefixException;
import io.firn.objectstore.ObjectStoreException;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.MediaType;
import io.micronaut.http.annotation.Body;
import io.micronaut.http.annotation.Consumes;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Delete;
import io.micronaut.http.annotation.Error;
import io.micronaut.http.annotation.Get;
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

import java.util.UUID;

/// `/internal/v1`: what brokers ask; the counterpart of `HttpCatalogClient`. [InternalToken]
/// guards it.
@Controller(InternalApi.PREFIX)
@Consumes(MediaType.ALL)
@ExecuteOn(TaskExecutors.BLOCKING)
final class InternalController {
    private static final Logger LOG = LoggerFactory.getLogger(InternalController.class);

    private final CatalogServices services;
    private final JsonBodies json = new JsonBodies(CatalogJson.mapper(), "application/json");

    InternalController(CatalogServices services) {
        this.services = services;
    }

    @Put("/topics/{topicId}/table")
    HttpResponse<String> table(@PathVariable UUID topicId, @Body String body) {
        var request = json.read(body, InternalApi.TableRequest.class);
        return json.ok(
                services.topicTables()
                        .table(
                                new TopicRef(request.tenant(), request.topic(), topicId),
                                request.tableName(),
                                request.schemaIds()));
    }

    @Post("/topics/{topicId}/partitions/{partition}/fence")
    HttpResponse<String> fence(
            @PathVariable UUID topicId, @PathVariable int partition, @Body String body) {
        var request = json.read(body, InternalApi.FenceRequest.class);
        return json.ok(
                store().segments()
                        .raiseFence(topicId, partition, request.leaderEpoch(), request.logStart()));
    }

    @Put("/segments/{segment}")
    HttpResponse<String> prepared(@PathVariable UUID segment, @Body String body) {
        store().segments().prepared(json.read(body, SegmentRow.class));
        return JsonBodies.empty(204);
    }

    @Post("/segments/{segment}/uploaded")
    HttpResponse<String> uploaded(@PathVariable UUID segment, @Body String body) {
        var request = json.read(body, InternalApi.UploadedRequest.class);
        store().segments().uploaded(segment, request.file(), request.extents());
        return JsonBodies.empty(204);
    }

    @Post("/segments/{segment}/abandoned")
    HttpResponse<String> abandoned(@PathVariable UUID segment) {
        store().segments().abandoned(segment);
        return JsonBodies.empty(204);
    }

    @Get(value = "/topics/{topicId}/partitions/{partition}/cold{?since}", headRoute = false)
    HttpResponse<String> cold(
            @PathVariable UUID topicId,
            @PathVariable int partition,
            @QueryValue @Nullable Long since) {
        return store().coldIndex()
                .stateSince(topicId, partition, since == null ? -1 : since)
                .map(state -> (HttpResponse<String>) json.ok(state))
                .orElseGet(() -> JsonBodies.empty(204));
    }

    @Get(
            value = "/topics/{topicId}/partitions/{partition}/committed{?offset,wait}",
            headRoute = false)
    HttpResponse<String> committed(
            @PathVariable UUID topicId,
            @PathVariable int partition,
            @QueryValue long offset,
            @QueryValue long wait) {
        long until = System.nanoTime() + Math.min(wait, 10_000) * 1_000_000;
        while (true) {
            long coldEnd = store().coldIndex().coldEnd(topicId, partition);
            if (coldEnd >= offset || System.nanoTime() >= until) {
                return json.ok(new InternalApi.CommittedAnswer(coldEnd));
            }
            sleep(100);
        }
    }

    @Post("/topics/{topicId}/partitions/{partition}/log-start")
    HttpResponse<String> logStart(
            @PathVariable UUID topicId, @PathVariable int partition, @Body String body) {
        var request = json.read(body, InternalApi.LogStartRequest.class);
        store().coldIndex()
                .advanceLogStart(topicId, partition, request.logStart(), request.keepRows());
        return JsonBodies.empty(204);
    }

    @Delete("/topics/{topicId}{?keepTable}")
    HttpResponse<String> drop(@PathVariable UUID topicId, @QueryValue @Nullable Boolean keepTable) {
        services.topicTables().drop(topicId, Boolean.TRUE.equals(keepTable));
        return JsonBodies.empty(204);
    }

    @Get(value = "/schemas/{id}", headRoute = false)
    HttpResponse<String> schema(@PathVariable int id) {
        return services.registry()
                .schema(id)
                .map(schema -> (HttpResponse<String>) json.ok(schema))
                .orElseGet(() -> JsonBodies.empty(204));
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

    /// The brokers' client makes its exceptions from the codes.
    @Error(exception = Throwable.class)
    HttpResponse<String> failed(Throwable e) {
        String message = String.valueOf(e.getMessage());
        if (RequestErrors.status(e).isPresent()) {
            return error(422, "refused", message);
        }
        return switch (e) {
            case FencedException x -> error(409, "fenced", message);
            case TopicDroppedException x -> error(410, "dropped", message);
            case CatalogUnavailableException x -> error(503, "unavailable", message);
            case BackendUnavailableException x -> error(503, "unavailable", message);
            case CommitFailedException x -> error(503, "unavailable", message);
            case ObjectStoreException x -> error(503, "unavailable", message);
            case UnknownStoreOutcomeException x -> error(500, "unknown-outcome", message);
            case UnknownOutcomeException x -> error(500, "unknown-outcome", message);
            case CommitStateUnknownException x -> error(500, "unknown-outcome", message);
            case StoreConflictException x -> error(422, "refused", message);
            case OwnedPrefixException x -> error(422, "refused", message);
            case CatalogException x -> error(422, "refused", message);
            case IllegalArgumentException x -> error(422, "refused", message);
            default -> {
                LOG.error("A request of a broker failed", e);
                yield error(500, "unknown-outcome", String.valueOf(e));
            }
        };
    }

    private HttpResponse<String> error(int status, String code, String message) {
        return json.answer(status, new InternalApi.ErrorAnswer(code, message));
    }
}
