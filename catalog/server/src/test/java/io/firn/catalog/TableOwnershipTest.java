package io.firn.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;

import io.firn.catalog.client.HttpCatalogClient;
import io.firn.catalog.iceberg.MetadataFiles;
import io.firn.catalog.store.table.TableRow;
import io.firn.objectstore.ObjectKey;

import org.apache.iceberg.DataFile;
import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.FileMetadata;
import org.apache.iceberg.ManifestFile;
import org.apache.iceberg.ManifestFiles;
import org.apache.iceberg.ManifestWriter;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.TableMetadataParser;
import org.apache.iceberg.catalog.Namespace;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.exceptions.BadRequestException;
import org.apache.iceberg.exceptions.ForbiddenException;
import org.apache.iceberg.rest.RESTCatalog;
import org.apache.iceberg.types.Types;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;

/// A table owns its folder (C18): whatever route names a location, nothing reaches into another
/// table's, a topic's above all.
class TableOwnershipTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final HttpClient HTTP = HttpClient.newHttpClient();
    private static final Schema SCHEMA =
            new Schema(Types.NestedField.required(1, "id", Types.LongType.get()));
    private static final Namespace NAMESPACE =
            Namespace.of("own" + UUID.randomUUID().toString().substring(0, 8));

    private static RESTCatalog engine;
    private static TestTopic topic;
    private static String topicFolder;
    private static String topicMetadata;
    private static String topicFile;
    private static Table other;
    private static Table mine;

    @BeforeAll
    static void twoTablesAndATopic() throws Exception {
        engine = new RESTCatalog();
        engine.initialize(
                "firn",
                Map.of(
                        "uri",
                        TestCatalog.uri() + "/iceberg",
                        "io-impl",
                        InMemoryFileIO.class.getName()));
        topic = new TestTopic(TestCatalog.OBJECTS);
        try (HttpCatalogClient client = TestCatalog.client()) {
            topicFolder = topic.table(client).location();
            topicFile = topic.commit(client, 0, 10);
        }
        topicMetadata = topicPointer();
        engine.createNamespace(NAMESPACE);
        other = engine.createTable(TableIdentifier.of(NAMESPACE, "other"), SCHEMA);
        other.newAppend().appendFile(file(other.location() + "/data/x.parquet")).commit();
        TestCatalog.OBJECTS.putIfAbsent(
                ObjectKey.ofAddress(other.location() + "/data/x.parquet"), new byte[] {1});
        mine = engine.createTable(TableIdentifier.of(NAMESPACE, "mine"), SCHEMA);
    }

    @AfterAll
    static void disconnect() throws Exception {
        engine.close();
    }

    @Test
    void aTableDoesNotGrowBeyondWhatAProcessCanLoad() {
        TableIdentifier name = TableIdentifier.of(NAMESPACE, "big");
        Table big = engine.createTable(name, SCHEMA);
        big.updateProperties().set("a", "x".repeat(5 << 20)).commit();
        assertThatThrownBy(() -> big.updateProperties().set("b", "y".repeat(5 << 20)).commit())
                .isInstanceOf(BadRequestException.class)
                .hasMessageContaining("at most 8388608 are kept")
                .hasMessageContaining("remove properties");
        Table again = engine.loadTable(name);
        assertThat(again.properties()).containsKey("a").doesNotContainKey("b");
        again.updateProperties().remove("a").set("b", "y").commit();
        assertThat(again.properties()).containsEntry("b", "y");
        engine.dropTable(name, false);
    }

    /// Firn alone writes it and takes care of what grows; offload must never end for a bound.
    @Test
    void aTopicsTableGoesOnBeyondWhatAnEnginesOwnMayHave() throws Exception {
        TestTopic grown = new TestTopic(TestCatalog.OBJECTS);
        try (HttpCatalogClient client = TestCatalog.client()) {
            String folder = grown.table(client).location();
            TableRow row =
                    TestCatalog.store().tables().topicTables().stream()
                            .filter(t -> grown.ref.topicId().equals(t.topicId()))
                            .findFirst()
                            .orElseThrow();
            String before = row.metadataLocation();
            TableMetadata small =
                    TableMetadataParser.fromJson(
                            new String(
                                    TestCatalog.OBJECTS.read(ObjectKey.ofAddress(before)),
                                    StandardCharsets.UTF_8));
            TableMetadata large =
                    TableMetadata.buildFrom(small)
                            .setProperties(Map.of("large", "x".repeat(9 << 20)))
                            .build();
            String after = folder + "/metadata/00001-" + UUID.randomUUID() + ".metadata.json";
            TestCatalog.OBJECTS.putIfAbsent(
                    ObjectKey.ofAddress(after),
                    TableMetadataParser.toJson(large).getBytes(StandardCharsets.UTF_8));
            TestCatalog.store().tables().swap(row.tableId(), before, after, List.of());
            grown.commit(client, 0, 10);
            Table table = engine.loadTable(TableIdentifier.of(row.namespace(), row.name()));
            assertThat(table.properties().get("large")).hasSize(9 << 20);
            assertThat(table.currentSnapshot()).isNotNull();
        }
    }

    @Test
    void metadataThatIsTooLargeIsRefusedInWordsAndNotRead() throws Exception {
        Table huge = engine.createTable(TableIdentifier.of(NAMESPACE, "huge"), SCHEMA);
        String location =
                huge.location() + "/metadata/00009-" + UUID.randomUUID() + ".gz.metadata.json";
        var packed = new ByteArrayOutputStream();
        try (var out = new GZIPOutputStream(packed)) {
            out.write(new byte[64 << 20]);
        }
        TestCatalog.OBJECTS.putIfAbsent(ObjectKey.ofAddress(location), packed.toByteArray());
        engine.dropTable(TableIdentifier.of(NAMESPACE, "huge"), false);
        assertThatThrownBy(
                        () -> engine.registerTable(TableIdentifier.of(NAMESPACE, "huge"), location))
                .isInstanceOf(BadRequestException.class)
                .hasMessageContaining("at most 8388608 bytes are read");
    }

    @Test
    void aNamespaceDoesNotGrowWithoutEnd() {
        Namespace namespace = Namespace.of(NAMESPACE.level(0) + "-growing");
        engine.createNamespace(namespace);
        assertThatThrownBy(
                        () ->
                                engine.setProperties(
                                        namespace, new HashMap<>(Map.of("a", "x".repeat(2 << 20)))))
                .isInstanceOf(BadRequestException.class)
                .hasMessageContaining("at most 1048576 are kept");
    }

    /// Where a request would like to be.
    enum Place {
        TOPIC,
        TOPIC_BELOW,
        TOPIC_DATA,
        TOPIC_METADATA,
        OTHER_TABLE,
        OTHER_TABLE_BELOW,
        ALL_TABLES,
        ALL_OF_A_TENANT,
        BUCKET,
        NEW_AMONG_TOPICS,
        TWO_LEVELS_DOWN,
        OUT_BY_DOTS,
        EMPTY_PART,
        ENCODED_DOTS,
        ANOTHER_BUCKET,
        ANOTHER_SCHEME,
        LOCAL_FILES,
        NOTHING;

        String address() {
            return switch (this) {
                case TOPIC -> topicFolder;
                case TOPIC_BELOW -> topicFolder + "/mine";
                case TOPIC_DATA -> topicFolder + "/data/mine";
                case TOPIC_METADATA -> topicFolder + "/metadata";
                case OTHER_TABLE -> other.location();
                case OTHER_TABLE_BELOW -> other.location() + "/data";
                case ALL_TABLES -> "s3://lake/tables";
                case ALL_OF_A_TENANT -> "s3://lake/public";
                case BUCKET -> "s3://lake";
                case NEW_AMONG_TOPICS -> "s3://lake/public/mine-" + UUID.randomUUID();
                case TWO_LEVELS_DOWN -> "s3://lake/tables/a/" + UUID.randomUUID();
                case OUT_BY_DOTS ->
                        mine.location()
                                + "/../"
                                + other.location().substring("s3://lake/tables/".length());
                case EMPTY_PART -> "s3://lake/tables//" + UUID.randomUUID();
                case ENCODED_DOTS -> "s3://lake/tables/%2e%2e/" + UUID.randomUUID();
                case ANOTHER_BUCKET -> "s3://elsewhere/tables/" + UUID.randomUUID();
                case ANOTHER_SCHEME -> "s3a://lake/tables/" + UUID.randomUUID();
                case LOCAL_FILES -> "file:/tmp/" + UUID.randomUUID();
                case NOTHING -> "";
            };
        }
    }

    /// Requests that say where something is, or is to be.
    enum Route {
        CREATE,
        STAGED_CREATE,
        COMMIT_OF_A_STAGED_CREATE,
        CREATE_WITH_DATA_PATH,
        CREATE_WITH_METADATA_PATH,
        SET_LOCATION,
        SET_DATA_PATH,
        SET_OBJECT_STORAGE_PATH,
        SET_FOLDER_STORAGE_PATH,
        SET_METADATA_PATH,
        SNAPSHOT_WITH_MANIFEST_LIST,
        STATISTICS,
        PARTITION_STATISTICS,
        REGISTER,
        REGISTER_A_COPY_THAT_LIES_THERE,
        REGISTER_A_COPY_WHOSE_LOG_LIES_THERE,
        REGISTER_A_COPY_WHOSE_SNAPSHOTS_LIE_THERE;

        int send(String place) throws Exception {
            String tables = "/namespaces/" + NAMESPACE + "/tables";
            String name = "t" + UUID.randomUUID().toString().substring(0, 8);
            return switch (this) {
                case CREATE -> post(tables, create(name, place, Map.of(), false));
                case STAGED_CREATE -> post(tables, create(name, place, Map.of(), true));
                case COMMIT_OF_A_STAGED_CREATE -> commitStaged(name, place);
                case CREATE_WITH_DATA_PATH ->
                        post(tables, create(name, null, Map.of("write.data.path", place), false));
                case CREATE_WITH_METADATA_PATH ->
                        post(
                                tables,
                                create(name, null, Map.of("write.metadata.path", place), false));
                case SET_LOCATION ->
                        update("{\"action\":\"set-location\",\"location\":%s}".formatted(q(place)));
                case SET_DATA_PATH -> setProperty("write.data.path", place);
                case SET_OBJECT_STORAGE_PATH -> setProperty("write.object-storage.path", place);
                case SET_FOLDER_STORAGE_PATH -> setProperty("write.folder-storage.path", place);
                case SET_METADATA_PATH -> setProperty("write.metadata.path", place);
                case SNAPSHOT_WITH_MANIFEST_LIST -> update(snapshot(place + "/snap-1.avro"));
                case STATISTICS ->
                        update(
                                "{\"action\":\"set-statistics\",\"snapshot-id\":7,\"statistics\":{\"snapshot-id\":7,\"statistics-path\":%s,\"file-size-in-bytes\":1,\"file-footer-size-in-bytes\":1,\"blob-metadata\":[]}}"
                                        .formatted(q(place + "/s.puffin")));
                case PARTITION_STATISTICS ->
                        update(
                                "{\"action\":\"set-partition-statistics\",\"partition-statistics\":{\"snapshot-id\":7,\"statistics-path\":%s,\"file-size-in-bytes\":1}}"
                                        .formatted(q(place + "/s.parquet")));
                case REGISTER ->
                        register(
                                name,
                                place.equals(topicFolder)
                                        ? topicMetadata
                                        : place.equals(other.location())
                                                ? pointer(other)
                                                : place + "/metadata/00000-a.metadata.json");
                case REGISTER_A_COPY_THAT_LIES_THERE ->
                        register(name, copy(m -> m.put("location", place)));
                case REGISTER_A_COPY_WHOSE_LOG_LIES_THERE ->
                        register(
                                name,
                                copy(
                                        m ->
                                                m.putArray("metadata-log")
                                                        .addObject()
                                                        .put("timestamp-ms", 1)
                                                        .put("metadata-file", place + "/m.json")));
                case REGISTER_A_COPY_WHOSE_SNAPSHOTS_LIE_THERE ->
                        register(
                                name,
                                copy(
                                        m ->
                                                ((ObjectNode) m.get("snapshots").get(0))
                                                        .put(
                                                                "manifest-list",
                                                                place + "/snap-1.avro")));
            };
        }
    }

    static Stream<Arguments> everyRouteToEveryPlace() {
        return Stream.of(Route.values())
                .flatMap(
                        route ->
                                Stream.of(Place.values())
                                        .filter(place -> isAsked(route, place))
                                        .map(place -> Arguments.of(route, place)));
    }

    /// No location at all is a request for one of the catalog's own.
    private static boolean isAsked(Route route, Place place) {
        return place != Place.NOTHING
                || (route != Route.CREATE
                        && route != Route.STAGED_CREATE
                        && route != Route.COMMIT_OF_A_STAGED_CREATE);
    }

    @ParameterizedTest
    @MethodSource("everyRouteToEveryPlace")
    void nothingIsMadeOrNamedOutsideOfTheTablesOwnFolder(Route route, Place place)
            throws Exception {
        Map<String, Integer> before = objects(topicFolder);
        before.putAll(objects(other.location()));

        int status = route.send(place.address());

        assertThat(status).isBetween(400, 499);
        Map<String, Integer> after = objects(topicFolder);
        after.putAll(objects(other.location()));
        assertThat(after).isEqualTo(before);
        assertThat(TestCatalog.store().tables().tables(NAMESPACE.toString()))
                .extracting(t -> t.name())
                .doesNotHaveDuplicates()
                .containsExactlyInAnyOrder("mine", "other");
    }

    @Test
    void insideItsOwnFolderATableMayBeWhereItLikes() throws Exception {
        String free = "s3://lake/tables/chosen-" + UUID.randomUUID();
        assertThat(Route.CREATE.send(free)).isEqualTo(200);
        String staged = "s3://lake/tables/staged-" + UUID.randomUUID();
        assertThat(Route.STAGED_CREATE.send(staged)).isEqualTo(200);
        assertThat(Route.COMMIT_OF_A_STAGED_CREATE.send(staged)).isEqualTo(200);
        assertThat(Route.COMMIT_OF_A_STAGED_CREATE.send(staged)).isEqualTo(403); // taken now
        assertThat(Route.SET_LOCATION.send(mine.location())).isEqualTo(200);
        assertThat(Route.SET_DATA_PATH.send(mine.location() + "/data/here")).isEqualTo(200);
        assertThat(Route.SET_METADATA_PATH.send(mine.location() + "/metadata")).isEqualTo(200);
        for (var row : TestCatalog.store().tables().tables(NAMESPACE.toString())) {
            if (row.name().startsWith("t")) {
                engine.dropTable(TableIdentifier.of(NAMESPACE, row.name()), true);
            }
        }
    }

    enum Named {
        DATA_FILE,
        DELETE_FILE,
        MANIFEST
    }

    @ParameterizedTest
    @EnumSource
    void aCommitThatNamesAnothersFileIsRefused(Named named) {
        for (String victim : List.of(topicFile, other.location() + "/data/x.parquet")) {
            assertThatThrownBy(
                            () -> {
                                switch (named) {
                                    case DATA_FILE ->
                                            mine.newAppend().appendFile(file(victim)).commit();
                                    case DELETE_FILE ->
                                            mine.newRowDelta().addDeletes(deletes(victim)).commit();
                                    case MANIFEST ->
                                            mine.newFastAppend()
                                                    .appendManifest(
                                                            manifest(
                                                                    victim + ".avro",
                                                                    mine.location() + "/data/m"))
                                                    .commit();
                                }
                            })
                    .isInstanceOf(ForbiddenException.class)
                    .hasMessageContaining("own folder");
        }
        mine.refresh();
        mine.newAppend().appendFile(file(mine.location() + "/data/" + named)).commit();
        mine.refresh();
        mine.newRowDelta().addDeletes(deletes(mine.location() + "/data/d" + named)).commit();
    }

    @Test
    void aPurgeEmptiesTheTablesOwnFolderOnly() throws Exception {
        Map<String, Integer> before = objects(topicFolder);
        before.putAll(objects(other.location()));
        TableIdentifier name = TableIdentifier.of(NAMESPACE, "doomed");
        Table doomed = engine.createTable(name, SCHEMA);
        doomed.newAppend().appendFile(file(doomed.location() + "/data/a.parquet")).commit();
        String beside = doomed.location() + "-beside/data/a.parquet";
        for (String path : List.of(doomed.location() + "/data/a.parquet", beside)) {
            TestCatalog.OBJECTS.putIfAbsent(ObjectKey.ofAddress(path), new byte[] {1});
        }

        assertThat(engine.dropTable(name, true)).isTrue();

        assertThat(engine.tableExists(name)).isFalse();
        assertThat(Route.CREATE.send(doomed.location())).isEqualTo(403); // until it is emptied
        Instant end = Instant.now().plusSeconds(30);
        while (!objects(doomed.location()).isEmpty() && Instant.now().isBefore(end)) {
            Thread.sleep(100);
        }
        assertThat(objects(doomed.location())).isEmpty();
        assertThat(TestCatalog.OBJECTS.head(ObjectKey.ofAddress(beside))).isPresent();
        Map<String, Integer> after = objects(topicFolder);
        after.putAll(objects(other.location()));
        assertThat(after).isEqualTo(before);
    }

    @Test
    void aTableThatWasDroppedAndNotPurgedCanBeRegisteredAgainAndOnlyOnce() throws Exception {
        TableIdentifier name = TableIdentifier.of(NAMESPACE, "lost");
        Table lost = engine.createTable(name, SCHEMA);
        lost.newAppend().appendFile(file(lost.location() + "/data/a.parquet")).commit();
        String metadata = pointer(lost);
        assertThatThrownBy(
                        () -> engine.registerTable(TableIdentifier.of(NAMESPACE, "two"), metadata))
                .isInstanceOf(ForbiddenException.class)
                .hasMessageContaining("belongs to table");
        engine.dropTable(name, false);

        Table found = engine.registerTable(TableIdentifier.of(NAMESPACE, "found"), metadata);

        assertThat(found.currentSnapshot().summary()).containsEntry("total-records", "7");
        assertThatThrownBy(
                        () -> engine.registerTable(TableIdentifier.of(NAMESPACE, "two"), metadata))
                .isInstanceOf(ForbiddenException.class);
        assertThat(TestCatalog.OBJECTS.head(ObjectKey.ofAddress(metadata))).isPresent();
        engine.dropTable(TableIdentifier.of(NAMESPACE, "found"), true);
    }

    @Test
    void oldMetadataOfAnEnginesTableGoesWhenItAsksForThat() throws Exception {
        TableIdentifier name = TableIdentifier.of(NAMESPACE, "tidy");
        Table tidy =
                engine.createTable(
                        name,
                        SCHEMA,
                        PartitionSpec.unpartitioned(),
                        Map.of(
                                "write.metadata.delete-after-commit.enabled", "true",
                                "write.metadata.previous-versions-max", "2"));
        for (int i = 0; i < 6; i++) {
            tidy.updateProperties().set("i", Integer.toString(i)).commit();
        }
        assertThat(objects(tidy.location())).hasSize(3);
        engine.dropTable(name, true);
    }

    // --- helpers -----------------------------------------------------------------------------

    private static int commitStaged(String name, String place) throws Exception {
        String body =
                """
                {"requirements":[{"type":"assert-create"}],"updates":[
                 {"action":"assign-uuid","uuid":"%s"},
                 {"action":"upgrade-format-version","format-version":2},
                 {"action":"add-schema","schema":{"type":"struct","schema-id":0,"fields":[{"id":1,"name":"id","required":true,"type":"long"}]},"last-column-id":1},
                 {"action":"set-current-schema","schema-id":-1},
                 {"action":"add-spec","spec":{"spec-id":0,"fields":[]}},
                 {"action":"set-default-spec","spec-id":-1},
                 {"action":"add-sort-order","sort-order":{"order-id":0,"fields":[]}},
                 {"action":"set-default-sort-order","sort-order-id":-1},
                 {"action":"set-location","location":%s}]}
                """
                        .formatted(UUID.randomUUID(), q(place));
        return post("/namespaces/" + NAMESPACE + "/tables/" + name, body);
    }

    private static String create(
            String name, String location, Map<String, String> properties, boolean stage)
            throws Exception {
        ObjectNode body = JSON.createObjectNode().put("name", name).put("stage-create", stage);
        if (location != null) {
            body.put("location", location);
        }
        body.set(
                "schema",
                JSON.readTree(
                        "{\"type\":\"struct\",\"fields\":[{\"id\":1,\"name\":\"id\",\"required\":true,\"type\":\"long\"}]}"));
        body.set("properties", JSON.valueToTree(properties));
        return body.toString();
    }

    private static int setProperty(String key, String value) throws Exception {
        return update(
                "{\"action\":\"set-properties\",\"updates\":{%s:%s}}".formatted(q(key), q(value)));
    }

    private static String snapshot(String manifestList) {
        return """
        {"action":"add-snapshot","snapshot":{"snapshot-id":77,"sequence-number":100,"timestamp-ms":%d,"summary":{"operation":"append"},"manifest-list":%s,"schema-id":0}},
        {"action":"set-snapshot-ref","ref-name":"other","type":"branch","snapshot-id":77}
        """
                .formatted(System.currentTimeMillis(), q(manifestList));
    }

    private static int update(String updates) throws Exception {
        return post(
                "/namespaces/" + NAMESPACE + "/tables/mine",
                "{\"requirements\":[],\"updates\":[" + updates + "]}");
    }

    private static int register(String name, String metadata) throws Exception {
        return post(
                "/namespaces/" + NAMESPACE + "/register",
                JSON.createObjectNode()
                        .put("name", name)
                        .put("metadata-location", metadata)
                        .toString());
    }

    private interface Change {
        void of(ObjectNode metadata);
    }

    /// A copy of the other table's metadata in a free folder, as one may put it there by S3.
    private static String copy(Change change) throws Exception {
        String folder = "s3://lake/tables/copy-" + UUID.randomUUID();
        JsonNode metadata =
                JSON.readTree(TestCatalog.OBJECTS.read(ObjectKey.ofAddress(pointer(other))));
        ((ObjectNode) metadata).put("location", folder);
        ((ObjectNode) metadata).putArray("metadata-log");
        change.of((ObjectNode) metadata);
        String path = folder + "/metadata/00000-copy.metadata.json";
        TestCatalog.OBJECTS.putIfAbsent(
                ObjectKey.ofAddress(path), metadata.toString().getBytes(StandardCharsets.UTF_8));
        return path;
    }

    private static String pointer(Table table) throws Exception {
        String name = table.name().substring(table.name().lastIndexOf('.') + 1);
        return TestCatalog.store()
                .tables()
                .table(NAMESPACE.toString(), name)
                .orElseThrow()
                .metadataLocation();
    }

    private static String topicPointer() throws Exception {
        return TestCatalog.store().tables().topicTables().stream()
                .filter(t -> topic.ref.topicId().equals(t.topicId()))
                .findFirst()
                .orElseThrow()
                .metadataLocation();
    }

    private static DataFile file(String path) {
        return TestTopic.dataFile(path, 7);
    }

    private static DeleteFile deletes(String path) {
        return FileMetadata.deleteFileBuilder(PartitionSpec.unpartitioned())
                .ofPositionDeletes()
                .withPath(path)
                .withFormat("parquet")
                .withFileSizeInBytes(4)
                .withRecordCount(1)
                .build();
    }

    private static ManifestFile manifest(String path, String file) throws Exception {
        MetadataFiles files = new MetadataFiles("lake", () -> TestCatalog.OBJECTS);
        String unique = path.replace(".avro", "-" + UUID.randomUUID() + ".avro");
        ManifestWriter<DataFile> writer =
                ManifestFiles.write(
                        2, PartitionSpec.unpartitioned(), files.newOutputFile(unique), null);
        try (writer) {
            writer.add(file(file));
        }
        return writer.toManifestFile();
    }

    private static Map<String, Integer> objects(String folder) {
        Map<String, Integer> objects = new TreeMap<>();
        TestCatalog.OBJECTS
                .list(ObjectKey.ofAddress(folder).name() + "/")
                .forEach(
                        o ->
                                objects.put(
                                        o.key().name(),
                                        Arrays.hashCode(TestCatalog.OBJECTS.read(o.key()))));
        return objects;
    }

    private static String q(String text) {
        return "\"" + text + "\"";
    }

    private static int post(String path, String body) throws Exception {
        URI uri = TestCatalog.uri().resolve("/iceberg/v1" + path);
        HttpResponse<String> response =
                HTTP.send(
                        HttpRequest.newBuilder(uri)
                                .timeout(Duration.ofSeconds(30))
                                .header("Content-Type", "application/json")
                                .POST(HttpRequest.BodyPublishers.ofString(body))
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
        if (response.statusCode() >= 400) {
            assertThat(JSON.readTree(response.body()).path("error").path("message").asText())
                    .isNotBlank();
        }
        return response.statusCode();
    }
}
