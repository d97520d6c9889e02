package io.firn.catalog.web;

import com.fasterxml.jackson.annotation.JsonAutoDetect;
import com.fasterxml.jackson.annotation.PropertyAccessor;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;

import io.firn.catalog.CatalogServices;
import io.firn.catalog.iceberg.FirnCatalog;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.MediaType;
import io.micronaut.http.annotation.Body;
import io.micronaut.http.annotation.Consumes;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Delete;
import io.micronaut.http.annotation.Get;
import io.micronaut.http.annotation.Head;
import io.micronaut.http.annotation.Header;
import io.micronaut.http.annotation.PathVariable;
import io.micronaut.http.annotation.Post;
import io.micronaut.http.annotation.QueryValue;
import io.micronaut.scheduling.TaskExecutors;
import io.micronaut.scheduling.annotation.ExecuteOn;

import org.apache.iceberg.catalog.Namespace;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.exceptions.BadRequestException;
import org.apache.iceberg.exceptions.NoSuchNamespaceException;
import org.apache.iceberg.rest.CatalogHandlers;
import org.apache.iceberg.rest.Endpoint;
import org.apache.iceberg.rest.RESTCatalogProperties.SnapshotMode;
import org.apache.iceberg.rest.RESTSerializers;
import org.apache.iceberg.rest.requests.CreateNamespaceRequest;
import org.apache.iceberg.rest.requests.CreateTableRequest;
import org.apache.iceberg.rest.requests.RegisterTableRequest;
import org.apache.iceberg.rest.requests.RenameTableRequest;
import org.apache.iceberg.rest.requests.UpdateNamespacePropertiesRequest;
import org.apache.iceberg.rest.requests.UpdateTableRequest;
import org.apache.iceberg.rest.responses.ConfigResponse;
import org.apache.iceberg.rest.responses.LoadTableResponse;
import org.jspecify.annotations.Nullable;

import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;

/// `/iceberg`: the Iceberg REST catalog. Iceberg's own handlers do the work over [FirnCatalog].
@Controller("/iceberg/v1")
@Consumes(MediaType.ALL)
@ExecuteOn(TaskExecutors.BLOCKING)
final class IcebergController {
    private static final String DELEGATION = "X-Iceberg-Access-Delegation";
    private static final String TABLE = "/namespaces/{namespace:[^/]+}/tables/{table:[^/]+}";

    private final FirnCatalog catalog;
    private final VendedConfig vended;
    private final ObjectMapper json = mapper();

    IcebergController(CatalogServices services) {
        this.catalog = services.iceberg();
        this.vended = new VendedConfig(services.config().vended());
    }

    private static ObjectMapper mapper() {
        ObjectMapper mapper = new ObjectMapper();
        mapper.setVisibility(PropertyAccessor.FIELD, JsonAutoDetect.Visibility.ANY);
        mapper.configure(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES, false);
        mapper.setPropertyNamingStrategy(new PropertyNamingStrategies.KebabCaseStrategy());
        RESTSerializers.registerAll(mapper);
        return mapper;
    }

    @Get(value = "/config", headRoute = false)
    HttpResponse<String> config() {
        return answer(
                () ->
                        ConfigResponse.builder()
                                .withEndpoints(
                                        List.of(
                                                Endpoint.V1_LIST_NAMESPACES,
                                                Endpoint.V1_LOAD_NAMESPACE,
                                                Endpoint.V1_NAMESPACE_EXISTS,
                                                Endpoint.V1_UPDATE_NAMESPACE,
                                                Endpoint.V1_CREATE_NAMESPACE,
                                                Endpoint.V1_DELETE_NAMESPACE,
                                                Endpoint.V1_LIST_TABLES,
                                                Endpoint.V1_LOAD_TABLE,
                                                Endpoint.V1_TABLE_EXISTS,
                                                Endpoint.V1_CREATE_TABLE,
                                                Endpoint.V1_UPDATE_TABLE,
                                                Endpoint.V1_DELETE_TABLE,
                                                Endpoint.V1_RENAME_TABLE,
                                                Endpoint.V1_REGISTER_TABLE,
                                                Endpoint.V1_REPORT_METRICS))
                                .build());
    }

    @Get(value = "/namespaces{?parent,pageToken,pageSize}", headRoute = false)
    HttpResponse<String> listNamespaces(
            @QueryValue @Nullable String parent,
            @QueryValue @Nullable String pageToken,
            @QueryValue @Nullable String pageSize) {
        return answer(
                () -> {
                    Namespace under =
                            parent == null || parent.isEmpty()
                                    ? Namespace.empty()
                                    : namespace(parent);
                    return pageSize == null
                            ? CatalogHandlers.listNamespaces(catalog, under)
                            : CatalogHandlers.listNamespaces(
                                    catalog, under, page(pageToken), pageSize);
                });
    }

    @Post("/namespaces")
    HttpResponse<String> createNamespace(@Body String body) {
        return answer(
                () ->
                        CatalogHandlers.createNamespace(
                                catalog, read(body, CreateNamespaceRequest.class)));
    }

    @Get(value = "/namespaces/{namespace:[^/]+}", headRoute = false)
    HttpResponse<String> loadNamespace(@PathVariable String namespace) {
        return answer(() -> CatalogHandlers.loadNamespace(catalog, namespace(namespace)));
    }

    @Head("/namespaces/{namespace:[^/]+}")
    HttpResponse<String> namespaceExists(@PathVariable String namespace) {
        return answerNothing(() -> CatalogHandlers.namespaceExists(catalog, namespace(namespace)));
    }

    @Delete("/namespaces/{namespace:[^/]+}")
    HttpResponse<String> dropNamespace(@PathVariable String namespace) {
        return answerNothing(() -> CatalogHandlers.dropNamespace(catalog, namespace(namespace)));
    }

    @Post("/namespaces/{namespace:[^/]+}/properties")
    HttpResponse<String> updateNamespace(@PathVariable String namespace, @Body String body) {
        return answer(
                () ->
                        CatalogHandlers.updateNamespaceProperties(
                                catalog,
                                namespace(namespace),
                                read(body, UpdateNamespacePropertiesRequest.class)));
    }

    @Get(value = "/namespaces/{namespace:[^/]+}/tables{?pageToken,pageSize}", headRoute = false)
    HttpResponse<String> listTables(
            @PathVariable String namespace,
            @QueryValue @Nullable String pageToken,
            @QueryValue @Nullable String pageSize) {
        return answer(
                () ->
                        pageSize == null
                                ? CatalogHandlers.listTables(catalog, namespace(namespace))
                                : CatalogHandlers.listTables(
                                        catalog, namespace(namespace), page(pageToken), pageSize));
    }

    @Post("/namespaces/{namespace:[^/]+}/tables")
    HttpResponse<String> createTable(
            @PathVariable String namespace,
            @Header(DELEGATION) @Nullable String delegation,
            @Body String body) {
        return answer(
                () -> {
                    CreateTableRequest request = read(body, CreateTableRequest.class);
                    Namespace in = namespace(namespace);
                    if (!catalog.namespaceExists(in)) {
                        throw new NoSuchNamespaceException("Namespace does not exist: %s", in);
                    }
                    return withConfig(
                            request.stageCreate()
                                    ? CatalogHandlers.stageTableCreate(catalog, in, request)
                                    : CatalogHandlers.createTable(catalog, in, request),
                            delegation);
                });
    }

    @Post("/namespaces/{namespace:[^/]+}/register")
    HttpResponse<String> registerTable(
            @PathVariable String namespace,
            @Header(DELEGATION) @Nullable String delegation,
            @Body String body) {
        return answer(
                () -> {
                    RegisterTableRequest request = read(body, RegisterTableRequest.class);
                    Namespace in = namespace(namespace);
                    catalog.refuseTopicTable(
                            TableIdentifier.of(in, request.name()), "register over");
                    return withConfig(
                            CatalogHandlers.registerTable(catalog, in, request), delegation);
                });
    }

    @Get(value = TABLE + "{?snapshots}", headRoute = false)
    HttpResponse<String> loadTable(
            @PathVariable String namespace,
            @PathVariable String table,
            @QueryValue @Nullable String snapshots,
            @Header(DELEGATION) @Nullable String delegation) {
        return answer(
                () -> {
                    SnapshotMode mode =
                            snapshots == null || snapshots.isEmpty()
                                    ? SnapshotMode.ALL
                                    : SnapshotMode.valueOf(snapshots.toUpperCase(Locale.ROOT));
                    return withConfig(
                            CatalogHandlers.loadTable(catalog, table(namespace, table), mode),
                            delegation);
                });
    }

    @Head(TABLE)
    HttpResponse<String> tableExists(@PathVariable String namespace, @PathVariable String table) {
        return answerNothing(() -> CatalogHandlers.tableExists(catalog, table(namespace, table)));
    }

    @Post(TABLE)
    HttpResponse<String> updateTable(
            @PathVariable String namespace, @PathVariable String table, @Body String body) {
        return answer(
                () -> {
                    TableIdentifier identifier = table(namespace, table);
                    catalog.refuseTopicTable(identifier, "commit to");
                    return CatalogHandlers.updateTable(
                            catalog, identifier, read(body, UpdateTableRequest.class));
                });
    }

    @Delete(TABLE + "{?purgeRequested}")
    HttpResponse<String> dropTable(
            @PathVariable String namespace,
            @PathVariable String table,
            @QueryValue @Nullable Boolean purgeRequested) {
        return answerNothing(
                () -> {
                    if (Boolean.TRUE.equals(purgeRequested)) {
                        CatalogHandlers.purgeTable(catalog, table(namespace, table));
                    } else {
                        CatalogHandlers.dropTable(catalog, table(namespace, table));
                    }
                });
    }

    @Post("/tables/rename")
    HttpResponse<String> renameTable(@Body String body) {
        return answerNothing(
                () -> CatalogHandlers.renameTable(catalog, read(body, RenameTableRequest.class)));
    }

    /// Engines report each scan and commit; the report is accepted and not kept.
    @Post(TABLE + "/metrics")
    HttpResponse<String> metrics(
            @PathVariable String namespace,
            @PathVariable String table,
            @Body @Nullable String body) {
        return Problems.empty(204);
    }

    private LoadTableResponse withConfig(LoadTableResponse loaded, @Nullable String delegation) {
        return LoadTableResponse.builder()
                .withTableMetadata(loaded.tableMetadata())
                .addAllConfig(vended.config(delegation == null ? "" : delegation))
                .build();
    }

    /// Micronaut has decoded the path; levels are divided by U+001F.
    private static Namespace namespace(String text) {
        return Namespace.of(text.split("\u001f", -1));
    }

    private static TableIdentifier table(String namespace, String table) {
        return TableIdentifier.of(namespace(namespace), table);
    }

    private static String page(@Nullable String token) {
        return token == null ? "" : token;
    }

    private <T> T read(String body, Class<T> type) {
        try {
            return json.readValue(body, type);
        } catch (JsonProcessingException e) {
            throw new BadRequestException(
                    "The request is no %s: %s", type.getSimpleName(), e.getOriginalMessage());
        }
    }

    private HttpResponse<String> answer(Supplier<Object> work) {
        try {
            return Problems.json(json.writeValueAsString(work.get()));
        } catch (RuntimeException e) {
            return IcebergErrors.answer(e);
        } catch (JsonProcessingException e) {
            return IcebergErrors.answer(new IllegalStateException(e));
        }
    }

    private static HttpResponse<String> answerNothing(Runnable work) {
        try {
            work.run();
            return Problems.empty(204);
        } catch (RuntimeException e) {
            return IcebergErrors.answer(e);
        }
    }
}
