package io.firn.catalog.web;

import io.micronaut.core.convert.exceptions.ConversionErrorException;
import io.micronaut.http.exceptions.BufferLengthExceededException;
import io.micronaut.http.exceptions.ContentLengthExceededException;
import io.micronaut.http.exceptions.HttpStatusException;
import io.micronaut.web.router.exceptions.UnsatisfiedRouteException;

import java.util.OptionalInt;

/// What is wrong with a request before it reaches a door's own code.
final class RequestErrors {
    private RequestErrors() {}

    /// The status; empty when the exception is not about the request.
    static OptionalInt status(Throwable e) {
        return switch (e) {
            case JsonBodies.UnreadableException x -> OptionalInt.of(400);
            case ConversionErrorException x -> OptionalInt.of(400);
            case UnsatisfiedRouteException x -> OptionalInt.of(400);
            case ContentLengthExceededException x -> OptionalInt.of(413);
            case BufferLengthExceededException x -> OptionalInt.of(413);
            case HttpStatusException x -> OptionalInt.of(x.getStatus().getCode());
            default -> OptionalInt.empty();
        };
    }
}
