package io.firn.schema;

import io.firn.schema.AvroShape.Part;
import io.firn.schema.ColumnType.Plain;

import org.jspecify.annotations.Nullable;

import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/// Finds the columns that a registry schema needs beside those a table has (FORMAT.md §5.6). A
/// field that was there before keeps its column; int becomes long and float double in place; any
/// other change of type gets a new column `<name>_v2`. Names that differ only by case get a suffix,
/// because engines fold case.
public final class ColumnPlanner {
    private static final String RESERVED = "_kafka_";

    /// What a table has at most, with those inside others. Each costs every row group and every
    /// plan of a query, and whoever registers schemas makes them (G12).
    static final int MAX_COLUMNS = 10_000;

    private final FieldMapping mapping;
    private final Map<String, Integer> assigned = new LinkedHashMap<>();

    private ColumnPlanner(FieldMapping mapping) {
        this.mapping = mapping;
    }

    /// All columns of the table after the plan, those of before first and with their ids, and the
    /// mapping.
    public record Planned(List<Column> columns, String mappingJson) {}

    /// Plans one Avro schema. Planning a known id, text that cannot be columns, or a schema that
    /// would make the table too wide, changes nothing.
    public static Planned plan(
            List<Column> existing, String mappingJson, int schemaId, String avroText) {
        FieldMapping mapping = FieldMapping.parse(mappingJson);
        if (mapping.paths(schemaId) != null) {
            return new Planned(existing, mappingJson);
        }
        List<Part> parts;
        try {
            parts = AvroShapes.of(avroText);
        } catch (IllegalArgumentException e) {
            return new Planned(existing, mappingJson); // its values stay raw
        }
        mapping.reserveUpTo(highestId(existing));
        ColumnPlanner planner = new ColumnPlanner(mapping);
        List<Column> columns = planner.place(parts, "", existing);
        if (count(columns) > Math.max(MAX_COLUMNS, count(existing))) {
            return new Planned(existing, mappingJson); // its values stay raw
        }
        mapping.put(schemaId, planner.assigned);
        return new Planned(columns, mapping.toJson());
    }

    private List<Column> place(List<Part> parts, String prefix, List<Column> siblings) {
        Siblings all = new Siblings(siblings);
        for (Part part : parts) {
            if (part.shape() instanceof AvroShape.Nothing) {
                continue;
            }
            String path = prefix + part.step();
            List<Integer> before = mapping.idsOf(path);
            part.aliases().forEach(alias -> before.addAll(mapping.idsOf(prefix + alias)));
            Column column = all.reusable(before, part.shape());
            if (column != null) {
                all.take(column.withType(absorb(part.shape(), column.type(), path)));
            } else {
                String name = all.freeName(part.name(), all.isRetyped(before));
                column = new Column(mapping.newId(), name, build(part.shape(), path), false);
                all.take(column);
            }
            assigned.put(path, column.id());
        }
        return all.columns();
    }

    /// The columns of one level while fields are placed among them. A table may have thousands, so
    /// no field looks at all of them.
    private static final class Siblings {
        private final Map<Integer, Column> byId = new LinkedHashMap<>();
        private final Set<String> names = new HashSet<>();
        private final Set<Integer> used = new HashSet<>();

        Siblings(List<Column> columns) {
            columns.forEach(this::put);
        }

        private void put(Column column) {
            byId.put(column.id(), column);
            names.add(folded(column.name()));
        }

        /// One of these that no other field of the schema has and that holds the shape's values.
        @Nullable Column reusable(List<Integer> ids, AvroShape shape) {
            for (int id : ids) {
                Column column = byId.get(id);
                if (column != null && !used.contains(id) && absorbable(shape, column.type())) {
                    return column;
                }
            }
            return null;
        }

        boolean isRetyped(List<Integer> ids) {
            return ids.stream().anyMatch(id -> byId.containsKey(id) && !used.contains(id));
        }

        String freeName(String wanted, boolean retyped) {
            String name = folded(wanted).startsWith(RESERVED) ? "field" + wanted : wanted;
            String free = name;
            for (int n = 2; names.contains(folded(free)); n++) {
                free = name + (retyped ? "_v" : "_") + n;
            }
            return free;
        }

        void take(Column column) {
            put(column);
            used.add(column.id());
        }

        List<Column> columns() {
            return List.copyOf(byId.values());
        }

        private static String folded(String name) {
            return name.toLowerCase(Locale.ROOT);
        }
    }

    private static boolean absorbable(AvroShape shape, ColumnType type) {
        return switch (shape) {
            case AvroShape.Nothing nothing -> false;
            case AvroShape.Scalar scalar -> widest(scalar.type(), type) != null;
            case AvroShape.Opaque opaque -> type == Plain.BINARY;
            case AvroShape.Nullable nullable -> absorbable(nullable.value(), type);
            case AvroShape.Struct struct -> type instanceof ColumnType.Struct;
            case AvroShape.Branches branches -> type instanceof ColumnType.Struct;
            case AvroShape.Items items ->
                    type instanceof ColumnType.ListOf list
                            && absorbable(items.element(), list.element().type());
            case AvroShape.Entries entries ->
                    type instanceof ColumnType.MapOf map
                            && absorbable(entries.value(), map.value().type());
        };
    }

    private ColumnType absorb(AvroShape shape, ColumnType type, String path) {
        return switch (shape) {
            case AvroShape.Nothing nothing -> type;
            case AvroShape.Scalar scalar -> {
                ColumnType widest = widest(scalar.type(), type);
                yield widest == null ? type : widest;
            }
            case AvroShape.Opaque opaque -> type;
            case AvroShape.Nullable nullable -> absorb(nullable.value(), type, path);
            case AvroShape.Struct struct ->
                    new ColumnType.Struct(
                            place(
                                    struct.fields(),
                                    path + ".",
                                    ((ColumnType.Struct) type).fields()));
            case AvroShape.Branches branches ->
                    new ColumnType.Struct(
                            place(branches.branches(), path, ((ColumnType.Struct) type).fields()));
            case AvroShape.Items items -> {
                Column element = ((ColumnType.ListOf) type).element();
                assigned.put(path + "[]", element.id());
                yield new ColumnType.ListOf(
                        element.withType(absorb(items.element(), element.type(), path + "[]")));
            }
            case AvroShape.Entries entries -> {
                ColumnType.MapOf map = (ColumnType.MapOf) type;
                assigned.put(path + "{}", map.value().id());
                yield new ColumnType.MapOf(
                        map.key(),
                        map.value()
                                .withType(
                                        absorb(entries.value(), map.value().type(), path + "{}")));
            }
        };
    }

    private ColumnType build(AvroShape shape, String path) {
        return switch (shape) {
            case AvroShape.Nothing nothing -> Plain.BINARY;
            case AvroShape.Scalar scalar -> scalar.type();
            case AvroShape.Opaque opaque -> Plain.BINARY;
            case AvroShape.Nullable nullable -> build(nullable.value(), path);
            case AvroShape.Struct struct ->
                    new ColumnType.Struct(place(struct.fields(), path + ".", List.of()));
            case AvroShape.Branches branches ->
                    new ColumnType.Struct(place(branches.branches(), path, List.of()));
            case AvroShape.Items items -> {
                int id = mapping.newId();
                assigned.put(path + "[]", id);
                yield new ColumnType.ListOf(
                        new Column(id, "element", build(items.element(), path + "[]"), false));
            }
            case AvroShape.Entries entries -> {
                int key = mapping.newId();
                int value = mapping.newId();
                assigned.put(path + "{}", value);
                yield new ColumnType.MapOf(
                        new Column(key, "key", Plain.STRING, true),
                        new Column(value, "value", build(entries.value(), path + "{}"), false));
            }
        };
    }

    /// The type that holds both exactly, or null.
    private static @Nullable ColumnType widest(ColumnType a, ColumnType b) {
        if (a.equals(b)) {
            return a;
        }
        if (a instanceof ColumnType.Decimal x
                && b instanceof ColumnType.Decimal y
                && x.scale() == y.scale()) {
            return x.precision() >= y.precision() ? x : y;
        }
        Set<ColumnType> pair = Set.of(a, b);
        if (pair.equals(Set.of(Plain.INT, Plain.LONG))) {
            return Plain.LONG;
        }
        return pair.equals(Set.of(Plain.FLOAT, Plain.DOUBLE)) ? Plain.DOUBLE : null;
    }

    private static int highestId(List<Column> columns) {
        int highest = 0;
        for (Column column : columns) {
            highest = Math.max(highest, Math.max(column.id(), highestId(inside(column))));
        }
        return highest;
    }

    private static int count(List<Column> columns) {
        int count = columns.size();
        for (Column column : columns) {
            count += count(inside(column));
        }
        return count;
    }

    private static List<Column> inside(Column column) {
        return switch (column.type()) {
            case ColumnType.Struct struct -> struct.fields();
            case ColumnType.ListOf list -> List.of(list.element());
            case ColumnType.MapOf map -> List.of(map.key(), map.value());
            case ColumnType.Plain plain -> List.of();
            case ColumnType.Fixed fixed -> List.of();
            case ColumnType.Decimal decimal -> List.of();
        };
    }
}
