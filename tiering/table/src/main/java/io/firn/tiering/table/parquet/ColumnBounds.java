package io.firn.tiering.table.parquet;

import io.firn.schema.ColumnBuffer;
import io.firn.schema.ColumnLayout;
import io.firn.schema.ColumnType;
import io.firn.schema.Physical;

import org.jspecify.annotations.Nullable;

import java.util.Arrays;
import java.util.UUID;

/// Least and greatest value of a column chunk, as value numbers.
///
/// @param least -1 when there is no usable order or no value, as with NaN, or with uuids whose
///     order depends on who compares: Iceberg's specification does without signs, its Java library
///     up to 1.11 with them, and either must find what is there
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
        boolean uuids = leaf.column().type() == ColumnType.Plain.UUID;
        int least = -1;
        int greatest = -1;
        for (int i = 0; i < count; i++) {
            int value = dictionary == null ? i : dictionary.valueOf(i);
            if (isNaN(kind, column, value)) {
                return NONE;
            }
            if (uuids && least >= 0 && !sameSigns(column, value, least)) {
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

    /// Whether the halves of two uuids have the same signs: among such it does not matter whether
    /// they are compared with them.
    private static boolean sameSigns(ColumnBuffer column, int a, int b) {
        byte[] data = column.data();
        int x = column.fromAt(a);
        int y = column.fromAt(b);
        return (data[x] ^ data[y]) >= 0 && (data[x + Long.BYTES] ^ data[y + Long.BYTES]) >= 0;
    }

    /// The same of two that are gathered from different chunks.
    static boolean sameSigns(UUID a, UUID b) {
        return (a.getMostSignificantBits() ^ b.getMostSignificantBits()) >= 0
                && (a.getLeastSignificantBits() ^ b.getLeastSignificantBits()) >= 0;
    }

    /// A bound as it is written: -0.0 and 0.0 are equal, but not in everyone's order, so the least
    /// is the one and the greatest the other.
    static long zeroToFind(Physical.Kind kind, long word, boolean greatest) {
        return switch (kind) {
            case FLOAT ->
                    Float.intBitsToFloat((int) word) == 0
                            ? greatest ? 0 : Float.floatToRawIntBits(-0.0f)
                            : word;
            case DOUBLE ->
                    Double.longBitsToDouble(word) == 0
                            ? greatest ? 0 : Double.doubleToRawLongBits(-0.0)
                            : word;
            case BOOLEAN, INT32, INT64, BYTES, FIXED -> word;
        };
    }

    boolean known() {
        return least >= 0;
    }
}
