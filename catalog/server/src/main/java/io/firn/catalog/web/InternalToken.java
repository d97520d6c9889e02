package io.firn.catalog.web;

import io.firn.catalog.CatalogServices;
import io.firn.catalog.client.CatalogJson;
import io.firn.catalog.client.InternalApi;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.annotation.RequestFilter;
import io.micronaut.http.annotation.ServerFilter;

import org.jspecify.annotations.Nullable;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;

/// Nothing below `/internal/v1` is reached without the cluster key's token.
@ServerFilter(InternalApi.PREFIX + "/**")
final class InternalToken {
    private final JsonBodies json = new JsonBodies(CatalogJson.mapper(), "application/json");
    private final byte[] expected;

    InternalToken(CatalogServices services) {
        this.expected = expected(services);
    }

    /// What the Authorization header of a member of the cluster says.
    static byte[] expected(CatalogServices services) {
        return ("Bearer " + InternalApi.token(services.config().clusterKey()))
                .getBytes(StandardCharsets.UTF_8);
    }

    static boolean matches(@Nullable String token, byte[] expected) {
        return token != null
                && MessageDigest.isEqual(token.getBytes(StandardCharsets.UTF_8), expected);
    }

    @RequestFilter
    @Nullable HttpResponse<?> check(HttpRequest<?> request) {
        return matches(request.getHeaders().get("Authorization"), expected)
                ? null
                : json.answer(
                        401,
                        new InternalApi.ErrorAnswer(
                                "unauthorized", "Send the cluster key's token as bearer"));
    }
}
