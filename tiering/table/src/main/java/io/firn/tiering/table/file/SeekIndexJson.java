package io.firn.tiering.table.file;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;

import io.firn.tiering.table.column.TopicTableSchema;

import java.util.ArrayList;
import java.util.List;

/// The seek index as it stands in Postgres and in the footer. Each row group is one short array.
public final class SeekIndexJson {
    public static final ObjectMapper JSON = new ObjectMapper();
    private static final int VERSION = TopicTableSchema.FORMAT;

    private SeekIndexJson() {}

    static String write(SeekIndex index) {
        ObjectNode root = JSON.createObjectNode();
        root.put("v", VERSION);
        root.set("schema", read(index.tableSchemaJson()));
        if (!index.mappingJson().isEmpty()) {
            root.set("mapping", read(index.mappingJson()));
        }
        root.set("groups", groups(index.groups()));
        return root.toString();
    }

    public static ArrayNode groups(List<SeekIndex.RowGroup> groups) {
        ArrayNode rows = JSON.createArrayNode();
        for (SeekIndex.RowGroup group : groups) {
            ArrayNode row = rows.addArray();
            row.add(group.firstOffset()).add(group.lastOffset()).add(group.maxTimestamp());
            row.add(group.position()).add(group.length()).add(group.rows());
            ArrayNode lengths = row.addArray();
            group.columnLengths().forEach(lengths::add);
        }
        return rows;
    }

    static SeekIndex parse(String json) {
        JsonNode root = read(json);
        if (root.path("v").asInt() != VERSION) {
            throw new IllegalArgumentException(
                    "Cannot read seek index of version %s: this Firn knows version %d. Use the Firn that wrote it, or begin with a new data folder."
                            .formatted(root.path("v"), VERSION));
        }
        JsonNode mapping = root.path("mapping");
        return new SeekIndex(
                root.path("schema").toString(),
                mapping.isMissingNode() ? "" : mapping.toString(),
                groups(root.path("groups")));
    }

    public static List<SeekIndex.RowGroup> groups(JsonNode rows) {
        List<SeekIndex.RowGroup> groups = new ArrayList<>();
        for (JsonNode row : rows) {
            List<Integer> lengths = new ArrayList<>();
            row.path(6).forEach(length -> lengths.add(length.asInt()));
            groups.add(
                    new SeekIndex.RowGroup(
                            row.path(0).asLong(),
                            row.path(1).asLong(),
                            row.path(2).asLong(),
                            row.path(3).asLong(),
                            row.path(4).asInt(),
                            row.path(5).asInt(),
                            List.copyOf(lengths)));
        }
        return List.copyOf(groups);
    }

    public static JsonNode read(String json) {
        try {
            return JSON.readTree(json);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("Cannot parse JSON of the cold index: " + json, e);
        }
    }
}
