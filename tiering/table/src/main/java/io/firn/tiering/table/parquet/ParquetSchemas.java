package io.firn.tiering.table.parquet;

import io.firn.schema.Column;
import io.firn.schema.ColumnType;
import io.firn.schema.ColumnType.Plain;

import org.apache.parquet.schema.GroupType;
import org.apache.parquet.schema.LogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.TimeUnit;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;
import org.apache.parquet.schema.Type;
import org.apache.parquet.schema.Type.Repetition;
import org.apache.parquet.schema.Types;

import java.util.List;

/// The Parquet schema of a table's files: Iceberg's mapping of types, with its field ids.
public final class ParquetSchemas {
    private ParquetSchemas() {}

    public static MessageType of(List<Column> columns) {
        return new MessageType("table", columns.stream().map(ParquetSchemas::type).toList());
    }

    private static Type type(Column column) {
        Repetition repetition = column.required() ? Repetition.REQUIRED : Repetition.OPTIONAL;
        return switch (column.type()) {
            case ColumnType.Struct struct ->
                    new GroupType(
                                    repetition,
                                    column.name(),
                                    struct.fields().stream().map(ParquetSchemas::type).toList())
                            .withId(column.id());
            case ColumnType.ListOf list -> {
                GroupType repeated =
                        new GroupType(Repetition.REPEATED, "list", type(list.element()));
                yield Types.buildGroup(repetition)
                        .as(LogicalTypeAnnotation.listType())
                        .addField(repeated)
                        .id(column.id())
                        .named(column.name());
            }
            case ColumnType.MapOf map -> {
                GroupType repeated =
                        new GroupType(
                                Repetition.REPEATED,
                                "key_value",
                                type(map.key()),
                                type(map.value()));
                yield Types.buildGroup(repetition)
                        .as(LogicalTypeAnnotation.mapType())
                        .addField(repeated)
                        .id(column.id())
                        .named(column.name());
            }
            case Plain plain -> plain(plain, repetition, column);
            case ColumnType.Fixed fixed ->
                    Types.primitive(PrimitiveTypeName.FIXED_LEN_BYTE_ARRAY, repetition)
                            .length(fixed.length())
                            .id(column.id())
                            .named(column.name());
            case ColumnType.Decimal decimal -> decimal(decimal, repetition, column);
        };
    }

    private static Type plain(Plain type, Repetition repetition, Column column) {
        PrimitiveTypeName physical =
                switch (type) {
                    case BOOLEAN -> PrimitiveTypeName.BOOLEAN;
                    case INT, DATE -> PrimitiveTypeName.INT32;
                    case LONG, TIME, TIMESTAMP, TIMESTAMPTZ -> PrimitiveTypeName.INT64;
                    case FLOAT -> PrimitiveTypeName.FLOAT;
                    case DOUBLE -> PrimitiveTypeName.DOUBLE;
                    case STRING, BINARY -> PrimitiveTypeName.BINARY;
                    case UUID -> PrimitiveTypeName.FIXED_LEN_BYTE_ARRAY;
                };
        LogicalTypeAnnotation logical =
                switch (type) {
                    case BOOLEAN, INT, LONG, FLOAT, DOUBLE, BINARY -> null;
                    case DATE -> LogicalTypeAnnotation.dateType();
                    case TIME -> LogicalTypeAnnotation.timeType(false, TimeUnit.MICROS);
                    case TIMESTAMP -> LogicalTypeAnnotation.timestampType(false, TimeUnit.MICROS);
                    case TIMESTAMPTZ -> LogicalTypeAnnotation.timestampType(true, TimeUnit.MICROS);
                    case STRING -> LogicalTypeAnnotation.stringType();
                    case UUID -> LogicalTypeAnnotation.uuidType();
                };
        var builder = Types.primitive(physical, repetition);
        if (type == Plain.UUID) {
            builder = builder.length(16);
        }
        if (logical != null) {
            builder = builder.as(logical);
        }
        return builder.id(column.id()).named(column.name());
    }

    private static Type decimal(ColumnType.Decimal type, Repetition repetition, Column column) {
        LogicalTypeAnnotation logical =
                LogicalTypeAnnotation.decimalType(type.scale(), type.precision());
        if (type.precision() <= 18) {
            PrimitiveTypeName word =
                    type.precision() <= 9 ? PrimitiveTypeName.INT32 : PrimitiveTypeName.INT64;
            return Types.primitive(word, repetition)
                    .as(logical)
                    .id(column.id())
                    .named(column.name());
        }
        int length = java.math.BigInteger.TEN.pow(type.precision()).bitLength() / 8 + 1;
        return Types.primitive(PrimitiveTypeName.FIXED_LEN_BYTE_ARRAY, repetition)
                .length(length)
                .as(logical)
                .id(column.id())
                .named(column.name());
    }
}
