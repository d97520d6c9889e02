package io.firn.catalog.web;

import com.fasterxml.jackson.annotation.JsonAutoDetect;
import com.fasterxml.jackson.annotation.PropertyAccessor;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;

import io.firn.catalog.CatalogServices;
import io.firn.catalog.iceberg.FirnCatalog;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.MediaType;
import io.micronaut.http.MutableHttpResponse;
import io.micronaut.http.annotation.Body;
import io.micronaut.http.annotation.Consumes;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Delete;
import io.micronaut.http.annotation.Error;
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
import org.apache.iceberg.rest.responses.ErrorResponse;
import org.apache.iceberg.rest.responses.LoadTableResponse;
import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// `/iceberg`: the Iceberg REST catalog. Iceberg's own handlers do the work over [FirnCatalog].
@Controller("/iceberg/v1")
@Consumes(MediaType.ALL)
@ExecuteOn(TaskExecutors.BLOCKING)
final class IcebergController {
    private static final String DELEGATION = "X-Iceberg-Access-Delegation";
    private static final String ETAG = "ETag";

    /// How long a request waits for its turn with tables' metadata.
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    /// When a client asks for a page and does not say how large.
    private static final String PAGE_SIZE = "1000";

    private static final String TABLE = "/namespaces/{namespace:[^/]+}/tables/{table:[^/]+}";

    private final FirnCatalog catalog;
    private final VendedConfig vended;
    private final JsonBodies json = new JsonBodies(mapper(), "application/json");
    private final TableTurns turns = new TableTurns(PATIENCE);

    IcebergController(CatalogServices services) {
        this.catalog = services.iceberg();
        this.vended = new VendedConfig(services.config().vended());
    }

    private static ObjectMapper mapper() {
        ObjectMapper mapper = new ObjectMapper(JsonBodies.bounded());
        mapper.setVisibility(PropertyAccessor.FIELD, JsonAutoDetect.Visibility.ANY);
        mapper.configure(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES, false);
        mapper.setPropertyNamingStrategy(new PropertyNamingStrategies.KebabCaseStrategy());
        RESTSerializers.registerAll(mapper);
        return mapper;
    }

    @Get(value = "/config", headRoute = false)
    HttpResponse<String> config() {
        return json.ok(
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

    /// Pages only for who asks with a `pageToken`, an empty one at first: who does not would take
    /// the first page for everything.
    @Get(value = "/namespaces{?parent,pageToken,pageSize}", headRoute = false)
    HttpResponse<String> listNamespaces(
            @QueryValue @Nullable String parent,
            @QueryValue @Nullable String pageToken,
            @QueryValue @Nullable String pageSize) {
        Namespace under =
                parent == null || parent.isEmpty() ? Namespace.empty() : namespace(parent);
        return json.ok(
                pageToken == null
                        ? CatalogHandlers.listNamespaces(catalog, under)
                        : CatalogHandlers.listNamespaces(
                                catalog, under, pageToken, pageSize(pageSize)));
    }

    @Post("/namespaces")
    HttpResponse<String> createNamespace(@Body String body) {
        return json.ok(
                CatalogHandlers.createNamespace(
                        catalog, json.read(body, CreateNamespaceRequest.class)));
    }

    @Get(value = "/namespaces/{namespace:[^/]+}", headRoute = false)
    HttpResponse<String> loadNamespace(@PathVariable String namespace) {
        return json.ok(CatalogHandlers.loadNamespace(catalog, namespace(namespace)));
    }

    @Head("/namespaces/{namespace:[^/]+}")
    HttpResponse<String> namespaceExists(@PathVariable String namespace) {
        CatalogHandlers.namespaceExists(catalog, namespace(namespace));
        return JsonBodies.empty(204);
    }

    @Delete("/namespaces/{namespace:[^/]+}")
    HttpResponse<String> dropNamespace(@PathVariable String namespace) {
        CatalogHandlers.dropNamespace(catalog, namespace(namespace));
        return JsonBodies.empty(204);
    }

    @Post("/namespaces/{namespace:[^/]+}/properties")
    HttpResponse<String> updateNamespace(@PathVariable String namespace, @Body String body) {
        return json.ok(
                CatalogHandlers.updateNamespaceProperties(
                        catalog,
                        namespace(namespace),
                        json.read(body, UpdateNamespacePropertiesRequest.class)));
    }

    @Get(value = "/namespaces/{namespace:[^/]+}/tables{?pageToken,pageSize}", headRoute = false)
    HttpResponse<String> listTables(
            @PathVariable String namespace,
            @QueryValue @Nullable String pageToken,
            @QueryValue @Nullable String pageSize) {
        Namespace in = namespace(namespace);
        return json.ok(
                pageToken == null
                        ? CatalogHandlers.listTables(catalog, in)
                        : CatalogHandlers.listTables(catalog, in, pageToken, pageSize(pageSize)));
    }

    @Post("/namespaces/{namespace:[^/]+}/tables")
    HttpResponse<String> createTable(
            @PathVariable String namespace,
            @Header(DELEGATION) @Nullable String delegation,
            @Body String body) {
        CreateTableRequest request = json.read(body, CreateTableRequest.class);
        Namespace in = namespace(namespace);
        if (!catalog.namespaceExists(in)) {
            throw new NoSuchNamespaceException("Namespace does not exist: %s", in);
        }
        if (request.location() != null) {
            catalog.requireFreeLocation(request.location());
        }
        return turns.take(
                () ->
                        request.stageCreate()
                                ? json.ok(
                                        withConfig(
                                                CatalogHandlers.stageTableCreate(
                                                        catalog, in, request),
                                                delegation))
                                : loaded(
                                        CatalogHandlers.createTable(catalog, in, request),
                                        delegation));
    }

    @Post("/namespaces/{namespace:[^/]+}/register")
    HttpResponse<String> registerTable(
            @PathVariable String namespace,
            @Header(DELEGATION) @Nullable String delegation,
            @Body String body) {
        RegisterTableRequest request = json.read(body, RegisterTableRequest.class);
        return turns.take(
                () ->
                        loaded(
                                CatalogHandlers.registerTable(
                                        catalog, namespace(namespace), request),
                                delegation));
    }

    /// Who has the table as it is now, by its ETag, is told so without a look at the object store.
    @Get(value = TABLE + "{?snapshots}", headRoute = false)
    HttpResponse<String> loadTable(
            @PathVariable String namespace,
            @PathVariable String table,
            @QueryValue @Nullable String snapshots,
            @Header(DELEGATION) @Nullable String delegation,
            @Header("If-None-Match") @Nullable String ifNoneMatch) {
        TableIdentifier identifier = table(namespace, table);
        SnapshotMode mode =
                snapshots == null || snapshots.isEmpty()
                        ? SnapshotMode.ALL
                        : SnapshotMode.valueOf(snapshots.toUpperCase(Locale.ROOT));
        Optional<String> metadata = catalog.metadataLocation(identifier);
        Optional<String> known =
                metadata.map(location -> TableTag.of(location, mode, vendedTo(delegation)));
        if (ifNoneMatch != null
                && known.isPresent()
                && TableTag.matches(ifNoneMatch, known.get())) {
            return JsonBodies.empty(304).header(ETAG, known.get());
        }
        return turns.load(
                metadata,
                mode == SnapshotMode.ALL,
                () ->
                        loaded(
                                CatalogHandlers.loadTable(catalog, identifier, mode),
                                mode,
                                delegation));
    }

    @Head(TABLE)
    HttpResponse<String> tableExists(@PathVariable String namespace, @PathVariable String table) {
        CatalogHandlers.tableExists(catalog, table(namespace, table));
        return JsonBodies.empty(204);
    }

    @Post(TABLE)
    HttpResponse<String> updateTable(
            @PathVariable String namespace, @PathVariable String table, @Body String body) {
        TableIdentifier identifier = table(namespace, table);
        catalog.refuseTopicTable(identifier, "commit to");
        return turns.take(
                () ->
                        json.ok(
                                CatalogHandlers.updateTable(
                                        catalog,
                                        identifier,
                                        json.read(body, UpdateTableRequest.class))));
    }

    @Delete(TABLE + "{?purgeRequested}")
    HttpResponse<String> dropTable(
            @PathVariable String namespace,
            @PathVariable String table,
            @QueryValue @Nullable Boolean purgeRequested) {
        if (Boolean.TRUE.equals(purgeRequested)) {
            CatalogHandlers.purgeTable(catalog, table(namespace, table));
        } else {
            CatalogHandlers.dropTable(catalog, table(namespace, table));
        }
        return JsonBodies.empty(204);
    }

    @Post("/tables/rename")
    HttpResponse<String> renameTable(@Body String body) {
        CatalogHandlers.renameTable(catalog, json.read(body, RenameTableRequest.class));
        return JsonBodies.empty(204);
    }

    /// Engines report each scan and commit; the report is accepted and not kept.
    @Post(TABLE + "/metrics")
    HttpResponse<String> metrics(
            @PathVariable String namespace,
            @PathVariable String table,
            @Body @Nullable String body) {
        return JsonBodies.empty(204);
    }

    @Error(exception = Throwable.class)
    HttpResponse<String> failed(Throwable e) {
        ErrorResponse error = IcebergErrors.of(e);
        MutableHttpResponse<String> answer = json.answer(error.code(), error);
        return e instanceof TableTurns.BusyException ? answer.header("Retry-After", "1") : answer;
    }

    private MutableHttpResponse<String> loaded(
            LoadTableResponse table, @Nullable String delegation) {
        return loaded(table, SnapshotMode.ALL, delegation);
    }

    private MutableHttpResponse<String> loaded(
            LoadTableResponse table, SnapshotMode mode, @Nullable String delegation) {
        MutableHttpResponse<String> response = json.ok(withConfig(table, delegation));
        String location = table.metadataLocation();
        return location == null
                ? response
                : response.header(ETAG, TableTag.of(location, mode, vendedTo(delegation)));
    }

    private LoadTableResponse withConfig(LoadTableResponse loaded, @Nullable String delegation) {
        return LoadTableResponse.builder()
                .withTableMetadata(loaded.tableMetadata())
                .addAllConfig(vendedTo(delegation))
                .build();
    }

    private Map<String, String> vendedTo(@Nullable String delegation) {
        return vended.config(delegation == null ? "" : delegation);
    }

    /// Micronaut has decoded the path; levels are divided by U+001F.
    private static Namespace namespace(String text) {
        if (text.indexOf('\0') >= 0) {
            throw new BadRequestException("A namespace's name cannot hold the character 0");
        }
        return Namespace.of(text.split("\u001f", -1));
    }

    private static TableIdentifier table(String namespace, String table) {
        if (table.indexOf('\0') >= 0) {
            throw new BadRequestException("A table's name cannot hold the character 0");
        }
        return TableIdentifier.of(namespace(namespace), table);
    }

    private static String pageSize(@Nullable String size) {
        String given = size == null || size.isEmpty() ? PAGE_SIZE : size;
        if (!given.matches("[1-9][0-9]{0,8}")) {
            throw new BadRequestException(
                    "Invalid pageSize '%s': a number from 1 to 999999999", given);
        }
        return given;
    }
}
