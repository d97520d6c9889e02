package io.firn.catalog.web;

import com.fasterxml.jackson.databind.ObjectMapper;

import io.micronaut.http.HttpRequest;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.HttpStatus;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Error;

import org.apache.iceberg.rest.responses.ErrorResponseParser;

/// Paths and methods that no door has, answered in the words of the door that they were meant for.
@Controller
final class UnknownPaths {
    private final JsonBodies registry =
            new JsonBodies(new ObjectMapper(), RegistryController.MEDIA_TYPE);
    private final JsonBodies problems =
            new JsonBodies(registry.mapper(), "application/problem+json");

    @Error(status = HttpStatus.NOT_FOUND, global = true)
    HttpResponse<String> notFound(HttpRequest<?> request) {
        return answer(request, 404, "Not Found");
    }

    @Error(status = HttpStatus.METHOD_NOT_ALLOWED, global = true)
    HttpResponse<String> notAllowed(HttpRequest<?> request) {
        return answer(request, 405, "Method Not Allowed");
    }

    private HttpResponse<String> answer(HttpRequest<?> request, int status, String reason) {
        String path = request.getPath();
        if (path.startsWith("/registry")) {
            return registry.answer(
                    status,
                    new RegistryController.ErrorBody(
                            status, "HTTP %d %s".formatted(status, reason)));
        }
        String message = "%s %s: this server has no such path".formatted(request.getMethod(), path);
        if (path.startsWith("/iceberg")) {
            return JsonBodies.text(
                    status,
                    "application/json",
                    ErrorResponseParser.toJson(
                            IcebergErrors.of(status, "BadRequestException", message)));
        }
        return problems.answer(
                status, new StatusController.Problem("about:blank", reason, status, message));
    }
}
