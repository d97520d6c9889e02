package io.firn.demo;

import com.fasterxml.jackson.databind.ObjectMapper;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.Map;

/// Registers the demo's schema as Confluent's Avro serializer would.
final class Registry {
    private Registry() {}

    static int register(String catalog, String subject, String schema)
            throws IOException, InterruptedException {
        var mapper = new ObjectMapper();
        URI uri = URI.create("%s/registry/subjects/%s/versions".formatted(catalog, subject));
        try (HttpClient http = HttpClient.newHttpClient()) {
            HttpResponse<String> response =
                    http.send(
                            HttpRequest.newBuilder(uri)
                                    .header(
                                            "Content-Type",
                                            "application/vnd.schemaregistry.v1+json")
                                    .POST(
                                            HttpRequest.BodyPublishers.ofString(
                                                    mapper.writeValueAsString(
                                                            Map.of("schema", schema))))
                                    .build(),
                            HttpResponse.BodyHandlers.ofString());
            if (response.statusCode() != 200) {
                throw new DemoException(
                        "Cannot register the schema at %s: %d %s"
                                .formatted(uri, response.statusCode(), response.body()));
            }
            return mapper.readTree(response.body()).get("id").asInt();
        }
    }
}
