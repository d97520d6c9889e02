package io.firn.schema;

import io.firn.schema.AvroShape.Codec;
import io.firn.schema.AvroShape.Part;
import io.firn.schema.ColumnType.Plain;

import org.apache.avro.LogicalType;
import org.apache.avro.LogicalTypes;
import org.apache.avro.NameValidator;
import org.apache.avro.Schema;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// Reads an Avro schema's shape.
final class AvroShapes {
    private static final int MAX_DEPTH = 16;
    private static final int MAX_NODES = 2_000;
    private final Set<String> open = new HashSet<>();
    private int nodes;

    private AvroShapes() {}

    /// The parts of a value at the table's top level: a record's fields, or one column named
    /// `value`.
    ///
    /// @throws IllegalArgumentException when the text is no Avro schema, or one with too many
    ///     columns
    static List<Part> of(String avroText) {
        Schema schema;
        try {
            schema = new Schema.Parser(NameValidator.UTF_VALIDATOR).parse(avroText);
        } catch (RuntimeException e) {
            throw new IllegalArgumentException("Cannot parse Avro schema: " + e.getMessage(), e);
        }
        AvroShapes shapes = new AvroShapes();
        if (schema.getType() == Schema.Type.RECORD) {
            shapes.open.add(schema.getFullName());
            return shapes.fields(schema, 0);
        }
        return List.of(new Part("value", "value", List.of(), shapes.shape(schema, 0), schema));
    }

    private List<Part> fields(Schema record, int depth) {
        List<Part> parts = new ArrayList<>();
        for (Schema.Field field : record.getFields()) {
            parts.add(
                    new Part(
                            field.name(),
                            field.name(),
                            List.copyOf(field.aliases()),
                            shape(field.schema(), depth + 1),
                            field.schema()));
        }
        return List.copyOf(parts);
    }

    private AvroShape shape(Schema schema, int depth) {
        if (++nodes > MAX_NODES) {
            throw new IllegalArgumentException(
                    "Cannot make columns of the schema: it has more than %d fields"
                            .formatted(MAX_NODES));
        }
        if (depth > MAX_DEPTH) {
            return new AvroShape.Opaque(schema);
        }
        return switch (schema.getType()) {
            case NULL -> new AvroShape.Nothing();
            case RECORD -> record(schema, depth);
            case ARRAY -> {
                AvroShape element = shape(schema.getElementType(), depth + 1);
                yield element instanceof AvroShape.Nothing
                        ? new AvroShape.Opaque(schema)
                        : new AvroShape.Items(element);
            }
            case MAP -> {
                AvroShape value = shape(schema.getValueType(), depth + 1);
                yield value instanceof AvroShape.Nothing
                        ? new AvroShape.Opaque(schema)
                        : new AvroShape.Entries(value);
            }
            case UNION -> union(schema, depth);
            case BOOLEAN, INT, LONG, FLOAT, DOUBLE, BYTES, STRING, ENUM, FIXED -> scalar(schema);
        };
    }

    private AvroShape record(Schema schema, int depth) {
        if (!open.add(schema.getFullName())) {
            return new AvroShape.Opaque(schema); // recursive: no finite set of columns holds it
        }
        List<Part> parts = fields(schema, depth);
        open.remove(schema.getFullName());
        boolean empty = parts.stream().allMatch(part -> part.shape() instanceof AvroShape.Nothing);
        return empty ? new AvroShape.Opaque(schema) : new AvroShape.Struct(parts);
    }

    private AvroShape union(Schema schema, int depth) {
        List<Schema> types = schema.getTypes();
        int nullBranch = -1;
        for (int i = 0; i < types.size(); i++) {
            if (types.get(i).getType() == Schema.Type.NULL) {
                nullBranch = i;
            }
        }
        if (types.size() == 2 && nullBranch >= 0) {
            int value = 1 - nullBranch;
            return new AvroShape.Nullable(nullBranch, value, shape(types.get(value), depth));
        }
        if (types.size() < 2) {
            return new AvroShape.Opaque(schema);
        }
        List<Part> branches = new ArrayList<>();
        for (Schema type : types) {
            branches.add(
                    new Part(
                            type.getName(),
                            "<" + type.getFullName() + ">",
                            List.of(),
                            shape(type, depth + 1),
                            type));
        }
        return new AvroShape.Branches(List.copyOf(branches));
    }

    private static AvroShape scalar(Schema schema) {
        LogicalType logical = schema.getLogicalType();
        String name = logical == null ? "" : logical.getName();
        return switch (schema.getType()) {
            case BOOLEAN -> new AvroShape.Scalar(Codec.BOOLEAN, Plain.BOOLEAN, schema);
            case INT ->
                    switch (name) {
                        case "date" -> new AvroShape.Scalar(Codec.INT, Plain.DATE, schema);
                        case "time-millis" ->
                                new AvroShape.Scalar(Codec.TIME_MILLIS, Plain.TIME, schema);
                        default -> new AvroShape.Scalar(Codec.INT, Plain.INT, schema);
                    };
            case LONG ->
                    switch (name) {
                        case "time-micros" -> new AvroShape.Scalar(Codec.LONG, Plain.TIME, schema);
                        case "timestamp-millis" ->
                                new AvroShape.Scalar(
                                        Codec.TIMESTAMP_MILLIS, Plain.TIMESTAMPTZ, schema);
                        case "timestamp-micros" ->
                                new AvroShape.Scalar(Codec.LONG, Plain.TIMESTAMPTZ, schema);
                        case "local-timestamp-millis" ->
                                new AvroShape.Scalar(
                                        Codec.TIMESTAMP_MILLIS, Plain.TIMESTAMP, schema);
                        case "local-timestamp-micros" ->
                                new AvroShape.Scalar(Codec.LONG, Plain.TIMESTAMP, schema);
                        default -> new AvroShape.Scalar(Codec.LONG, Plain.LONG, schema);
                    };
            case FLOAT -> new AvroShape.Scalar(Codec.FLOAT, Plain.FLOAT, schema);
            case DOUBLE -> new AvroShape.Scalar(Codec.DOUBLE, Plain.DOUBLE, schema);
            case STRING ->
                    name.equals("uuid")
                            ? new AvroShape.Scalar(Codec.UUID_STRING, Plain.UUID, schema)
                            : new AvroShape.Scalar(Codec.STRING, Plain.STRING, schema);
            case ENUM -> new AvroShape.Scalar(Codec.ENUM, Plain.STRING, schema);
            case BYTES -> bytes(schema, logical);
            case FIXED -> fixed(schema, logical, name);
            default -> throw new IllegalStateException("Not a scalar: " + schema.getType());
        };
    }

    private static AvroShape bytes(
            Schema schema, @org.jspecify.annotations.Nullable LogicalType logical) {
        if (logical instanceof LogicalTypes.Decimal decimal && fits(decimal)) {
            return new AvroShape.Scalar(
                    Codec.DECIMAL_BYTES,
                    new ColumnType.Decimal(decimal.getPrecision(), decimal.getScale()),
                    schema);
        }
        return new AvroShape.Scalar(Codec.BYTES, Plain.BINARY, schema);
    }

    private static AvroShape fixed(
            Schema schema, @org.jspecify.annotations.Nullable LogicalType logical, String name) {
        int size = schema.getFixedSize();
        if (size == 0) {
            return new AvroShape.Opaque(schema);
        }
        if (logical instanceof LogicalTypes.Decimal decimal && fits(decimal)) {
            return new AvroShape.Scalar(
                    Codec.DECIMAL_FIXED,
                    new ColumnType.Decimal(decimal.getPrecision(), decimal.getScale()),
                    schema);
        }
        ColumnType type =
                name.equals("uuid") && size == 16 ? Plain.UUID : new ColumnType.Fixed(size);
        return new AvroShape.Scalar(Codec.FIXED, type, schema);
    }

    private static boolean fits(LogicalTypes.Decimal decimal) {
        return decimal.getPrecision() <= 38
                && decimal.getScale() >= 0
                && decimal.getScale() <= decimal.getPrecision();
    }
}
