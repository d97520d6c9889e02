package io.firn.catalog.web;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;

import io.firn.catalog.CatalogServices;
import io.firn.catalog.registry.Registry;
import io.firn.catalog.registry.RegistryException;
import io.firn.catalog.store.SchemaStore.Version;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.MediaType;
import io.micronaut.http.annotation.Body;
import io.micronaut.http.annotation.Consumes;
import io.micronaut.http.annotation.Controller;
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

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/// `/registry`: Confluent's REST API as far as the Avro serializers and usual tools need it.
@Controller("/registry")
@Consumes(MediaType.ALL)
@ExecuteOn(TaskExecutors.BLOCKING)
final class RegistryController {
    private static final Logger LOG = LoggerFactory.getLogger(RegistryController.class);
    private static final String TYPE = "application/vnd.schemaregistry.v1+json";

    private final Registry registry;
    private final ObjectMapper json =
            JsonMapper.builder().disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES).build();

    RegistryController(CatalogServices services) {
        this.registry = services.registry();
    }

    @Get(value = "/", headRoute = false)
    HttpResponse<String> root() {
        return answer(Map::of);
    }

    @Post("/subjects/{subject:[^/]+}/versions")
    HttpResponse<String> register(@PathVariable String subject, @Body String body) {
        return answer(() -> Map.of("id", registry.register(subject, submitted(body))));
    }

    @Post("/subjects/{subject:[^/]+}")
    HttpResponse<String> lookup(@PathVariable String subject, @Body String body) {
        return answer(() -> describe(registry.lookup(subject, submitted(body))));
    }

    @Get(value = "/subjects", headRoute = false)
    HttpResponse<String> subjects() {
        return answer(registry::subjects);
    }

    @Get(value = "/subjects/{subject:[^/]+}/versions", headRoute = false)
    HttpResponse<String> versions(@PathVariable String subject) {
        return answer(
                () -> registry.requireVersions(subject).stream().map(Version::version).toList());
    }

    @Get(value = "/subjects/{subject:[^/]+}/versions/{version}", headRoute = false)
    HttpResponse<String> version(@PathVariable String subject, @PathVariable String version) {
        return answer(() -> describe(registry.version(subject, version)));
    }

    @Get(value = "/schemas/ids/{id}", headRoute = false)
    HttpResponse<String> schema(@PathVariable int id) {
        return answer(
                () ->
                        registry.schema(id)
                                .<Object>map(s -> Map.of("schema", s.text()))
                                .orElse(new Missing(40403, "Schema %d not found".formatted(id))));
    }

    @Get(value = "/schemas/types", headRoute = false)
    HttpResponse<String> types() {
        return answer(() -> List.of("AVRO"));
    }

    @Get(value = "/mode", headRoute = false)
    HttpResponse<String> mode() {
        return answer(() -> Map.of("mode", "READWRITE"));
    }

    @Get(value = "/config", headRoute = false)
    HttpResponse<String> config() {
        return answer(() -> Map.of("compatibilityLevel", registry.compatibility("")));
    }

    @Put("/config")
    HttpResponse<String> setConfig(@Body String body) {
        return answer(() -> setConfig("", body));
    }

    @Get(value = "/config/{subject:[^/]+}{?defaultToGlobal}", headRoute = false)
    HttpResponse<String> subjectConfig(
            @PathVariable String subject, @QueryValue @Nullable Boolean defaultToGlobal) {
        return answer(
                () ->
                        Boolean.TRUE.equals(defaultToGlobal)
                                        || registry.hasOwnCompatibility(subject)
                                ? Map.of("compatibilityLevel", registry.compatibility(subject))
                                : new Missing(
                                        40408,
                                        "Subject '%s' does not have subject-level compatibility configured"
                                                .formatted(subject)));
    }

    @Put("/config/{subject:[^/]+}")
    HttpResponse<String> setSubjectConfig(@PathVariable String subject, @Body String body) {
        return answer(() -> setConfig(subject, body));
    }

    @Post("/compatibility/subjects/{subject:[^/]+}/versions/{version}")
    HttpResponse<String> test(
            @PathVariable String subject, @PathVariable String version, @Body String body) {
        return answer(
                () -> {
                    List<String> complaints = registry.test(subject, version, submitted(body));
                    return Map.of("is_compatible", complaints.isEmpty(), "messages", complaints);
                });
    }

    private Map<String, String> setConfig(String subject, String body) {
        try {
            String level = json.readTree(body).path("compatibility").asText("");
            return Map.of("compatibility", registry.setCompatibility(subject, level));
        } catch (JsonProcessingException e) {
            return Map.of("compatibility", registry.setCompatibility(subject, "not JSON"));
        }
    }

    private static Map<String, Object> describe(Version version) {
        Map<String, Object> answer = new LinkedHashMap<>();
        answer.put("subject", version.subject());
        answer.put("version", version.version());
        answer.put("id", version.schema().id());
        answer.put("schema", version.schema().text());
        return answer;
    }

    private Registry.Submitted submitted(String body) {
        try {
            Registry.Submitted submitted = json.readValue(body, Registry.Submitted.class);
            if (submitted == null) { // the text `null`
                throw new IllegalArgumentException("The request is no JSON object with a schema");
            }
            return submitted;
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("The request is no JSON object with a schema", e);
        }
    }

    private record Missing(int code, String message) {}

    private HttpResponse<String> answer(Supplier<Object> work) {
        try {
            Object result = work.get();
            if (result instanceof Missing missing) {
                return error(404, missing.code(), missing.message());
            }
            return Problems.answer(200, TYPE, json.writeValueAsString(result));
        } catch (RegistryException e) {
            return error(e.status(), e.code(), String.valueOf(e.getMessage()));
        } catch (IllegalArgumentException e) {
            return error(422, 422, String.valueOf(e.getMessage()));
        } catch (JsonProcessingException | RuntimeException e) {
            LOG.warn("A request to the schema registry failed", e);
            return error(500, 50001, "Error in the backend data store: " + e.getMessage());
        }
    }

    private HttpResponse<String> error(int status, int code, String message) {
        try {
            return Problems.answer(
                    status,
                    TYPE,
                    json.writeValueAsString(Map.of("error_code", code, "message", message)));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }
}
