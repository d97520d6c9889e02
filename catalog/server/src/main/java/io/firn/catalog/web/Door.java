package io.firn.catalog.web;

import com.fasterxml.jackson.databind.ObjectMapper;

import io.firn.catalog.client.InternalApi;

import org.apache.iceberg.rest.responses.ErrorResponseParser;

/// The catalog's APIs, by the begin of their paths: how large a body each takes (G7), and how it
/// says an error when nothing of its own code has run.
enum Door {
    REGISTRY("/registry", 1 << 20, RegistryController.MEDIA_TYPE),
    ICEBERG("/iceberg", 16 << 20, "application/json"),
    INTERNAL("/internal", 16 << 20, "application/json"),
    OTHER("/", 1 << 20, "application/problem+json");

    private static final ObjectMapper MAPPER = new ObjectMapper();

    private final String prefix;
    private final int mostBytes;
    private final String mediaType;

    Door(String prefix, int mostBytes, String mediaType) {
        this.prefix = prefix;
        this.mostBytes = mostBytes;
        this.mediaType = mediaType;
    }

    static Door of(String path) {
        for (Door door : values()) {
            if (path.startsWith(door.prefix)) {
                return door;
            }
        }
        return OTHER;
    }

    String prefix() {
        return prefix;
    }

    int mostBytes() {
        return mostBytes;
    }

    String mediaType() {
        return mediaType;
    }

    /// The body of an answer.
    String error(int status, String reason, String message) {
        return switch (this) {
            case REGISTRY -> json().write(new RegistryController.ErrorBody(status, message));
            case ICEBERG ->
                    ErrorResponseParser.toJson(
                            IcebergErrors.of(
                                    status,
                                    status < 500
                                            ? "BadRequestException"
                                            : "ServiceUnavailableException",
                                    message));
            case INTERNAL ->
                    json().write(
                                    new InternalApi.ErrorAnswer(
                                            status == 413 ? "refused" : "unavailable", message));
            case OTHER ->
                    json().write(
                                    new StatusController.Problem(
                                            "about:blank", reason, status, message));
        };
    }

    private JsonBodies json() {
        return new JsonBodies(MAPPER, mediaType);
    }
}
