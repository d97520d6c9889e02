package io.firn.catalog.web;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonInclude.Include;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;

import io.firn.catalog.CatalogServices;
import io.firn.catalog.registry.Registry;
import io.firn.catalog.registry.Registry.Deleted;
import io.firn.catalog.registry.Registry.Reference;
import io.firn.catalog.registry.Registry.Submitted;
import io.firn.catalog.registry.RegistryException;
import io.firn.catalog.store.schema.SchemaStore.StoredSchema;
import io.firn.catalog.store.schema.SchemaStore.Version;
import io.firn.catalog.store.sql.BackendUnavailableException;
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

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

/// `/registry`: Confluent's REST API for Avro, as its reference describes it.
@Controller("/registry")
@Consumes(MediaType.ALL)
@ExecuteOn(TaskExecutors.BLOCKING)
final class RegistryController {
    static final String MEDIA_TYPE = "application/vnd.schemaregistry.v1+json";

    private static final Logger LOG = LoggerFactory.getLogger(RegistryController.class);
    private static final String EVERYWHERE = "";
    private static final String SUBJECT = "/{subject:[^/]+}";

    private final Registry registry;
    private final JsonBodies json =
            new JsonBodies(
                    JsonMapper.builder(JsonBodies.bounded())
                            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
                            .build(),
                    MEDIA_TYPE);

    RegistryController(CatalogServices services) {
        this.registry = services.registry();
    }

    // ---- Bodies ---------------------------------------------------------------------------------

    record ErrorBody(@JsonProperty("error_code") int code, String message) {}

    record Registered(int id) {}

    @JsonInclude(Include.NON_EMPTY)
    record SchemaBody(String schema, List<Reference> references) {
        SchemaBody(StoredSchema schema) {
            this(schema.text(), Registry.references(schema));
        }
    }

    @JsonInclude(Include.NON_EMPTY)
    record VersionBody(
            String subject, int version, int id, List<Reference> references, String schema) {
        VersionBody(Version version) {
            this(
                    version.subject(),
                    version.version(),
                    version.schema().id(),
                    Registry.references(version.schema()),
                    version.schema().text());
        }
    }

    record SubjectVersion(String subject, int version) {}

    @JsonInclude(Include.NON_EMPTY)
    record CompatibilityAnswer(
            @JsonProperty("is_compatible") boolean compatible, List<String> messages) {}

    record ConfigRequest(@Nullable String compatibility) {}

    record ConfigSet(String compatibility) {}

    record ConfigBody(String compatibilityLevel) {}

    record ModeBody(@Nullable String mode) {}

    // ---- Schemas --------------------------------------------------------------------------------

    @Get(value = "/", headRoute = false)
    HttpResponse<String> root() {
        return json.ok(Map.of());
    }

    @Get(value = "/schemas/types", headRoute = false)
    HttpResponse<String> types() {
        return json.ok(List.of("AVRO"));
    }

    @Get(value = "/schemas/ids/{id}", headRoute = false)
    HttpResponse<String> schema(@PathVariable int id) {
        return json.ok(new SchemaBody(registry.registered(id)));
    }

    @Get(value = "/schemas/ids/{id}/schema", headRoute = false)
    HttpResponse<String> rawSchema(@PathVariable int id) {
        return JsonBodies.text(200, MEDIA_TYPE, registry.registered(id).text());
    }

    @Get(value = "/schemas/ids/{id}/subjects{?deleted}", headRoute = false)
    HttpResponse<String> subjectsOf(@PathVariable int id, @QueryValue @Nullable Boolean deleted) {
        return json.ok(
                registry.versionsOf(id, Deleted.of(deleted, false)).stream()
                        .map(Version::subject)
                        .distinct()
                        .toList());
    }

    @Get(value = "/schemas/ids/{id}/versions{?deleted}", headRoute = false)
    HttpResponse<String> versionsOf(@PathVariable int id, @QueryValue @Nullable Boolean deleted) {
        return json.ok(
                registry.versionsOf(id, Deleted.of(deleted, false)).stream()
                        .map(v -> new SubjectVersion(v.subject(), v.version()))
                        .toList());
    }

    // ---- Subjects -------------------------------------------------------------------------------

    @Get(value = "/subjects{?subjectPrefix,deleted,deletedOnly}", headRoute = false)
    HttpResponse<String> subjects(
            @QueryValue @Nullable String subjectPrefix,
            @QueryValue @Nullable Boolean deleted,
            @QueryValue @Nullable Boolean deletedOnly) {
        return json.ok(
                registry.subjects(
                        subjectPrefix == null ? "" : subjectPrefix,
                        Deleted.of(deleted, deletedOnly)));
    }

    @Post("/subjects" + SUBJECT + "{?normalize,deleted}")
    HttpResponse<String> lookup(
            @PathVariable String subject,
            @QueryValue @Nullable Boolean normalize,
            @QueryValue @Nullable Boolean deleted,
            @Body String body) {
        return json.ok(
                new VersionBody(
                        registry.lookup(
                                name(subject),
                                json.read(body, Submitted.class),
                                Boolean.TRUE.equals(normalize),
                                Deleted.of(deleted, false))));
    }

    @Delete("/subjects" + SUBJECT + "{?permanent}")
    HttpResponse<String> deleteSubject(
            @PathVariable String subject, @QueryValue @Nullable Boolean permanent) {
        return json.ok(registry.deleteSubject(name(subject), Boolean.TRUE.equals(permanent)));
    }

    @Post("/subjects" + SUBJECT + "/versions{?normalize}")
    HttpResponse<String> register(
            @PathVariable String subject,
            @QueryValue @Nullable Boolean normalize,
            @Body String body) {
        return json.ok(
                new Registered(
                        registry.register(
                                name(subject),
                                json.read(body, Submitted.class),
                                Boolean.TRUE.equals(normalize))));
    }

    @Get(value = "/subjects" + SUBJECT + "/versions{?deleted,deletedOnly}", headRoute = false)
    HttpResponse<String> versions(
            @PathVariable String subject,
            @QueryValue @Nullable Boolean deleted,
            @QueryValue @Nullable Boolean deletedOnly) {
        return json.ok(
                registry.requireVersions(name(subject), Deleted.of(deleted, deletedOnly)).stream()
                        .map(Version::version)
                        .toList());
    }

    @Get(value = "/subjects" + SUBJECT + "/versions/{version}{?deleted}", headRoute = false)
    HttpResponse<String> version(
            @PathVariable String subject,
            @PathVariable String version,
            @QueryValue @Nullable Boolean deleted) {
        return json.ok(
                new VersionBody(
                        registry.version(name(subject), version, Deleted.of(deleted, false))));
    }

    @Get(value = "/subjects" + SUBJECT + "/versions/{version}/schema{?deleted}", headRoute = false)
    HttpResponse<String> rawVersion(
            @PathVariable String subject,
            @PathVariable String version,
            @QueryValue @Nullable Boolean deleted) {
        return JsonBodies.text(
                200,
                MEDIA_TYPE,
                registry.version(name(subject), version, Deleted.of(deleted, false))
                        .schema()
                        .text());
    }

    @Get(value = "/subjects" + SUBJECT + "/versions/{version}/referencedby", headRoute = false)
    HttpResponse<String> referencedBy(@PathVariable String subject, @PathVariable String version) {
        return json.ok(registry.referencedBy(name(subject), version));
    }

    @Delete("/subjects" + SUBJECT + "/versions/{version}{?permanent}")
    HttpResponse<String> deleteVersion(
            @PathVariable String subject,
            @PathVariable String version,
            @QueryValue @Nullable Boolean permanent) {
        return json.ok(
                registry.deleteVersion(name(subject), version, Boolean.TRUE.equals(permanent)));
    }

    // ---- Modes ----------------------------------------------------------------------------------

    @Get(value = "/mode", headRoute = false)
    HttpResponse<String> mode() {
        return json.ok(new ModeBody(registry.modeName(EVERYWHERE)));
    }

    @Put("/mode{?force}")
    HttpResponse<String> setMode(@QueryValue @Nullable Boolean force, @Body String body) {
        return setModeOf(EVERYWHERE, force, body);
    }

    @Delete("/mode")
    HttpResponse<String> deleteMode() {
        return json.ok(new ModeBody(registry.deleteMode(EVERYWHERE)));
    }

    @Get(value = "/mode" + SUBJECT + "{?defaultToGlobal}", headRoute = false)
    HttpResponse<String> subjectMode(
            @PathVariable String subject, @QueryValue @Nullable Boolean defaultToGlobal) {
        return json.ok(
                new ModeBody(
                        Boolean.TRUE.equals(defaultToGlobal)
                                ? registry.modeName(name(subject))
                                : registry.ownMode(name(subject))));
    }

    @Put("/mode" + SUBJECT + "{?force}")
    HttpResponse<String> setSubjectMode(
            @PathVariable String subject, @QueryValue @Nullable Boolean force, @Body String body) {
        return setModeOf(name(subject), force, body);
    }

    @Delete("/mode" + SUBJECT)
    HttpResponse<String> deleteSubjectMode(@PathVariable String subject) {
        return json.ok(new ModeBody(registry.deleteMode(name(subject))));
    }

    private HttpResponse<String> setModeOf(String subject, @Nullable Boolean force, String body) {
        String mode = json.read(body, ModeBody.class).mode();
        return json.ok(
                new ModeBody(
                        registry.setMode(
                                subject, mode == null ? "" : mode, Boolean.TRUE.equals(force))));
    }

    // ---- Compatibility --------------------------------------------------------------------------

    @Get(value = "/config", headRoute = false)
    HttpResponse<String> config() {
        return json.ok(new ConfigBody(registry.compatibility(EVERYWHERE)));
    }

    @Put("/config")
    HttpResponse<String> setConfig(@Body String body) {
        return setConfigOf(EVERYWHERE, body);
    }

    @Delete("/config")
    HttpResponse<String> deleteConfig() {
        return json.ok(new ConfigBody(registry.deleteCompatibility(EVERYWHERE)));
    }

    @Get(value = "/config" + SUBJECT + "{?defaultToGlobal}", headRoute = false)
    HttpResponse<String> subjectConfig(
            @PathVariable String subject, @QueryValue @Nullable Boolean defaultToGlobal) {
        return json.ok(
                new ConfigBody(
                        Boolean.TRUE.equals(defaultToGlobal)
                                ? registry.compatibility(name(subject))
                                : registry.ownCompatibility(name(subject))));
    }

    @Put("/config" + SUBJECT)
    HttpResponse<String> setSubjectConfig(@PathVariable String subject, @Body String body) {
        return setConfigOf(name(subject), body);
    }

    @Delete("/config" + SUBJECT)
    HttpResponse<String> deleteSubjectConfig(@PathVariable String subject) {
        return json.ok(new ConfigBody(registry.deleteCompatibility(name(subject))));
    }

    private HttpResponse<String> setConfigOf(String subject, String body) {
        String level = json.read(body, ConfigRequest.class).compatibility();
        return json.ok(
                new ConfigSet(registry.setCompatibility(subject, level == null ? "" : level)));
    }

    @Post("/compatibility/subjects" + SUBJECT + "/versions{?verbose}")
    HttpResponse<String> testAll(
            @PathVariable String subject,
            @QueryValue @Nullable Boolean verbose,
            @Body String body) {
        return compatibility(
                registry.testAll(name(subject), json.read(body, Submitted.class)), verbose);
    }

    @Post("/compatibility/subjects" + SUBJECT + "/versions/{version}{?verbose}")
    HttpResponse<String> test(
            @PathVariable String subject,
            @PathVariable String version,
            @QueryValue @Nullable Boolean verbose,
            @Body String body) {
        return compatibility(
                registry.test(name(subject), version, json.read(body, Submitted.class)), verbose);
    }

    private HttpResponse<String> compatibility(
            List<String> incompatibilities, @Nullable Boolean verbose) {
        return json.ok(
                new CompatibilityAnswer(
                        incompatibilities.isEmpty(),
                        Boolean.TRUE.equals(verbose) ? incompatibilities : List.of()));
    }

    // ---- Errors ---------------------------------------------------------------------------------

    @Error(exception = Throwable.class)
    HttpResponse<String> failed(Throwable e) {
        OptionalInt status = RequestErrors.status(e);
        if (status.isPresent()) {
            return error(status.getAsInt(), status.getAsInt(), e);
        }
        return switch (e) {
            case RegistryException x -> error(x.status(), x.code(), x);
            case IllegalArgumentException x -> error(422, 422, x);
            case BackendUnavailableException x -> error(503, 50301, x);
            default -> {
                LOG.warn("A request to the schema registry failed", e);
                yield error(500, 50001, e);
            }
        };
    }

    private HttpResponse<String> error(int status, int code, Throwable e) {
        return json.answer(status, new ErrorBody(code, String.valueOf(e.getMessage())));
    }

    /// Postgres has no character 0.
    private static String name(String subject) {
        if (subject.indexOf('\0') >= 0) {
            throw new IllegalArgumentException("A subject's name cannot hold the character 0");
        }
        return subject;
    }
}
