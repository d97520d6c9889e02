package io.firn.catalog.iceberg;

import io.firn.catalog.client.CatalogRefusedException;
import io.firn.catalog.client.SchemaText;
import io.firn.catalog.client.TableSpec;
import io.firn.catalog.client.TopicDroppedException;
import io.firn.catalog.client.TopicRef;
import io.firn.catalog.registry.Registry;
import io.firn.catalog.store.CatalogStore;
import io.firn.catalog.store.sql.StoreConflictException;
import io.firn.catalog.store.table.TableRow;
import io.firn.catalog.store.table.TableStore.TopicPlan;
import io.firn.catalog.store.table.TopicRow;
import io.firn.catalog.store.table.TopicStore.TopicTable;
import io.firn.protocol.RateLimitedLog;
import io.firn.tiering.table.column.TopicTableSchema;

import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Schema;
import org.apache.iceberg.SchemaParser;
import org.apache.iceberg.SortOrder;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.TableMetadataParser;
import org.apache.iceberg.exceptions.CommitFailedException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.function.Supplier;

/// Makes the tables of topics and gives them the columns that schemas need.
public final class TopicTables {
    private static final Logger LOG = LoggerFactory.getLogger(TopicTables.class);
    private static final int ATTEMPTS = 8;

    private final RateLimitedLog taken = RateLimitedLog.everyMinute(LOG);

    private final Supplier<CatalogStore> store;
    private final MetadataFiles files;
    private final Registry registry;

    public TopicTables(Supplier<CatalogStore> store, MetadataFiles files, Registry registry) {
        this.store = store;
        this.files = files;
        this.registry = registry;
    }

    /// The topic's table, made and widened as needed.
    public TableSpec table(TopicRef topic, String requestedName, Set<Integer> schemaIds) {
        for (int attempt = 1; ; attempt++) {
            Optional<TopicRow> known = store.get().topics().topic(topic.topicId());
            if (known.isPresent() && known.get().dropped()) {
                throw new TopicDroppedException(
                        "Topic %s (%s) was deleted".formatted(topic.topic(), topic.topicId()));
            }
            try {
                if (known.isEmpty()) {
                    create(topic, requestedName);
                    continue;
                }
                return widen(named(topic, requestedName), schemaIds);
            } catch (StoreConflictException | CommitFailedException e) {
                // Another broker, or the committer, was first: look again.
                if (attempt == ATTEMPTS) {
                    throw e;
                }
            }
        }
    }

    private void create(TopicRef topic, String requestedName) {
        String first =
                requestedName.isEmpty() ? TopicProperties.tableName(topic.topic()) : requestedName;
        List<String> names =
                requestedName.isEmpty()
                        ? List.of(
                                first,
                                TopicProperties.secondTableName(topic.topic(), topic.topicId()))
                        : List.of(first);
        String name =
                names.stream()
                        .filter(n -> store.get().tables().table(topic.tenant(), n).isEmpty())
                        .findFirst()
                        .orElseThrow(
                                () ->
                                        new CatalogRefusedException(
                                                "Topic %s cannot have table %s.%s: that name is taken; set another firn.table.name"
                                                        .formatted(
                                                                topic.topic(),
                                                                topic.tenant(),
                                                                first)));
        Schema schema = TopicTableSchema.base();
        SortOrder order =
                SortOrder.builderFor(schema)
                        .asc(TopicTableSchema.PARTITION)
                        .asc(TopicTableSchema.OFFSET)
                        .build();
        String location =
                "%s%s/%s-%s".formatted(files.prefix(), topic.tenant(), name, topic.topicId());
        TableMetadata metadata =
                TableMetadata.newTableMetadata(
                        schema,
                        PartitionSpec.unpartitioned(),
                        order,
                        location,
                        TopicProperties.properties(topic.topic(), topic.topicId()));
        String pointer =
                "%s/metadata/00000-%s.metadata.json".formatted(location, UUID.randomUUID());
        TableMetadataParser.write(metadata, files.newOutputFile(pointer));
        UUID tableId = UUID.fromString(metadata.uuid());
        store.get()
                .topics()
                .create(
                        new TopicRow(
                                topic.topicId(),
                                topic.tenant(),
                                topic.topic(),
                                tableId,
                                "",
                                "raw",
                                false),
                        new TableRow(
                                tableId,
                                topic.tenant(),
                                name,
                                pointer,
                                location,
                                0,
                                topic.topicId()));
        LOG.info("Topic {} of {} has table {}", topic.topic(), topic.tenant(), name);
    }

    /// The topic's table, by the name that is asked for now: `firn.table.name` may change in its
    /// life. Its folder stays. A name that somebody else has is not taken, and offload goes on.
    private TopicTable named(TopicRef topic, String requestedName) {
        TopicTable both = topicTable(topic);
        TableRow table = both.table();
        if (requestedName.isEmpty() || requestedName.equals(table.name())) {
            return both;
        }
        try {
            store.get().tables().rename(table.tableId(), table.namespace(), requestedName);
        } catch (StoreConflictException e) {
            taken.warn(
                    "Topic {} of {} keeps table {}: its firn.table.name is {}, which another table has. Set another name.",
                    topic.topic(),
                    topic.tenant(),
                    table.name(),
                    requestedName);
            return both;
        }
        LOG.info(
                "Table {} of topic {} of {} is {} now",
                table.name(),
                topic.topic(),
                topic.tenant(),
                requestedName);
        return topicTable(topic);
    }

    private TopicTable topicTable(TopicRef topic) {
        return store.get()
                .topics()
                .topicTable(topic.topicId())
                .orElseThrow(
                        () ->
                                new CatalogRefusedException(
                                        "Topic %s has lost its table".formatted(topic.topic())));
    }

    /// Column plans and columns are of one moment, and are replaced together or not at all: plans
    /// older than the columns would give a field a second column beside its first, for good.
    private TableSpec widen(TopicTable both, Set<Integer> schemaIds) {
        TopicRow topic = both.topic();
        TableRow row = both.table();
        FirnTableOperations operations = operations(row);
        TableMetadata base = operations.refresh();
        if (!row.metadataLocation().equals(base.metadataFileLocation())) {
            throw new StoreConflictException("The table moved while its columns were planned");
        }
        Schema schema = base.schema();
        String mapping = topic.mapping();
        for (int id : new TreeSet<>(schemaIds)) {
            SchemaText text =
                    registry.schema(id)
                            .orElseThrow(
                                    () ->
                                            new CatalogRefusedException(
                                                    "Schema %d of topic %s is not registered"
                                                            .formatted(id, topic.topic())));
            if (!text.type().equals("AVRO")) {
                continue; // no columns yet for Protobuf and JSON: their values stay raw
            }
            TopicTableSchema.Evolved evolved =
                    TopicTableSchema.evolve(schema, mapping, id, text.text());
            schema = evolved.schema();
            mapping = evolved.mappingJson();
        }
        String layout = mapping.isEmpty() ? "raw" : "compact";
        TopicPlan plan = new TopicPlan(topic.mapping(), mapping, layout);
        if (!schema.sameSchema(base.schema())) {
            TableMetadata wider =
                    TableMetadata.buildFrom(base)
                            .setCurrentSchema(
                                    schema, Math.max(schema.highestFieldId(), base.lastColumnId()))
                            .build();
            operations.commit(
                    base,
                    wider,
                    move ->
                            store.get()
                                    .tables()
                                    .swap(
                                            row.tableId(),
                                            move.beforeLocation(),
                                            move.afterLocation(),
                                            move.dropped(),
                                            plan));
        } else if (!mapping.equals(topic.mapping())) {
            String same = row.metadataLocation();
            store.get().tables().swap(row.tableId(), same, same, List.of(), plan);
        }
        TableMetadata now = operations.refresh();
        return new TableSpec(
                row.tableId().toString(),
                row.namespace(),
                row.name(),
                now.location(),
                SchemaParser.toJson(now.schema()),
                mapping,
                layout,
                now.defaultSpecId());
    }

    private FirnTableOperations operations(TableRow row) {
        return operations(store, files, row);
    }

    static FirnTableOperations operations(
            Supplier<CatalogStore> store, MetadataFiles files, TableRow row) {
        return new FirnTableOperations(
                row.namespace() + "." + row.name(),
                store,
                () -> store.get().tables().table(row.tableId()),
                files,
                TablePrefix::new,
                (prefix, before, after, io) -> {}, // Firn alone writes it
                move ->
                        store.get()
                                .tables()
                                .swap(
                                        row.tableId(),
                                        move.beforeLocation(),
                                        move.afterLocation(),
                                        move.dropped()));
    }

    /// C14: leaves a tombstone, and drops the table unless it is to be kept.
    public void drop(UUID topicId, boolean keepTable) {
        store.get().topics().drop(topicId, keepTable);
    }
}
