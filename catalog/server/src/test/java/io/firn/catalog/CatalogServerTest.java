package io.firn.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.firn.catalog.client.CatalogClient;
import io.firn.catalog.client.CatalogRefusedException;
import io.firn.catalog.client.CatalogUnavailableException;
import io.firn.catalog.client.ColdState;
import io.firn.catalog.client.ExtentRow;
import io.firn.catalog.client.FencedException;
import io.firn.catalog.client.FileRow;
import io.firn.catalog.client.HttpCatalogClient;
import io.firn.catalog.client.SegmentRow;
import io.firn.catalog.client.TableSpec;
import io.firn.catalog.client.TopicDroppedException;
import io.firn.catalog.client.TopicRef;
import io.firn.catalog.iceberg.MetadataFiles;
import io.firn.catalog.iceberg.OrphanSweep;
import io.firn.catalog.store.schema.SchemaStore;
import io.firn.objectstore.ObjectKey;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;

import org.apache.iceberg.ContentFileParser;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DataFiles;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Table;
import org.apache.iceberg.catalog.Namespace;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.exceptions.AlreadyExistsException;
import org.apache.iceberg.exceptions.ForbiddenException;
import org.apache.iceberg.exceptions.NamespaceNotEmptyException;
import org.apache.iceberg.exceptions.NoSuchTableException;
import org.apache.iceberg.rest.RESTCatalog;
import org.apache.iceberg.types.Types;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

class CatalogServerTest {
    private CatalogClient client;
    private RESTCatalog engine;
    private final TopicRef topic =
            new TopicRef(
                    "public",
                    "Orders.v1-" + UUID.randomUUID().toString().substring(0, 6),
                    UUID.randomUUID());

    @BeforeEach
    void connect() throws Exception {
        client = TestCatalog.client();
        engine = new RESTCatalog();
        engine.initialize(
                "firn",
                Map.of(
                        "uri",
                        TestCatalog.uri() + "/iceberg",
                        "io-impl",
                        InMemoryFileIO.class.getName(),
                        "header.X-Iceberg-Access-Delegation",
                        "vended-credentials"));
    }

    @AfterEach
    void disconnect() throws Exception {
        client.close();
        engine.close();
    }

    @Test
    void bodiesThatAreTooLargeAreRefusedInTheWordsOfTheirDoor() throws Exception { // G7
        var registry = post("/registry/subjects/s/versions", "{".repeat(2 << 20));
        assertThat(registry.statusCode()).isEqualTo(413);
        assertThat(registry.body()).contains("\"error_code\":413");
        var iceberg = post("/iceberg/v1/namespaces", "{".repeat(17 << 20));
        assertThat(iceberg.statusCode()).isEqualTo(413);
        assertThat(iceberg.body()).contains("\"code\":413");
        assertThat(post("/iceberg/v1/namespaces", "{".repeat(15 << 20)).statusCode())
                .isEqualTo(400);
    }

    @Test
    void aBodyOfMillionsOfTinyValuesIsNotMadeObjects() throws Exception { // G12
        String body = "{\"requirements\":[],\"updates\":[" + "{},".repeat(3_000_000) + "{}]}";
        var answer = post("/iceberg/v1/namespaces/public/tables/t", body);
        assertThat(answer.statusCode()).isEqualTo(400);
        assertThat(answer.body()).contains("oken count");
    }

    @Test
    void whatIsUploadedIsSoonInTheTableAndInTheIndex() { // C2
        TableSpec spec = client.table(topic, "", Set.of());
        assertThat(spec.name()).isEqualTo(topic.topic().toLowerCase().replaceAll("[.-]", "_"));
        assertThat(spec.location())
                .isEqualTo("s3://lake/public/" + spec.name() + "-" + topic.topicId());
        client.raiseFence(topic.topicId(), 0, 5, 0);
        upload(spec, 0, 0, 100, 5);
        upload(spec, 0, 100, 150, 5);

        assertThat(client.awaitCommitted(topic.topicId(), 0, 150, Duration.ofSeconds(10)))
                .isEqualTo(150);

        Table table = engine.loadTable(TableIdentifier.of("public", spec.name()));
        assertThat(table.currentSnapshot().summary()).containsKey("firn.commit-seq");
        assertThat(table.properties())
                .containsEntry("firn.topic", topic.topic())
                .containsEntry(
                        "firn.commit-seq",
                        table.currentSnapshot().summary().get("firn.commit-seq"));
        assertThat(files(table)).isEqualTo(2);
        ColdState state = client.coldState(topic.topicId(), 0);
        assertThat(state.segments()).hasSize(2);
        assertThat(client.coldStateSince(topic.topicId(), 0, state.generation())).isEmpty();
    }

    @Test
    void aTableTakesTheNameThatItsTopicAsksForLater() { // D7
        TableSpec first = client.table(topic, "", Set.of());
        client.raiseFence(topic.topicId(), 0, 5, 0);
        upload(first, 0, 0, 100, 5);
        String name = "lines_" + UUID.randomUUID().toString().substring(0, 6);

        TableSpec renamed = client.table(topic, name, Set.of());
        assertThat(renamed.name()).isEqualTo(name);
        assertThat(renamed.location()).isEqualTo(first.location());
        upload(renamed, 0, 100, 150, 5);
        assertThat(client.awaitCommitted(topic.topicId(), 0, 150, Duration.ofSeconds(10)))
                .isEqualTo(150);
        assertThat(files(engine.loadTable(TableIdentifier.of("public", name)))).isEqualTo(2);
        assertThat(engine.tableExists(TableIdentifier.of("public", first.name()))).isFalse();

        var other = new TopicRef("public", topic.topic() + "-2", UUID.randomUUID());
        String kept = client.table(other, "", Set.of()).name();
        assertThat(client.table(other, name, Set.of()).name()).isEqualTo(kept); // it is taken
    }

    @Test
    void retentionTakesFilesFromTheTableAndTheirObjectsLater() throws Exception {
        TableSpec spec = client.table(topic, "", Set.of());
        client.raiseFence(topic.topicId(), 0, 1, 0);
        String old = upload(spec, 0, 0, 10, 1);
        client.awaitCommitted(topic.topicId(), 0, 10, Duration.ofSeconds(10));
        client.advanceLogStart(topic.topicId(), 0, 10);
        // Each commit is a snapshot; two stay, so the first one's file goes after the third.
        for (long start = 10; start < 60; start += 10) {
            upload(spec, 0, start, start + 10, 1);
            client.awaitCommitted(topic.topicId(), 0, start + 10, Duration.ofSeconds(10));
        }

        Table table = engine.loadTable(TableIdentifier.of("public", spec.name()));
        assertThat(files(table)).isEqualTo(5);
        Instant until = Instant.now().plusSeconds(10);
        while (TestCatalog.OBJECTS.head(ObjectKey.ofAddress(old)).isPresent()
                && Instant.now().isBefore(until)) {
            Thread.sleep(100);
        }
        assertThat(TestCatalog.OBJECTS.head(ObjectKey.ofAddress(old))).isEmpty();
        table.refresh();
        assertThat(files(table)).isEqualTo(5); // the current snapshot still reads
    }

    @Test
    void aLowerEpochIsFencedAndADroppedTopicGone() {
        TableSpec spec = client.table(topic, "", Set.of());
        client.raiseFence(topic.topicId(), 0, 2, 0);
        assertThatThrownBy(() -> client.raiseFence(topic.topicId(), 0, 1, 0))
                .isInstanceOf(FencedException.class);

        client.dropTopic(topic.topicId());
        client.dropTopic(topic.topicId());
        assertThatThrownBy(() -> client.table(topic, "", Set.of()))
                .isInstanceOf(TopicDroppedException.class);
        assertThat(engine.tableExists(TableIdentifier.of("public", spec.name()))).isFalse();
    }

    @Test
    void aSecondTopicOfTheSameTableNameGetsItsOwnTable() {
        TableSpec first = client.table(topic, "", Set.of());
        TopicRef other = new TopicRef("public", topic.topic().replace('.', '_'), UUID.randomUUID());
        TableSpec second = client.table(other, "", Set.of());
        assertThat(second.name())
                .isEqualTo(
                        first.name()
                                + "_"
                                + other.topicId().toString().replace("-", "").substring(0, 6));
    }

    @Test
    void aRegisteredAvroSchemaBecomesColumns() throws Exception {
        String avro =
                "{\"type\":\"record\",\"name\":\"R\",\"fields\":[{\"name\":\"amount\",\"type\":\"long\"}]}";
        HttpResponse<String> registered =
                post(
                        "/registry/subjects/" + topic.topic() + "-value/versions",
                        "{\"schema\":" + quote(avro) + "}");
        assertThat(registered.statusCode()).isEqualTo(200);
        int id = Integer.parseInt(registered.body().replaceAll("[^0-9]", ""));
        TableSpec spec = client.table(topic, "", Set.of(id));
        assertThat(spec.icebergSchemaJson()).contains("amount");
        assertThat(spec.layout()).isEqualTo("compact");
        assertThat(client.table(topic, "", Set.of(id))).isEqualTo(spec);
        assertThat(client.schema(id).orElseThrow().text()).contains("amount");
        assertThat(client.schema(999_999)).isEmpty();
        assertThatThrownBy(() -> client.table(topic, "", Set.of(999_999)))
                .isInstanceOf(CatalogRefusedException.class);
    }

    @Test
    void aSchemaThatIsNotAvroGivesNoColumnsAndNoError() throws Exception {
        String text = "{\"type\":\"object\",\"title\":\"" + topic.topic() + "\"}";
        int json =
                TestCatalog.store()
                        .schemas()
                        .register(
                                "public",
                                topic.topic() + "-value",
                                new SchemaStore.NewSchema("JSON", text, text, "[]"),
                                null,
                                all -> {});

        TableSpec spec = client.table(topic, "", Set.of(json));

        assertThat(spec.layout()).isEqualTo("raw");
        assertThat(spec).isEqualTo(client.table(topic, "", Set.of()));
    }

    @Test
    void theRegistrySpeaksAsConfluentsDoes() throws Exception {
        String name = "s-" + UUID.randomUUID();
        String subject = name + "%20a%2Bb-value"; // as a path: s a+b-value
        String v1 =
                "{\"type\":\"record\",\"name\":\"U\",\"fields\":[{\"name\":\"a\",\"type\":\"int\"}]}";
        String same = v1.replace(",", " , ").replace(":", " : ");
        String body = "{\"schema\":" + quote(v1) + "}";
        HttpResponse<String> first = post("/registry/subjects/" + subject + "/versions", body);
        HttpResponse<String> again =
                post(
                        "/registry/subjects/" + subject + "/versions?normalize=false",
                        "{\"schema\":" + quote(same) + "}");
        assertThat(again.body()).isEqualTo(first.body());
        assertThat(first.headers().firstValue("content-type").orElse(""))
                .startsWith("application/vnd.schemaregistry.v1+json");
        assertThat(post("/registry/subjects/" + subject, body).body())
                .contains("\"version\":1")
                .contains("\"subject\":\"" + name + " a+b-value\"");
        assertThat(get("/registry/subjects").body()).contains(name + " a+b-value");
        assertThat(get("/registry/subjects/" + subject + "/versions").body()).isEqualTo("[1]");
        assertThat(get("/registry/subjects/" + subject + "/versions/latest").body())
                .contains("\"version\":1");
        assertThat(get("/registry/config").body()).contains("BACKWARD");
        assertThat(get("/registry/schemas/ids/424242").body()).contains("40403");
        assertThat(get("/registry/subjects/none/versions").statusCode()).isEqualTo(404);
        assertThat(get("/registry/subjects/none/versions").body()).contains("40401");

        String incompatible =
                "{\"type\":\"record\",\"name\":\"U\",\"fields\":[{\"name\":\"b\",\"type\":\"int\"}]}";
        HttpResponse<String> refused =
                post(
                        "/registry/subjects/" + subject + "/versions",
                        "{\"schema\":" + quote(incompatible) + "}");
        assertThat(refused.statusCode()).isEqualTo(409);
        HttpResponse<String> protobuf =
                post(
                        "/registry/subjects/" + subject + "/versions",
                        "{\"schemaType\":\"PROTOBUF\",\"schema\":\"x\"}");
        assertThat(protobuf.statusCode()).isEqualTo(422);
        assertThat(protobuf.body()).contains("42201").contains("PROTOBUF");
    }

    @Test
    void anIcebergClientCreatesWritesRenamesAndDropsItsOwnTables() {
        Namespace namespace =
                Namespace.of("n " + UUID.randomUUID().toString().substring(0, 8), "b.c");
        engine.createNamespace(namespace, new HashMap<>(Map.of("owner", "me")));
        assertThat(engine.loadNamespaceMetadata(namespace)).containsEntry("owner", "me");
        TableIdentifier name = TableIdentifier.of(namespace, "t+1");
        Schema schema = new Schema(Types.NestedField.required(1, "id", Types.LongType.get()));
        Table table = engine.createTable(name, schema);
        table.newAppend().appendFile(file(table.location() + "/data/x.parquet", 7)).commit();
        assertThat(engine.loadTable(name).currentSnapshot().summary())
                .containsEntry("total-records", "7");
        assertThat(engine.listTables(namespace)).containsExactly(name);
        assertThatThrownBy(() -> engine.createTable(name, schema))
                .isInstanceOf(AlreadyExistsException.class);
        assertThatThrownBy(() -> engine.dropNamespace(namespace))
                .isInstanceOf(NamespaceNotEmptyException.class);
        TableIdentifier renamed = TableIdentifier.of(namespace, "t2");
        engine.renameTable(name, renamed);
        assertThat(engine.tableExists(name)).isFalse();
        assertThat(engine.dropTable(renamed)).isTrue();
        assertThatThrownBy(() -> engine.loadTable(renamed))
                .isInstanceOf(NoSuchTableException.class);
        engine.dropNamespace(namespace);
        assertThat(engine.namespaceExists(namespace)).isFalse();
    }

    @Test
    void topicTablesAreReadOnlyFromOutside() {
        TableSpec spec = client.table(topic, "", Set.of());
        TableIdentifier name = TableIdentifier.of("public", spec.name());
        Table table = engine.loadTable(name);
        assertThatThrownBy(() -> table.updateProperties().set("a", "b").commit())
                .isInstanceOf(ForbiddenException.class)
                .hasMessageContaining("past of a Firn topic");
        assertThatThrownBy(() -> engine.dropTable(name)).isInstanceOf(ForbiddenException.class);
        assertThatThrownBy(
                        () -> engine.renameTable(name, TableIdentifier.of("public", "elsewhere")))
                .isInstanceOf(ForbiddenException.class);
        assertThatThrownBy(
                        () ->
                                engine.buildTable(name, table.schema())
                                        .replaceTransaction()
                                        .commitTransaction())
                .isInstanceOf(ForbiddenException.class);
    }

    @Test
    void aLoadedTableVendsWhatEnginesNeedAndKeysOnlyOnDemand() throws Exception {
        TableSpec spec = client.table(topic, "", Set.of());
        String path = "/iceberg/v1/namespaces/public/tables/" + spec.name();
        String without = get(path).body();
        assertThat(without)
                .contains("\"s3.endpoint\":\"http://127.0.0.1:9000/\"")
                .contains("\"s3.path-style-access\":\"true\"")
                .contains("\"client.region\":\"us-east-1\"")
                .contains("\"s3.region\":\"us-east-1\"")
                .doesNotContain("secret");
        HttpResponse<String> with =
                http.send(
                        HttpRequest.newBuilder(TestCatalog.uri().resolve(path))
                                .header("X-Iceberg-Access-Delegation", "vended-credentials")
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
        assertThat(with.body()).contains("\"s3.secret-access-key\":\"secret\"");
        assertThat(post(path + "/metrics", "{}").statusCode()).isEqualTo(204);
        assertThat(get("/iceberg/v1/config?warehouse=x").statusCode()).isEqualTo(200);
        assertThat(get("/iceberg/v1/namespaces?parent=public").body())
                .contains("\"namespaces\":[]");
    }

    @Test
    void theDoorsAnswerAndTheInternalOneAsksForTheKey() throws Exception {
        client.table(topic, "", Set.of());
        assertThat(get("/").body()).contains("/iceberg");
        assertThat(get("/health").body()).contains("UP");
        assertThat(get("/v1/topics").body()).contains(topic.topic());
        assertThat(get("/v1/topics/" + UUID.randomUUID()).statusCode()).isEqualTo(404);
        assertThat(get("/prometheus").body()).contains("firn_table_commit_lag");
        assertThat(get("/internal/v1/schemas/1").statusCode()).isEqualTo(401);
        try (HttpCatalogClient wrong =
                new HttpCatalogClient(TestCatalog.uri(), new byte[] {1, 2})) {
            assertThatThrownBy(() -> wrong.schema(1)).isInstanceOf(CatalogRefusedException.class);
        }
        try (HttpCatalogClient nobody =
                new HttpCatalogClient(URI.create("http://127.0.0.1:1"), TestCatalog.KEY)) {
            assertThatThrownBy(() -> nobody.schema(1))
                    .isInstanceOf(CatalogUnavailableException.class);
        }
    }

    @Test
    void theOrphanSweepDeletesOnlyWhatNothingNames() throws Exception { // C6, C12
        TableSpec spec = client.table(topic, "", Set.of());
        client.raiseFence(topic.topicId(), 0, 1, 0);
        String committed = upload(spec, 0, 0, 10, 1);
        client.awaitCommitted(topic.topicId(), 0, 10, Duration.ofSeconds(10));
        String waiting = upload(spec, 0, 20, 30, 1); // after a gap: never committed
        String orphan = spec.location() + "/data/0/" + UUID.randomUUID() + ".parquet";
        TestCatalog.OBJECTS.putIfAbsent(ObjectKey.ofAddress(orphan), new byte[] {9});

        sweep(Duration.ofHours(23));
        assertThat(isThere(orphan)).isTrue();

        sweep(Duration.ofHours(25));
        assertThat(isThere(orphan)).isFalse();
        assertThat(isThere(committed)).isTrue();
        assertThat(isThere(waiting)).isTrue();
    }

    @Test
    void nothingIsSweptWhenTheTableWasNewerOnce() throws Exception { // C16
        TableSpec spec = client.table(topic, "", Set.of());
        String forgotten = spec.location() + "/data/0/" + UUID.randomUUID() + ".parquet";
        TestCatalog.OBJECTS.putIfAbsent(ObjectKey.ofAddress(forgotten), new byte[] {9});
        TestCatalog.OBJECTS.putIfAbsent(
                ObjectKey.ofAddress(spec.location() + "/metadata/00007-x.metadata.json"),
                new byte[] {1});

        sweep(Duration.ofHours(25));

        assertThat(isThere(forgotten)).isTrue();
    }

    private static void sweep(Duration later) throws Exception {
        new OrphanSweep(
                        TestCatalog.server().services().backends(),
                        new MetadataFiles("lake", () -> TestCatalog.OBJECTS),
                        () -> Instant.now().plus(later),
                        new SimpleMeterRegistry())
                .sweep();
    }

    private static boolean isThere(String path) {
        return TestCatalog.OBJECTS.head(ObjectKey.ofAddress(path)).isPresent();
    }

    // --- helpers -----------------------------------------------------------------------------

    private static final HttpClient http = HttpClient.newHttpClient();

    private static HttpResponse<String> get(String path) throws Exception {
        return http.send(
                HttpRequest.newBuilder(TestCatalog.uri().resolve(path)).build(),
                HttpResponse.BodyHandlers.ofString());
    }

    private static HttpResponse<String> post(String path, String body) throws Exception {
        return http.send(
                HttpRequest.newBuilder(TestCatalog.uri().resolve(path))
                        .header("Content-Type", "application/vnd.schemaregistry.v1+json")
                        .POST(HttpRequest.BodyPublishers.ofString(body))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    private static String quote(String text) {
        return "\"" + text.replace("\"", "\\\"") + "\"";
    }

    private static int files(Table table) {
        int count = 0;
        try (var tasks = table.newScan().planFiles()) {
            for (var ignored : tasks) {
                count++;
            }
        } catch (java.io.IOException e) {
            throw new IllegalStateException(e);
        }
        return count;
    }

    private static DataFile file(String path, long rows) {
        return DataFiles.builder(PartitionSpec.unpartitioned())
                .withPath(path)
                .withFormat("parquet")
                .withFileSizeInBytes(4)
                .withRecordCount(rows)
                .build();
    }

    private String upload(TableSpec spec, int partition, long start, long end, int epoch) {
        UUID segment = UUID.randomUUID();
        UUID file = UUID.randomUUID();
        client.prepared(
                new SegmentRow(
                        segment,
                        topic.topicId(),
                        partition,
                        start,
                        end,
                        epoch,
                        "raw",
                        new byte[] {1, 2},
                        null,
                        null,
                        new byte[0],
                        1,
                        Instant.now().plusSeconds(300)));
        String path = spec.location() + "/data/" + partition + "/" + segment + ".parquet";
        TestCatalog.OBJECTS.putIfAbsent(ObjectKey.ofAddress(path), new byte[] {1, 2, 3, 4});
        client.uploaded(
                segment,
                new FileRow(
                        file,
                        path,
                        4,
                        "crc32c:0",
                        ContentFileParser.toJson(
                                file(path, end - start), PartitionSpec.unpartitioned())),
                List.of(new ExtentRow(segment, file, start, end, "{}")));
        return path;
    }
}
