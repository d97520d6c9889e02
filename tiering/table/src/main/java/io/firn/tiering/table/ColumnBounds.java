package io.firn.tiering.table;

import io.firn.schema.ColumnBuffer;
import io.firn.schema.ColumnLayout;
import io.firn.schema.ColumnType;
import io.firn.schema.Physical;

import org.jspecify.annotations.Nullable;

import java.util.Arrays;

/// Least and greatest value of a column chunk, as value numbers.
///
/// @param least -1 when there is no usable order or no value, as with NaN
record ColumnBounds(int least, int greatest) {
    private static final ColumnBounds NONE = new ColumnBounds(-1, -1);

    static ColumnBounds of(
            ColumnLayout.Leaf leaf, ColumnBuffer column, @Nullable ValueDictionary dictionary) {
        boolean signedBytes =
                leaf.physical().isBytes() && leaf.column().type() instanceof ColumnType.Decimal;
        int count = dictionary == null ? column.values() : dictionary.size();
        if (count == 0 || signedBytes) {
            return NONE;
        }
        Physical.Kind kind = leaf.physical().kind();
        int least = -1;
        int greatest = -1;
        for (int i = 0; i < count; i++) {
            int value = dictionary == null ? i : dictionary.valueOf(i);
            if (isNaN(kind, column, value)) {
                return NONE;
            }
            if (least < 0 || compare(kind, column, value, least) < 0) {
                least = value;
            }
            if (greatest < 0 || compare(kind, column, value, greatest) > 0) {
                greatest = value;
            }
        }
        return new ColumnBounds(least, greatest);
    }

    private static boolean isNaN(Physical.Kind kind, ColumnBuffer column, int value) {
        return switch (kind) {
            case FLOAT -> Float.isNaN(Float.intBitsToFloat((int) column.wordAt(value)));
            case DOUBLE -> Double.isNaN(Double.longBitsToDouble(column.wordAt(value)));
            case BOOLEAN, INT32, INT64, BYTES, FIXED -> false;
        };
    }

    private static int compare(Physical.Kind kind, ColumnBuffer column, int a, int b) {
        return switch (kind) {
            case BOOLEAN, INT32, INT64 -> Long.compare(column.wordAt(a), column.wordAt(b));
            case FLOAT ->
                    Float.compare(
                            Float.intBitsToFloat((int) column.wordAt(a)),
                            Float.intBitsToFloat((int) column.wordAt(b)));
            case DOUBLE ->
                    Double.compare(
                            Double.longBitsToDouble(column.wordAt(a)),
                            Double.longBitsToDouble(column.wordAt(b)));
            case BYTES, FIXED ->
                    Arrays.compareUnsigned(
                            column.data(),
                            column.fromAt(a),
                            column.toAt(a),
                            column.data(),
                            column.fromAt(b),
                            column.toAt(b));
        };
    }

    boolean known() {
        return least >= 0;
    }
}
