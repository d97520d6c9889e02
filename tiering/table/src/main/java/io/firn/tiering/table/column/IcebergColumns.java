package io.firn.tiering.table.column;

import io.firn.schema.Column;
import io.firn.schema.ColumnType;
import io.firn.schema.ColumnType.Plain;

import org.apache.iceberg.Schema;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;

import java.util.ArrayList;
import java.util.List;

/// Columns as Iceberg says them, and back.
public final class IcebergColumns {
    private IcebergColumns() {}

    public static List<Column> columns(Schema schema) {
        return columns(schema.columns());
    }

    static Schema schema(List<Column> columns) {
        return new Schema(fields(columns));
    }

    private static List<Column> columns(List<Types.NestedField> fields) {
        List<Column> columns = new ArrayList<>(fields.size());
        for (Types.NestedField field : fields) {
            columns.add(
                    new Column(
                            field.fieldId(), field.name(), type(field.type()), field.isRequired()));
        }
        return List.copyOf(columns);
    }

    private static ColumnType type(Type type) {
        return switch (type.typeId()) {
            case BOOLEAN -> Plain.BOOLEAN;
            case INTEGER -> Plain.INT;
            case LONG -> Plain.LONG;
            case FLOAT -> Plain.FLOAT;
            case DOUBLE -> Plain.DOUBLE;
            case DATE -> Plain.DATE;
            case TIME -> Plain.TIME;
            case TIMESTAMP ->
                    ((Types.TimestampType) type).shouldAdjustToUTC()
                            ? Plain.TIMESTAMPTZ
                            : Plain.TIMESTAMP;
            case STRING -> Plain.STRING;
            case UUID -> Plain.UUID;
            case BINARY -> Plain.BINARY;
            case FIXED -> new ColumnType.Fixed(((Types.FixedType) type).length());
            case DECIMAL ->
                    new ColumnType.Decimal(
                            ((Types.DecimalType) type).precision(),
                            ((Types.DecimalType) type).scale());
            case STRUCT -> new ColumnType.Struct(columns(type.asStructType().fields()));
            case LIST -> new ColumnType.ListOf(columns(type.asListType().fields()).getFirst());
            case MAP -> {
                List<Column> pair = columns(type.asMapType().fields());
                yield new ColumnType.MapOf(pair.get(0), pair.get(1));
            }
            default ->
                    throw new IllegalArgumentException(
                            "Cannot use a column of type %s in a topic's table".formatted(type));
        };
    }

    private static List<Types.NestedField> fields(List<Column> columns) {
        List<Types.NestedField> fields = new ArrayList<>(columns.size());
        for (Column column : columns) {
            fields.add(
                    Types.NestedField.of(
                            column.id(), !column.required(), column.name(), type(column.type())));
        }
        return fields;
    }

    private static Type type(ColumnType type) {
        return switch (type) {
            case Plain plain ->
                    switch (plain) {
                        case BOOLEAN -> Types.BooleanType.get();
                        case INT -> Types.IntegerType.get();
                        case LONG -> Types.LongType.get();
                        case FLOAT -> Types.FloatType.get();
                        case DOUBLE -> Types.DoubleType.get();
                        case DATE -> Types.DateType.get();
                        case TIME -> Types.TimeType.get();
                        case TIMESTAMP -> Types.TimestampType.withoutZone();
                        case TIMESTAMPTZ -> Types.TimestampType.withZone();
                        case STRING -> Types.StringType.get();
                        case UUID -> Types.UUIDType.get();
                        case BINARY -> Types.BinaryType.get();
                    };
            case ColumnType.Fixed fixed -> Types.FixedType.ofLength(fixed.length());
            case ColumnType.Decimal decimal ->
                    Types.DecimalType.of(decimal.precision(), decimal.scale());
            case ColumnType.Struct struct -> Types.StructType.of(fields(struct.fields()));
            case ColumnType.ListOf list -> list(list.element());
            case ColumnType.MapOf map -> map(map.key(), map.value());
        };
    }

    private static Type list(Column element) {
        return element.required()
                ? Types.ListType.ofRequired(element.id(), type(element.type()))
                : Types.ListType.ofOptional(element.id(), type(element.type()));
    }

    private static Type map(Column key, Column value) {
        return value.required()
                ? Types.MapType.ofRequired(
                        key.id(), value.id(), type(key.type()), type(value.type()))
                : Types.MapType.ofOptional(
                        key.id(), value.id(), type(key.type()), type(value.type()));
    }
}
