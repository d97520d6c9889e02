package io.firn.catalog.iceberg;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;

import io.firn.catalog.store.CatalogStore;
import io.firn.catalog.store.sql.StoreConflictException;
import io.firn.catalog.store.table.OwnedPrefixException;
import io.firn.catalog.store.table.TableRow;
import io.firn.catalog.store.table.TableStore;

import org.apache.iceberg.BaseMetastoreCatalog;
import org.apache.iceberg.BaseTable;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.TableOperations;
import org.apache.iceberg.catalog.Namespace;
import org.apache.iceberg.catalog.SupportsNamespaces;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.exceptions.AlreadyExistsException;
import org.apache.iceberg.exceptions.BadRequestException;
import org.apache.iceberg.exceptions.ForbiddenException;
import org.apache.iceberg.exceptions.NamespaceNotEmptyException;
import org.apache.iceberg.exceptions.NoSuchNamespaceException;
import org.apache.iceberg.exceptions.NoSuchTableException;
import org.apache.iceberg.exceptions.NotFoundException;
import org.apache.iceberg.io.InputFile;
import org.jspecify.annotations.Nullable;

import java.io.UncheckedIOException;
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
    private static final int MOST_NAMESPACE_BYTES = 1 << 20;
    private static final int LONGEST_NAME_IN_FOLDER = 100;

    private final transient Supplier<CatalogStore> store;
    private final transient MetadataFiles files;
    private final transient TableGuard guard = new TableGuard(System::nanoTime);
    private final transient ObjectMapper json = new ObjectMapper();

    public FirnCatalog(Supplier<CatalogStore> store, MetadataFiles files) {
        this.store = store;
        this.files = files;
    }

    private TableStore tables() {
        return store.get().tables();
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
        return tables().table(text(table.namespace()), table.name());
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
                store,
                () -> row(table),
                files,
                this::freeLocation,
                guard::check,
                move -> {
                    TableMetadata before = move.before();
                    if (before == null) {
                        create(table, move.prefix(), move.afterLocation());
                    } else {
                        refuseTopicTable(table, "commit to");
                        tables().swap(
                                        id(table, before),
                                        move.beforeLocation(),
                                        move.afterLocation(),
                                        move.dropped());
                    }
                });
    }

    /// Where the table's current metadata is, without reading it.
    public Optional<String> metadataLocation(TableIdentifier table) {
        return row(table).map(TableRow::metadataLocation);
    }

    /// Iceberg's own way reads all of its metadata.
    @Override
    public boolean tableExists(TableIdentifier table) {
        return row(table).isPresent();
    }

    /// C18: refuses a location for a new table that is not a free folder of its own.
    public void requireFreeLocation(String location) {
        freeLocation(location);
    }

    private TablePrefix freeLocation(String location) {
        TablePrefix prefix = TablePrefix.ofNewTable(files.prefix(), location);
        requireFree(prefix, location);
        return prefix;
    }

    private void requireFree(TablePrefix prefix, String what) {
        Optional<String> owner = tables().owner(prefix.address());
        if (owner.isPresent()) {
            throw new ForbiddenException(
                    "Cannot make a table of %s: folder %s belongs to %s",
                    what, prefix.address(), owner.get());
        }
    }

    /// Takes a table in again that was dropped and not purged. Metadata that any table owns, a
    /// topic's above all, is nobody else's (C18): two tables over one folder delete each other's
    /// files.
    @Override
    public Table registerTable(TableIdentifier table, String metadataLocation) {
        refuseTopicTable(table, "register over");
        TablePrefix prefix = TablePrefix.ofMetadata(files.prefix(), metadataLocation);
        requireNamespace(table.namespace());
        if (row(table).isPresent()) {
            throw new AlreadyExistsException("Table already exists: %s", table);
        }
        requireFree(prefix, metadataLocation);
        TableOperations operations = newTableOps(table);
        operations.refresh();
        operations.commit(null, readMetadata(prefix, metadataLocation));
        return new BaseTable(operations, fullTableName(name(), table));
    }

    private TableMetadata readMetadata(TablePrefix prefix, String location) {
        try {
            InputFile file = new OwnedFiles(files, prefix).newInputFile(location);
            return MetadataSize.read(file);
        } catch (NotFoundException e) {
            throw new BadRequestException(e, "Cannot register %s: there is no object", location);
        } catch (UncheckedIOException | IllegalArgumentException e) {
            throw new BadRequestException(
                    e, "Cannot register %s: it is no table metadata: %s", location, e.getMessage());
        }
    }

    private UUID id(TableIdentifier table, TableMetadata before) {
        return row(table)
                .map(TableRow::tableId)
                .orElseThrow(
                        () ->
                                new NoSuchTableException(
                                        "Table does not exist: %s (%s)", table, before.uuid()));
    }

    private void create(TableIdentifier table, TablePrefix prefix, String location) {
        try {
            // An id of our own: a registered table may bring a uuid that is here already.
            tables().createTable(
                            new TableRow(
                                    UUID.randomUUID(),
                                    text(table.namespace()),
                                    table.name(),
                                    location,
                                    prefix.address(),
                                    0,
                                    null));
        } catch (OwnedPrefixException e) {
            throw new ForbiddenException(e, "%s", e.getMessage());
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
        String beginning = safe.substring(0, Math.min(safe.length(), LONGEST_NAME_IN_FOLDER));
        return TablePrefix.newTable(files.prefix(), beginning + "-" + UUID.randomUUID());
    }

    @Override
    public List<TableIdentifier> listTables(Namespace namespace) {
        requireNamespace(namespace);
        return tables().tables(text(namespace)).stream()
                .map(row -> TableIdentifier.of(namespace, row.name()))
                .toList();
    }

    /// A purge empties the table's own folder, later and until it is empty ([Maintenance]); what
    /// the table's metadata names elsewhere is not its own (C18).
    @Override
    public boolean dropTable(TableIdentifier table, boolean purge) {
        refuseTopicTable(table, "drop");
        Optional<TableRow> row = row(table);
        if (row.isEmpty()) {
            return false;
        }
        return tables().dropTable(row.get().tableId(), purge);
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
            tables().rename(id, text(to.namespace()), to.name());
        } catch (StoreConflictException e) {
            throw new AlreadyExistsException(e, "Table already exists: %s", to);
        }
    }

    @Override
    public void createNamespace(Namespace namespace, Map<String, String> metadata) {
        if (!tables().createNamespace(text(namespace), write(metadata))) {
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
        for (String text : tables().namespaces()) {
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
        return tables().namespaceProperties(text(namespace))
                .map(this::read)
                .orElseThrow(
                        () ->
                                new NoSuchNamespaceException(
                                        "Namespace does not exist: %s", namespace));
    }

    @Override
    public boolean dropNamespace(Namespace namespace) {
        try {
            if (!tables().tables(text(namespace)).isEmpty()
                    || (namespaceExists(namespace) && !listNamespaces(namespace).isEmpty())) {
                throw new NamespaceNotEmptyException("Namespace is not empty: %s", namespace);
            }
            return tables().dropNamespace(text(namespace));
        } catch (StoreConflictException e) {
            throw new NamespaceNotEmptyException(e, "Namespace is not empty: %s", namespace);
        }
    }

    @Override
    public boolean setProperties(Namespace namespace, Map<String, String> properties) {
        Map<String, String> all = new TreeMap<>(requireNamespace(namespace));
        all.putAll(properties);
        return tables().setNamespaceProperties(text(namespace), write(all));
    }

    @Override
    public boolean removeProperties(Namespace namespace, Set<String> properties) {
        Map<String, String> all = new TreeMap<>(requireNamespace(namespace));
        all.keySet().removeAll(properties);
        return tables().setNamespaceProperties(text(namespace), write(all));
    }

    private String write(@Nullable Map<String, String> properties) {
        try {
            String text = json.writeValueAsString(properties == null ? Map.of() : properties);
            if (text.length() > MOST_NAMESPACE_BYTES) {
                throw new BadRequestException(
                        "Cannot keep the namespace's properties: they have %s bytes as JSON, at most %s are kept; remove some",
                        text.length(), MOST_NAMESPACE_BYTES);
            }
            return text;
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
