package io.firn.catalog.web;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.ObjectMapper;

import io.micronaut.http.HttpResponse;
import io.micronaut.http.HttpStatus;
import io.micronaut.http.MediaType;
import io.micronaut.http.MutableHttpResponse;

/// How one door reads and writes its bodies.
///
/// @param mediaType of what it answers
record JsonBodies(ObjectMapper mapper, String mediaType) {
    /// Of small values a body of some MiB becomes objects of hundreds (G12). A table of 10,000
    /// columns has 150,000.
    private static final int MOST_TOKENS = 1_000_000;

    private static final int MOST_NESTED = 500;

    /// Reads what clients write, within bounds.
    static JsonFactory bounded() {
        return JsonFactory.builder()
                .streamReadConstraints(
                        StreamReadConstraints.builder()
                                .maxTokenCount(MOST_TOKENS)
                                .maxNestingDepth(MOST_NESTED)
                                .build())
                .build();
    }

    /// The body is not what the request needs.
    static final class UnreadableException extends RuntimeException {
        UnreadableException(String message, Throwable cause) {
            super(message, cause);
        }
    }

    MutableHttpResponse<String> ok(Object body) {
        return answer(200, body);
    }

    MutableHttpResponse<String> answer(int status, Object body) {
        return text(status, mediaType, write(body));
    }

    static MutableHttpResponse<String> text(int status, String mediaType, String body) {
        return HttpResponse.<String>status(HttpStatus.valueOf(status))
                .contentType(MediaType.of(mediaType))
                .body(body);
    }

    static MutableHttpResponse<String> empty(int status) {
        return HttpResponse.status(HttpStatus.valueOf(status));
    }

    String write(Object body) {
        try {
            return mapper.writeValueAsString(body);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("Cannot write a " + body.getClass().getSimpleName(), e);
        }
    }

    /// @throws UnreadableException when `body` is no `type`, or the text `null`
    <T> T read(String body, Class<T> type) {
        T value;
        try {
            value = mapper.readValue(body, type);
        } catch (JsonProcessingException e) {
            throw new UnreadableException(
                    "The request is no %s: %s"
                            .formatted(type.getSimpleName(), e.getOriginalMessage()),
                    e);
        }
        if (value == null) {
            throw new UnreadableException(
                    "The request is no %s: it is null".formatted(type.getSimpleName()),
                    new NullPointerException());
        }
        return value;
    }
}
