package io.firn.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

import io.firn.catalog.client.HttpCatalogClient;
import io.firn.objectstore.ObjectKey;

import org.junit.jupiter.api.Test;

import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/// What Iceberg's REST specification says beyond what Iceberg's own client asks for.
class IcebergRestTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final HttpClient HTTP = HttpClient.newHttpClient();
    private final String namespace = "rest" + UUID.randomUUID().toString().substring(0, 8);

    @Test
    void aPageIsGivenOnlyToWhoAsksWithAToken() throws Exception {
        namespace(namespace);
        for (String name : List.of("a", "b", "c")) {
            create(name);
        }
        String tables = "/namespaces/" + namespace + "/tables";

        assertThat(names(get(tables + "?pageSize=2"))).containsExactly("a", "b", "c");
        assertThat(names(get(tables))).containsExactly("a", "b", "c");

        List<String> paged = new ArrayList<>();
        String token = "";
        do {
            JsonNode page = JSON.readTree(get(tables + "?pageSize=2&pageToken=" + token).body());
            paged.addAll(names(page));
            assertThat(names(page).size()).isLessThanOrEqualTo(2);
            token = page.path("next-page-token").asText("null");
        } while (!token.equals("null"));
        assertThat(paged).containsExactly("a", "b", "c");
        assertThat(names(get(tables + "?pageToken="))).containsExactly("a", "b", "c");

        assertThat(
                        JSON.readTree(get("/namespaces?pageSize=1").body())
                                .path("next-page-token")
                                .asText("null"))
                .isEqualTo("null");
        for (String wrong : List.of("pageSize=0", "pageSize=-1", "pageSize=x")) {
            assertThat(get(tables + "?pageToken=&" + wrong).statusCode()).as(wrong).isEqualTo(400);
        }
        assertThat(get(tables + "?pageSize=2&pageToken=x").statusCode()).isEqualTo(400);
    }

    @Test
    void aNamespaceThatIsListedIsThereAlsoWhenOnlyAnotherIsBelowIt() throws Exception {
        namespace(namespace + "\",\"b\",\"c");
        assertThat(get("/namespaces").body()).contains("[\"" + namespace + "\"]");
        for (String path : List.of("", "%1Fb", "%1Fb%1Fc")) {
            String at = "/namespaces/" + namespace + path;
            assertThat(get(at).statusCode()).as(path).isEqualTo(200);
            assertThat(send("HEAD", at, null).statusCode()).as(path).isEqualTo(204);
        }
        assertThat(get("/namespaces?parent=" + namespace).body())
                .contains("[\"" + namespace + "\",\"b\"]");
        assertThat(get("/namespaces/" + namespace + "%1Fnone").statusCode()).isEqualTo(404);
        assertThat(send("DELETE", "/namespaces/" + namespace, null).statusCode()).isEqualTo(409);
        create("t"); // in the one that is only implied
        assertThat(names(get("/namespaces/" + namespace + "/tables"))).containsExactly("t");
        assertThat(
                        send(
                                        "POST",
                                        "/namespaces/" + namespace + "%1Fb/properties",
                                        "{\"updates\":{\"k\":\"v\"}}")
                                .statusCode())
                .isEqualTo(200);
        assertThat(get("/namespaces/" + namespace + "%1Fb").body()).contains("\"k\":\"v\"");
    }

    @Test
    void whoHasTheTableAsItIsIsToldSoByItsETag() throws Exception {
        namespace(namespace);
        HttpResponse<String> created = create("t");
        String path = "/namespaces/" + namespace + "/tables/t";
        HttpResponse<String> loaded = get(path);
        String tag = loaded.headers().firstValue("ETag").orElseThrow();
        assertThat(created.headers().firstValue("ETag")).hasValue(tag);
        assertThat(get(path).headers().firstValue("ETag")).hasValue(tag);

        HttpResponse<String> same = send("GET", path, null, "If-None-Match", "\"x\", " + tag);
        assertThat(same.statusCode()).isEqualTo(304);
        assertThat(same.body()).isEmpty();
        assertThat(send("GET", path, null, "If-None-Match", "\"x\"").statusCode()).isEqualTo(200);
        assertThat(send("GET", path + "?snapshots=refs", null, "If-None-Match", tag).statusCode())
                .as("another view of the table is another answer")
                .isEqualTo(200);
        assertThat(
                        send(
                                        "GET",
                                        path,
                                        null,
                                        "If-None-Match",
                                        tag,
                                        "X-Iceberg-Access-Delegation",
                                        "vended-credentials")
                                .statusCode())
                .as("so is one with keys")
                .isEqualTo(200);

        send(
                "POST",
                path,
                "{\"requirements\":[],\"updates\":[{\"action\":\"set-properties\",\"updates\":{\"a\":\"b\"}}]}");
        HttpResponse<String> changed = send("GET", path, null, "If-None-Match", tag);
        assertThat(changed.statusCode()).isEqualTo(200);
        assertThat(changed.headers().firstValue("ETag")).isNotEqualTo(java.util.Optional.of(tag));
    }

    @Test
    void aTableWhoseMetadataIsMissingIsTheServersTrouble() throws Exception {
        TestTopic topic = new TestTopic(TestCatalog.OBJECTS);
        try (HttpCatalogClient client = TestCatalog.client()) {
            String name = topic.table(client).name();
            var row = TestCatalog.store().tables().table("public", name).orElseThrow();
            TestCatalog.OBJECTS.delete(ObjectKey.ofAddress(row.metadataLocation()));

            HttpResponse<String> answer = get("/namespaces/public/tables/" + name);

            assertThat(answer.statusCode()).isEqualTo(500);
            assertThat(answer.body()).contains(row.metadataLocation());
            client.dropTopic(topic.ref.topicId());
        }
    }

    @Test
    void namesThatNoDatabaseCanHoldAndPathsThatNobodyHasAreTheRequestsFault() throws Exception {
        assertThat(get("/namespaces/a%00b").statusCode()).isEqualTo(400);
        assertThat(get("/namespaces/public/tables/a%00b").statusCode()).isEqualTo(400);
        assertThat(send("POST", "/namespaces", "{\"namespace\":[\"a\\u0000\"]}").statusCode())
                .isEqualTo(400);
        HttpResponse<String> unknown = get("/nothing/here");
        assertThat(unknown.statusCode()).isEqualTo(404);
        assertThat(JSON.readTree(unknown.body()).at("/error/code").asInt()).isEqualTo(404);
    }

    // --- helpers -----------------------------------------------------------------------------

    private static void namespace(String levels) throws Exception {
        assertThat(send("POST", "/namespaces", "{\"namespace\":[\"" + levels + "\"]}").statusCode())
                .isEqualTo(200);
    }

    private HttpResponse<String> create(String name) throws Exception {
        HttpResponse<String> created =
                send(
                        "POST",
                        "/namespaces/" + namespace + "/tables",
                        "{\"name\":\"%s\",\"schema\":{\"type\":\"struct\",\"fields\":[{\"id\":1,\"name\":\"id\",\"required\":true,\"type\":\"long\"}]}}"
                                .formatted(name));
        assertThat(created.statusCode()).isEqualTo(200);
        return created;
    }

    private static List<String> names(HttpResponse<String> answer) throws Exception {
        assertThat(answer.statusCode()).isEqualTo(200);
        return names(JSON.readTree(answer.body()));
    }

    private static List<String> names(JsonNode body) {
        return body.path("identifiers").findValuesAsText("name");
    }

    private static HttpResponse<String> get(String path) throws Exception {
        return send("GET", path, null);
    }

    private static HttpResponse<String> send(
            String method, String path, String body, String... headers) throws Exception {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(TestCatalog.uri().resolve("/iceberg/v1" + path))
                        .header("Content-Type", "application/json")
                        .method(
                                method,
                                body == null
                                        ? HttpRequest.BodyPublishers.noBody()
                                        : HttpRequest.BodyPublishers.ofString(body));
        for (int i = 0; i < headers.length; i += 2) {
            request.header(headers[i], headers[i + 1]);
        }
        return HTTP.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }
}
