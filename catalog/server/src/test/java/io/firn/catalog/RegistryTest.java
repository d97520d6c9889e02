package io.firn.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

import io.firn.catalog.client.HttpCatalogClient;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/// The schema registry as Confluent's reference describes it.
class RegistryTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final HttpClient HTTP = HttpClient.newHttpClient();

    private final String subject = "r-" + UUID.randomUUID();
    private final String versions = "/subjects/" + subject + "/versions";

    @AfterEach
    void writable() throws Exception {
        send("PUT", "/mode", "{\"mode\":\"READWRITE\"}");
    }

    @Test
    void aVersionIsDeletedSoftlyFirstAndThenForGood() throws Exception {
        int one = register(record("a"));
        int two = register(record("a", "b"));

        expect("DELETE", versions + "/1?permanent=true", 404, 40407);
        assertThat(json("DELETE", versions + "/1").asInt()).isEqualTo(1);
        expect("DELETE", versions + "/1", 404, 40406);
        assertThat(json("GET", versions).toString()).isEqualTo("[2]");
        assertThat(json("GET", versions + "?deleted=true").toString()).isEqualTo("[1,2]");
        assertThat(json("GET", versions + "?deletedOnly=true").toString()).isEqualTo("[1]");
        expect("GET", versions + "/1", 404, 40402);
        assertThat(json("GET", versions + "/1?deleted=true").path("id").asInt()).isEqualTo(one);
        assertThat(json("GET", "/schemas/ids/" + one).has("schema")).isTrue();
        assertThat(json("DELETE", versions + "/1?permanent=true").asInt()).isEqualTo(1);
        expect("GET", versions + "/1?deleted=true", 404, 40402);
        expect("GET", "/schemas/ids/" + one, 404, 40403);
        assertThat(json("DELETE", versions + "/latest").asInt()).isEqualTo(2);
        expect("GET", versions + "/latest", 404, 40401);
        assertThat(json("GET", "/schemas/ids/" + two).has("schema")).isTrue();
        expect("DELETE", versions + "/7", 404, 40402);
        expect("DELETE", versions + "/nan", 422, 42202);

        // Records that were written with it are still understood.
        try (HttpCatalogClient client = TestCatalog.client()) {
            assertThat(client.schema(one)).isPresent();
        }
    }

    @Test
    void aSubjectIsDeletedSoftlyFirstAndThenForGood() throws Exception {
        register(record("a"));
        register(record("a", "b"));
        String path = "/subjects/" + subject;

        expect("DELETE", path + "?permanent=true", 404, 40405);
        assertThat(json("DELETE", path).toString()).isEqualTo("[1,2]");
        expect("DELETE", path, 404, 40404);
        expect("GET", versions, 404, 40401);
        assertThat(json("GET", "/subjects").toString()).doesNotContain(subject);
        assertThat(json("GET", "/subjects?deleted=true").toString()).contains(subject);
        assertThat(json("GET", "/subjects?deletedOnly=true&subjectPrefix=" + subject).toString())
                .isEqualTo("[\"" + subject + "\"]");
        expect("POST", path, record("a"), 404, 40401);
        assertThat(json("POST", path + "?deleted=true", record("a")).path("version").asInt())
                .isEqualTo(1);
        register(record("a")); // comes back, under the next number
        assertThat(json("GET", versions).toString()).isEqualTo("[3]");
        json("DELETE", path);
        assertThat(json("DELETE", path + "?permanent=true").toString()).isEqualTo("[1,2,3]");
        expect("DELETE", path + "?permanent=true", 404, 40401);
        register(record("c")); // nothing left to be compatible with
        assertThat(json("GET", versions).toString()).isEqualTo("[1]");
    }

    @Test
    void aSchemaIsFoundByItsId() throws Exception {
        int id = register(record("a"));
        String second = subject + "-2";
        json("POST", "/subjects/" + second + "/versions", record("a"));

        assertThat(json("GET", "/schemas/ids/" + id + "/subjects").toString())
                .isEqualTo("[\"%s\",\"%s\"]".formatted(subject, second));
        assertThat(json("GET", "/schemas/ids/" + id + "/versions").toString())
                .isEqualTo(
                        "[{\"subject\":\"%s\",\"version\":1},{\"subject\":\"%s\",\"version\":1}]"
                                .formatted(subject, second));
        json("DELETE", "/subjects/" + second);
        assertThat(json("GET", "/schemas/ids/" + id + "/subjects").toString())
                .isEqualTo("[\"%s\"]".formatted(subject));
        assertThat(json("GET", "/schemas/ids/" + id + "/subjects?deleted=true")).hasSize(2);
        assertThat(json("GET", "/schemas/ids/" + id + "/schema").path("type").asText())
                .isEqualTo("record");
        assertThat(json("GET", versions + "/1/schema").path("type").asText()).isEqualTo("record");
        assertThat(json("GET", "/schemas/types").toString()).isEqualTo("[\"AVRO\"]");
        expect("GET", "/schemas/ids/99999999/subjects", 404, 40403);
        expect("GET", "/schemas/ids/99999999/versions", 404, 40403);
        expect("GET", "/schemas/ids/99999999/schema", 404, 40403);
    }

    @Test
    void aModeForbidsWhatItSays() throws Exception {
        expect("GET", "/mode/" + subject, 404, 40409);
        assertThat(json("GET", "/mode/" + subject + "?defaultToGlobal=true").path("mode").asText())
                .isEqualTo("READWRITE");
        expect("PUT", "/mode/" + subject, "{\"mode\":\"SOMETIMES\"}", 422, 42204);
        register(record("a"));
        assertThat(json("PUT", "/mode/" + subject, "{\"mode\":\"READONLY\"}").path("mode").asText())
                .isEqualTo("READONLY");
        expect("POST", versions, record("a", "b"), 422, 42205);
        expect("DELETE", "/subjects/" + subject, 422, 42205);
        assertThat(json("GET", versions).toString()).isEqualTo("[1]");
        expect("PUT", "/mode/" + subject, "{\"mode\":\"IMPORT\"}", 422, 42205);
        assertThat(json("DELETE", "/mode/" + subject).path("mode").asText()).isEqualTo("READONLY");
        register(record("a", "b"));

        json("PUT", "/mode", "{\"mode\":\"READONLY_OVERRIDE\"}");
        json("PUT", "/mode/" + subject, "{\"mode\":\"READWRITE\"}");
        expect("POST", versions, record("a", "b", "c"), 422, 42205);
        json("PUT", "/mode", "{\"mode\":\"READONLY\"}");
        register(record("a", "b", "c"));
        expect("POST", "/subjects/" + subject + "-2/versions", record("a"), 422, 42205);
    }

    @Test
    void whatIsImportedKeepsItsIdAndItsNumber() throws Exception {
        int id = register(record("a")) + 1_000_000;
        String imported = subject + "-imported";
        String to = "/subjects/" + imported + "/versions";
        String body =
                record("imported").replace("}\"}", "}\",\"id\":%d,\"version\":7}".formatted(id));
        expect("POST", to, body, 422, 42205);

        json("PUT", "/mode/" + imported, "{\"mode\":\"IMPORT\"}");
        expect("POST", to, record("imported"), 422, 42205); // brings no id
        assertThat(json("POST", to, body).path("id").asInt()).isEqualTo(id);
        assertThat(json("POST", to, body).path("id").asInt()).isEqualTo(id);
        assertThat(json("GET", to).toString()).isEqualTo("[7]");
        expect("POST", to, body.replace("imported", "another"), 422, 42205); // the id is taken
        json("PUT", "/mode/" + imported, "{\"mode\":\"READWRITE\"}");
        assertThat(register(record("a", "next"))).isGreaterThan(id);
    }

    @Test
    void aNamedTypeOfAnotherSubjectCanBeReferredTo() throws Exception {
        String address =
                "{\"type\":\"record\",\"name\":\"Address\",\"namespace\":\"acme\",\"fields\":[{\"name\":\"city\",\"type\":\"string\"}]}";
        String person =
                "{\"type\":\"record\",\"name\":\"Person\",\"namespace\":\"acme\",\"fields\":[{\"name\":\"home\",\"type\":\"acme.Address\"}]}";
        String order =
                "{\"type\":\"record\",\"name\":\"Order\",\"namespace\":\"acme\",\"fields\":[{\"name\":\"by\",\"type\":\"acme.Person\"},{\"name\":\"to\",\"type\":\"acme.Address\"}]}";
        json("POST", "/subjects/" + subject + "-address/versions", schema(address));
        String toAddress = reference("acme.Address", subject + "-address");
        String toPerson = reference("acme.Person", subject + "-person");
        expect("POST", versions, schema(person), 422, 42201); // nobody knows Address
        int personId =
                json("POST", "/subjects/" + subject + "-person/versions", schema(person, toAddress))
                        .path("id")
                        .asInt();
        int id = json("POST", versions, schema(order, toPerson, toAddress)).path("id").asInt();

        JsonNode stored = json("GET", versions + "/1");
        assertThat(stored.path("references")).hasSize(2);
        assertThat(stored.path("schema").asText()).doesNotContain("city");
        assertThat(json("GET", "/schemas/ids/" + id).path("references")).hasSize(2);
        assertThat(
                        json("POST", "/subjects/" + subject, schema(order, toPerson, toAddress))
                                .path("version")
                                .asInt())
                .isEqualTo(1);
        assertThat(
                        json("GET", "/subjects/" + subject + "-address/versions/1/referencedby")
                                .toString())
                .isEqualTo("[%d,%d]".formatted(personId, id));
        expect("DELETE", "/subjects/" + subject + "-address", 422, 42206);
        expect("POST", versions, schema(order, reference("x", subject + "-none")), 422, 42201);
        try (HttpCatalogClient client = TestCatalog.client()) {
            assertThat(client.schema(id).orElseThrow().text())
                    .as("who makes columns of it needs every type")
                    .contains("city");
        }
        json("DELETE", "/subjects/" + subject);
        json("DELETE", "/subjects/" + subject + "-person");
        json("DELETE", "/subjects/" + subject + "-address"); // nothing refers to it any more
    }

    @Test
    void normalizedSchemasAreTheSameWhateverTheOrderOfTheirAnnotations() throws Exception {
        String one =
                "{\"type\":\"record\",\"name\":\"N\",\"x\":1,\"y\":2,\"fields\":[{\"name\":\"a\",\"type\":\"int\"}]}";
        String two =
                "{\"fields\":[{\"type\":\"int\",\"name\":\"a\"}],\"name\":\"N\",\"y\":2,\"x\":1,\"type\":\"record\"}";
        int id = json("POST", versions + "?normalize=true", schema(one)).path("id").asInt();
        assertThat(json("POST", versions + "?normalize=true", schema(two)).path("id").asInt())
                .isEqualTo(id);
        assertThat(
                        json("POST", "/subjects/" + subject + "?normalize=true", schema(two))
                                .path("id")
                                .asInt())
                .isEqualTo(id);
        assertThat(json("GET", versions).toString()).isEqualTo("[1]");
    }

    @Test
    void compatibilityIsTestedAgainstOneVersionAllOfThemOrNothing() throws Exception {
        String test = "/compatibility/subjects/" + subject + "/versions";
        assertThat(compatible(test + "/latest", record("a"))).isTrue();
        assertThat(compatible(test, record("a"))).isTrue();
        expect("POST", test + "/1", record("a"), 404, 40402);
        json("PUT", "/config/" + subject, "{\"compatibility\":\"NONE\"}");
        register(record("a"));
        register(record("b"));
        json("PUT", "/config/" + subject, "{\"compatibility\":\"BACKWARD\"}");

        assertThat(compatible(test + "/latest", record("b"))).isTrue();
        assertThat(compatible(test + "/1", record("b"))).isFalse();
        assertThat(compatible(test, record("b"))).isTrue();
        json("PUT", "/config/" + subject, "{\"compatibility\":\"BACKWARD_TRANSITIVE\"}");
        assertThat(compatible(test, record("b"))).isFalse();
        assertThat(json("POST", test + "?verbose=true", record("b")).path("messages")).hasSize(1);
        assertThat(json("POST", test, record("b")).has("messages")).isFalse();
        assertThat(json("DELETE", "/config/" + subject).path("compatibilityLevel").asText())
                .isEqualTo("BACKWARD_TRANSITIVE");
        expect("GET", "/config/" + subject, 404, 40408);
        expect("DELETE", "/config/" + subject, 404, 40401);
        expect("PUT", "/config/" + subject, "{\"compatibility\":\"SOME\"}", 422, 42203);
    }

    @Test
    void twoSchemasThatDoNotFitEachOtherAreNotRegisteredAtTheSameTime() throws Exception {
        try (ExecutorService threads = Executors.newFixedThreadPool(8)) {
            for (int round = 0; round < 5; round++) {
                String to = "/subjects/" + subject + "-" + round + "/versions";
                List<Callable<Integer>> all =
                        java.util.stream.IntStream.range(0, 8)
                                .<Callable<Integer>>mapToObj(
                                        i -> () -> send("POST", to, record("f" + i)).statusCode())
                                .toList();
                int taken = 0;
                for (Future<Integer> one : threads.invokeAll(all)) {
                    assertThat(one.get()).isIn(200, 409);
                    taken += one.get() == 200 ? 1 : 0;
                }
                assertThat(taken).isEqualTo(1);
            }
        }
    }

    @Test
    void whatNoSchemaOrDatabaseCanHoldIsTheRequestsFault() throws Exception {
        for (String body :
                List.of(
                        "{\"schema\":\"\\u0000\"}",
                        "{\"schema\":\"{\\\"type\\\":\\\"enum\\\",\\\"name\\\":\\\"E\\\",\\\"symbols\\\":[],\\\"doc\\\":\\\"\\u0000\\\"}\"}",
                        "{\"schema\":\"" + "[".repeat(20_000) + "\"}",
                        "{\"schemaType\":\"JSON\",\"schema\":\"{}\"}",
                        "{\"schemaType\":\"PROTOBUF\",\"schema\":\"x\"}",
                        "{}")) {
            expect("POST", versions, body, 422, 42201);
        }
        for (String body : List.of("", "null", "[", "{\"schema\":")) {
            assertThat(send("POST", versions, body).statusCode()).as(body).isEqualTo(400);
        }
        for (String path :
                List.of(
                        "/subjects/a%00b/versions",
                        "/subjects?subjectPrefix=%00",
                        "/config/a%00b",
                        "/mode/a%00b",
                        "/subjects/a%00b/versions/1/referencedby")) {
            assertThat(send("GET", path, null).statusCode()).as(path).isBetween(400, 499);
        }
        assertThat(
                        send("POST", versions, schema("\"int\"", reference("a\\u0000", "b")))
                                .statusCode())
                .isEqualTo(422);
        assertThat(send("GET", "/schemas/ids/abc", null).statusCode()).isBetween(400, 404);
    }

    @Test
    void unknownPathsAreAnsweredAsConfluentDoes() throws Exception {
        for (String path : List.of("/nothing", "/subjects/a/b/c/d", "/schemas/none")) {
            expect("GET", path, 404, 404);
            assertThat(json("GET", path, null, 404).path("message").asText())
                    .isEqualTo("HTTP 404 Not Found");
        }
        expect("PATCH", "/subjects", 405, 405);
    }

    // --- helpers -----------------------------------------------------------------------------

    private int register(String body) throws Exception {
        return json("POST", versions, body).path("id").asInt();
    }

    private static boolean compatible(String path, String body) throws Exception {
        return json("POST", path, body).path("is_compatible").asBoolean();
    }

    /// A record of which the first field is required and the others are not.
    private String record(String... fields) {
        StringBuilder all = new StringBuilder();
        for (String field : fields) {
            all.append(all.isEmpty() ? "" : ",")
                    .append("{\"name\":\"")
                    .append(field)
                    .append(
                            field.equals(fields[0])
                                    ? "\",\"type\":\"int\"}"
                                    : "\",\"type\":\"int\",\"default\":0}");
        }
        return schema(
                "{\"type\":\"record\",\"name\":\"R"
                        + subject.replace("-", "")
                        + "\",\"fields\":["
                        + all
                        + "]}");
    }

    private static String schema(String text, String... references) {
        String quoted = text.replace("\\", "\\\\").replace("\"", "\\\"");
        return references.length == 0
                ? "{\"schema\":\"" + quoted + "\"}"
                : "{\"schema\":\"%s\",\"references\":[%s]}"
                        .formatted(quoted, String.join(",", references));
    }

    private static String reference(String name, String subject) {
        return "{\"name\":\"%s\",\"subject\":\"%s\",\"version\":1}".formatted(name, subject);
    }

    private static void expect(String method, String path, int status, int code) throws Exception {
        expect(method, path, null, status, code);
    }

    private static void expect(String method, String path, String body, int status, int code)
            throws Exception {
        JsonNode answer = json(method, path, body, status);
        assertThat(answer.path("error_code").asInt()).as(path + answer).isEqualTo(code);
        assertThat(answer.path("message").asText()).isNotBlank();
    }

    private static JsonNode json(String method, String path) throws Exception {
        return json(method, path, null, 200);
    }

    private static JsonNode json(String method, String path, String body) throws Exception {
        return json(method, path, body, 200);
    }

    private static JsonNode json(String method, String path, String body, int status)
            throws Exception {
        HttpResponse<String> answer = send(method, path, body);
        assertThat(answer.statusCode())
                .as(method + " " + path + ": " + answer.body())
                .isEqualTo(status);
        assertThat(answer.headers().firstValue("content-type").orElse(""))
                .startsWith("application/vnd.schemaregistry.v1+json");
        return JSON.readTree(answer.body());
    }

    private static HttpResponse<String> send(String method, String path, String body)
            throws Exception {
        return HTTP.send(
                HttpRequest.newBuilder(TestCatalog.uri().resolve("/registry" + path))
                        .header("Content-Type", "application/vnd.schemaregistry.v1+json")
                        .method(
                                method,
                                body == null
                                        ? HttpRequest.BodyPublishers.noBody()
                                        : HttpRequest.BodyPublishers.ofString(body))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }
}
