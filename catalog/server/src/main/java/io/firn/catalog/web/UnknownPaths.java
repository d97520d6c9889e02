package io.firn.catalog.web;

import io.micronaut.http.HttpRequest;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.HttpStatus;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Error;

/// Paths and methods that no door has, answered in the words of the door that they were meant for.
@Controller
final class UnknownPaths {
    @Error(status = HttpStatus.NOT_FOUND, global = true)
    HttpResponse<String> notFound(HttpRequest<?> request) {
        return answer(request, 404, "Not Found");
    }

    @Error(status = HttpStatus.METHOD_NOT_ALLOWED, global = true)
    HttpResponse<String> notAllowed(HttpRequest<?> request) {
        return answer(request, 405, "Method Not Allowed");
    }

    private static HttpResponse<String> answer(HttpRequest<?> request, int status, String reason) {
        Door door = Door.of(request.getPath());
        String message =
                door == Door.REGISTRY
                        ? "HTTP %d %s".formatted(status, reason)
                        : "%s %s: this server has no such path"
                                .formatted(request.getMethod(), request.getPath());
        return JsonBodies.text(status, door.mediaType(), door.error(status, reason, message));
    }
}
