package io.firn.catalog.web;

import io.micronaut.http.HttpResponse;
import io.micronaut.http.HttpStatus;
import io.micronaut.http.MediaType;

/// Answers with a text body of a media type.
final class Problems {
    private Problems() {}

    static HttpResponse<String> answer(int status, String mediaType, String body) {
        return HttpResponse.<String>status(HttpStatus.valueOf(status))
                .contentType(MediaType.of(mediaType))
                .body(body);
    }

    static HttpResponse<String> json(String body) {
        return answer(200, "application/json", body);
    }

    static HttpResponse<String> empty(int status) {
        return HttpResponse.status(HttpStatus.valueOf(status));
    }
}
