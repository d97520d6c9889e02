package io.firn.tiering.table.row;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;

import io.firn.schema.AvroShredder;
import io.firn.schema.FieldMapping;
import io.firn.tiering.table.column.SchemaLookup;
import io.firn.tiering.table.column.TableColumns;
import io.firn.tiering.table.file.CorruptFileException;

import org.jspecify.annotations.Nullable;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/// Compiled shredders by registry schema id, for one layout of columns.
public final class ValueShredders {
    private static final int MOST_UNMAPPED = 1_000;
    private final TableColumns columns;
    private final FieldMapping mapping;
    private final SchemaLookup schemas;
    private final Map<Integer, @Nullable AvroShredder> compiled = new HashMap<>();
    private final Set<Integer> unmapped = new TreeSet<>();

    public ValueShredders(TableColumns columns, String mappingJson, SchemaLookup schemas) {
        this.columns = columns;
        this.mapping = FieldMapping.parse(mappingJson);
        this.schemas = schemas;
    }

    /// The shredder of a schema, or null when the table has no columns for it.
    @Nullable AvroShredder find(int schemaId) {
        AvroShredder shredder = compiled.get(schemaId);
        if (shredder == null && !compiled.containsKey(schemaId)) {
            Map<String, Integer> paths = mapping.paths(schemaId);
            if (paths == null) {
                if (unmapped.size() < MOST_UNMAPPED) {
                    unmapped.add(schemaId);
                }
                return null;
            }
            shredder =
                    AvroShredder.compile(
                            textOf(schemaId), paths, columns.layout, columns.firstValue);
            compiled.put(schemaId, shredder);
        }
        return shredder;
    }

    /// The shredder of a schema whose values lie in columns.
    AvroShredder require(int schemaId) {
        AvroShredder shredder = find(schemaId);
        if (shredder == null) {
            throw new CorruptFileException(
                    "Cannot rebuild a value: the seek index maps no columns for schema %d. Rebuild the index from the file's footer."
                            .formatted(schemaId));
        }
        return shredder;
    }

    private String textOf(int schemaId) {
        return schemas.avroText(schemaId)
                .orElseThrow(
                        () ->
                                new IllegalStateException(
                                        "Cannot use schema %d: the table has columns for it, but the registry does not know it. Restore the registry."
                                                .formatted(schemaId)));
    }

    /// Ids that values began with and for which the table has no columns.
    public Set<Integer> unmapped() {
        return Set.copyOf(unmapped);
    }

    /// Texts of the schemas that were used, by id, as JSON: the file can be read without a
    /// registry.
    public String usedTexts() {
        ObjectNode texts = JsonNodeFactory.instance.objectNode();
        compiled.keySet().forEach(id -> texts.put(Integer.toString(id), textOf(id)));
        return texts.toString();
    }

    /// The mapping of those schemas that were used.
    public String usedMapping() {
        return compiled.isEmpty() ? "" : mapping.toJson(compiled.keySet());
    }
}
