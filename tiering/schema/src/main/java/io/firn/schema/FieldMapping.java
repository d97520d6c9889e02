package io.firn.schema;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Which column holds which field: (registry schema id, field path) to field id. Entries are only
/// ever added, and `nextId` only grows, so an id is never used twice (FORMAT.md §5.6).
public final class FieldMapping {
    private static final ObjectMapper JSON = new ObjectMapper();
    private final Map<Integer, Map<String, Integer>> schemas = new LinkedHashMap<>();
    private int nextId;

    /// Reads a mapping; empty text is an empty mapping.
    public static FieldMapping parse(String json) {
        FieldMapping mapping = new FieldMapping();
        if (json.isEmpty()) {
            return mapping;
        }
        JsonNode root;
        try {
            root = JSON.readTree(json);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("Cannot parse field mapping: " + json, e);
        }
        mapping.nextId = root.path("nextId").asInt();
        root.path("schemas")
                .properties()
                .forEach(
                        entry -> {
                            Map<String, Integer> paths = new LinkedHashMap<>();
                            entry.getValue()
                                    .properties()
                                    .forEach(
                                            path ->
                                                    paths.put(
                                                            path.getKey(),
                                                            path.getValue().asInt()));
                            mapping.schemas.put(Integer.parseInt(entry.getKey()), paths);
                        });
        return mapping;
    }

    public String toJson() {
        return toJson(schemas.keySet());
    }

    /// The part for some schemas only, as a file's footer needs it.
    public String toJson(Collection<Integer> schemaIds) {
        ObjectNode root = JSON.createObjectNode();
        root.put("nextId", nextId);
        ObjectNode all = root.putObject("schemas");
        schemas.forEach(
                (id, paths) -> {
                    if (schemaIds.contains(id)) {
                        ObjectNode one = all.putObject(Integer.toString(id));
                        paths.forEach(one::put);
                    }
                });
        return root.toString();
    }

    /// Field id by path for one schema, or null when that schema has no columns.
    public @Nullable Map<String, Integer> paths(int schemaId) {
        return schemas.get(schemaId);
    }

    void put(int schemaId, Map<String, Integer> paths) {
        schemas.put(schemaId, paths);
    }

    /// Ids that a path has had, the newest schema's first.
    List<Integer> idsOf(String path) {
        List<Integer> ids = new ArrayList<>();
        schemas.values()
                .forEach(
                        paths -> {
                            Integer id = paths.get(path);
                            if (id != null) {
                                ids.remove(id);
                                ids.addFirst(id);
                            }
                        });
        return ids;
    }

    int newId() {
        return nextId++;
    }

    void reserveUpTo(int highestId) {
        nextId = Math.max(nextId, highestId + 1);
    }
}
