package io.firn.catalog.iceberg;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;

import io.firn.catalog.store.StoreConflictException;
import io.firn.catalog.store.TableRow;
import io.firn.catalog.store.TableStore;

import org.apache.iceberg.BaseMetastoreCatalog;
import org.apache.iceberg.CatalogUtil;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.TableOperations;
import org.apache.iceberg.catalog.Namespace;
import org.apache.iceberg.catalog.SupportsNamespaces;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.exceptions.AlreadyExistsException;
import org.apache.iceberg.exceptions.ForbiddenException;
import org.apache.iceberg.exceptions.NamespaceNotEmptyException;
import org.apache.iceberg.exceptions.NoSuchNamespaceException;
import org.apache.iceberg.exceptions.NoSuchTableException;
import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Supplier;

/// Namespaces and tables as Iceberg's own code sees them; the REST controller works through it.
/// Topic tables can be read, but nothing from outside changes them.
public final class FirnCatalog extends BaseMetastoreCatalog implements SupportsNamespaces {
    private static final char SEPARATOR = '\u001f';

    private final transient Supplier<TableStore> tables;
    private final transient MetadataFiles files;
    private final transient ObjectMapper json = new ObjectMapper();

    public FirnCatalog(Supplier<TableStore> tables, MetadataFiles files) {
        this.tables = tables;
        this.files = files;
    }

    @Override
    public String name() {
        return "firn";
    }

    @Override
    public void initialize(String name, Map<String, String> properties) {
        // Everything came through the constructor.
    }

    @Override
    protected Map<String, String> properties() {
        return Map.of();
    }

    static String text(Namespace namespace) {
        return String.join(String.valueOf(SEPARATOR), namespace.levels());
    }

    private static Namespace namespace(String text) {
        return Namespace.of(text.split(String.valueOf(SEPARATOR), -1));
    }

    private Optional<TableRow> row(TableIdentifier table) {
        return tables.get().table(text(table.namespace()), table.name());
    }

    /// Refuses a change from outside to a topic's table (FORMAT §6.4 judges such commits later).
    public void refuseTopicTable(TableIdentifier table, String action) {
        if (row(table).map(TableRow::topicId).isPresent()) {
            throw new ForbiddenException(
                    "Cannot %s %s: the table is the past of a Firn topic and is written by Firn alone for now; change the topic instead",
                    action, table);
        }
    }

    @Override
    protected boolean isValidIdentifier(TableIdentifier table) {
        return table.namespace().levels().length > 0;
    }

    @Override
    protected TableOperations newTableOps(TableIdentifier table) {
        return new FirnTableOperations(
                table.toString(),
                () -> row(table),
                files,
                (before, beforeLocation, after, afterLocation) -> {
                    if (before == null) {
                        create(table, after, afterLocation);
                    } else {
                        refuseTopicTable(table, "commit to");
                        tables.get().swap(id(table, before), beforeLocation, afterLocation);
                    }
                });
    }

    private UUID id(TableIdentifier table, TableMetadata before) {
        return row(table)
                .map(TableRow::tableId)
                .orElseThrow(
                        () ->
                                new NoSuchTableException(
                                        "Table does not exist: %s (%s)", table, before.uuid()));
    }

    private void create(TableIdentifier table, TableMetadata metadata, String location) {
        try {
            // An id of our own: a registered table may bring a uuid that is here already.
            tables.get()
                    .createTable(
                            UUID.randomUUID(), text(table.namespace()), table.name(), location);
        } catch (StoreConflictException e) {
            if (!namespaceExists(table.namespace())) {
                throw new NoSuchNamespaceException(
                        "Namespace does not exist: %s", table.namespace());
            }
            throw new AlreadyExistsException(e, "Table already exists: %s", table);
        }
    }

    @Override
    protected String defaultWarehouseLocation(TableIdentifier table) {
        String safe = table.name().replaceAll("[^A-Za-z0-9_.-]", "_");
        return "%stables/%s-%s".formatted(files.prefix(), safe, UUID.randomUUID());
    }

    @Override
    public List<TableIdentifier> listTables(Namespace namespace) {
        requireNamespace(namespace);
        return tables.get().tables(text(namespace)).stream()
                .map(row -> TableIdentifier.of(namespace, row.name()))
                .toList();
    }

    @Override
    public boolean dropTable(TableIdentifier table, boolean purge) {
        refuseTopicTable(table, "drop");
        Optional<TableRow> row = row(table);
        if (row.isEmpty()) {
            return false;
        }
        TableMetadata last = purge ? newTableOps(table).current() : null;
        boolean dropped = tables.get().dropTable(row.get().tableId());
        if (dropped && last != null) {
            CatalogUtil.dropTableData(files, last);
        }
        return dropped;
    }

    @Override
    public void renameTable(TableIdentifier from, TableIdentifier to) {
        refuseTopicTable(from, "rename");
        UUID id =
                row(from)
                        .map(TableRow::tableId)
                        .orElseThrow(
                                () -> new NoSuchTableException("Table does not exist: %s", from));
        requireNamespace(to.namespace());
        try {
            tables.get().rename(id, text(to.namespace()), to.name());
        } catch (StoreConflictException e) {
            throw new AlreadyExistsException(e, "Table already exists: %s", to);
        }
    }

    @Override
    public void createNamespace(Namespace namespace, Map<String, String> metadata) {
        if (!tables.get().createNamespace(text(namespace), write(metadata))) {
            throw new AlreadyExistsException("Namespace already exists: %s", namespace);
        }
    }

    @Override
    public List<Namespace> listNamespaces(Namespace parent) {
        if (!parent.isEmpty()) {
            requireNamespace(parent);
        }
        int depth = parent.length() + 1;
        List<Namespace> children = new ArrayList<>();
        for (String text : tables.get().namespaces()) {
            Namespace namespace = namespace(text);
            if (namespace.length() >= depth && startsWith(namespace, parent)) {
                String[] levels = new String[depth];
                System.arraycopy(namespace.levels(), 0, levels, 0, depth);
                Namespace child = Namespace.of(levels);
                if (!children.contains(child)) {
                    children.add(child);
                }
            }
        }
        return children;
    }

    private static boolean startsWith(Namespace namespace, Namespace parent) {
        for (int i = 0; i < parent.length(); i++) {
            if (!namespace.level(i).equals(parent.level(i))) {
                return false;
            }
        }
        return true;
    }

    @Override
    public Map<String, String> loadNamespaceMetadata(Namespace namespace) {
        return requireNamespace(namespace);
    }

    private Map<String, String> requireNamespace(Namespace namespace) {
        return tables.get()
                .namespaceProperties(text(namespace))
                .map(this::read)
                .orElseThrow(
                        () ->
                                new NoSuchNamespaceException(
                                        "Namespace does not exist: %s", namespace));
    }

    @Override
    public boolean dropNamespace(Namespace namespace) {
        try {
            if (!tables.get().tables(text(namespace)).isEmpty()
                    || (namespaceExists(namespace) && !listNamespaces(namespace).isEmpty())) {
                throw new NamespaceNotEmptyException("Namespace is not empty: %s", namespace);
            }
            return tables.get().dropNamespace(text(namespace));
        } catch (StoreConflictException e) {
            throw new NamespaceNotEmptyException(e, "Namespace is not empty: %s", namespace);
        }
    }

    @Override
    public boolean setProperties(Namespace namespace, Map<String, String> properties) {
        Map<String, String> all = new TreeMap<>(requireNamespace(namespace));
        all.putAll(properties);
        return tables.get().setNamespaceProperties(text(namespace), write(all));
    }

    @Override
    public boolean removeProperties(Namespace namespace, Set<String> properties) {
        Map<String, String> all = new TreeMap<>(requireNamespace(namespace));
        all.keySet().removeAll(properties);
        return tables.get().setNamespaceProperties(text(namespace), write(all));
    }

    private String write(@Nullable Map<String, String> properties) {
        try {
            return json.writeValueAsString(properties == null ? Map.of() : properties);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    private Map<String, String> read(String properties) {
        try {
            return json.readValue(properties, new TypeReference<Map<String, String>>() {});
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("Namespace properties are no JSON: " + properties, e);
        }
    }
}
