package io.firn.schema;

import io.firn.schema.AvroShape.Part;
import io.firn.schema.ColumnType.Plain;

import java.util.ArrayList;
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
    private final FieldMapping mapping;
    private final Map<String, Integer> assigned = new LinkedHashMap<>();

    private ColumnPlanner(FieldMapping mapping) {
        this.mapping = mapping;
    }

    /// All columns of the table after the plan, those of before first and with their ids, and the
    /// mapping.
    public record Planned(List<Column> columns, String mappingJson) {}

    /// Plans one Avro schema. Planning a known id, or text that cannot be columns, changes nothing.
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
        mapping.put(schemaId, planner.assigned);
        return new Planned(columns, mapping.toJson());
    }

    private List<Column> place(List<Part> parts, String prefix, List<Column> siblings) {
        List<Column> columns = new ArrayList<>(siblings);
        Set<Integer> used = new HashSet<>();
        for (Part part : parts) {
            if (part.shape() instanceof AvroShape.Nothing) {
                continue;
            }
            String path = prefix + part.step();
            List<Integer> before = mapping.idsOf(path);
            part.aliases().forEach(alias -> before.addAll(mapping.idsOf(prefix + alias)));
            int at = reusable(columns, before, used, part.shape());
            if (at >= 0) {
                Column column = columns.get(at);
                columns.set(at, column.withType(absorb(part.shape(), column.type(), path)));
            } else {
                boolean retyped =
                        columns.stream()
                                .anyMatch(c -> before.contains(c.id()) && !used.contains(c.id()));
                String name = freeName(columns, part.name(), retyped);
                columns.add(new Column(mapping.newId(), name, build(part.shape(), path), false));
                at = columns.size() - 1;
            }
            used.add(columns.get(at).id());
            assigned.put(path, columns.get(at).id());
        }
        return List.copyOf(columns);
    }

    private static int reusable(
            List<Column> columns, List<Integer> before, Set<Integer> used, AvroShape shape) {
        for (int id : before) {
            for (int i = 0; i < columns.size(); i++) {
                if (columns.get(i).id() == id
                        && !used.contains(id)
                        && absorbable(shape, columns.get(i).type())) {
                    return i;
                }
            }
        }
        return -1;
    }

    private static String freeName(List<Column> columns, String wanted, boolean retyped) {
        String name =
                wanted.toLowerCase(Locale.ROOT).startsWith(RESERVED) ? "field" + wanted : wanted;
        Set<String> taken = new HashSet<>();
        columns.forEach(column -> taken.add(column.name().toLowerCase(Locale.ROOT)));
        String free = name;
        for (int n = 2; taken.contains(free.toLowerCase(Locale.ROOT)); n++) {
            free = name + (retyped ? "_v" : "_") + n;
        }
        return free;
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
    private static @org.jspecify.annotations.Nullable ColumnType widest(
            ColumnType a, ColumnType b) {
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
            int inside =
                    switch (column.type()) {
                        case ColumnType.Struct struct -> highestId(struct.fields());
                        case ColumnType.ListOf list -> highestId(List.of(list.element()));
                        case ColumnType.MapOf map -> highestId(List.of(map.key(), map.value()));
                        case ColumnType.Plain plain -> 0;
                        case ColumnType.Fixed fixed -> 0;
                        case ColumnType.Decimal decimal -> 0;
                    };
            highest = Math.max(highest, Math.max(column.id(), inside));
        }
        return highest;
    }
}
