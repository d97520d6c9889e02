package io.firn.schema;

/// How a leaf's values lie in a Parquet file.
///
/// @param length of fixed-length bytes, else 0
public record Physical(Kind kind, int length) {
    public enum Kind {
        BOOLEAN,
        INT32,
        INT64,
        FLOAT,
        DOUBLE,
        BYTES,
        FIXED
    }

    public boolean isBytes() {
        return kind == Kind.BYTES || kind == Kind.FIXED;
    }

    static Physical of(ColumnType type) {
        return switch (type) {
            case ColumnType.Plain plain ->
                    switch (plain) {
                        case BOOLEAN -> new Physical(Kind.BOOLEAN, 0);
                        case INT, DATE -> new Physical(Kind.INT32, 0);
                        case LONG, TIME, TIMESTAMP, TIMESTAMPTZ -> new Physical(Kind.INT64, 0);
                        case FLOAT -> new Physical(Kind.FLOAT, 0);
                        case DOUBLE -> new Physical(Kind.DOUBLE, 0);
                        case STRING, BINARY -> new Physical(Kind.BYTES, 0);
                        case UUID -> new Physical(Kind.FIXED, 16);
                    };
            case ColumnType.Fixed fixed -> new Physical(Kind.FIXED, fixed.length());
            case ColumnType.Decimal decimal -> {
                if (decimal.precision() <= 9) {
                    yield new Physical(Kind.INT32, 0);
                }
                yield decimal.precision() <= 18
                        ? new Physical(Kind.INT64, 0)
                        : new Physical(Kind.FIXED, decimalBytes(decimal.precision()));
            }
            case ColumnType.Struct struct -> throw nested(struct);
            case ColumnType.ListOf list -> throw nested(list);
            case ColumnType.MapOf map -> throw nested(map);
        };
    }

    /// Fewest bytes that hold every decimal of a precision, as Iceberg's Parquet mapping asks.
    private static int decimalBytes(int precision) {
        return java.math.BigInteger.TEN.pow(precision).bitLength() / 8 + 1;
    }

    private static IllegalArgumentException nested(ColumnType type) {
        return new IllegalArgumentException("Cannot lay out %s as one leaf column".formatted(type));
    }
}
