package io.firn.tiering.table.parquet;

import io.firn.schema.ColumnBuffer;
import io.firn.schema.ColumnLayout;
import io.firn.schema.ColumnType;
import io.firn.schema.ColumnType.Plain;
import io.firn.tiering.table.file.FileMetrics;

import org.apache.iceberg.Schema;
import org.apache.iceberg.types.Comparators;
import org.apache.iceberg.types.Conversions;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.util.BinaryUtil;
import org.apache.iceberg.util.UnicodeUtil;
import org.jspecify.annotations.Nullable;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/// Gathers Iceberg's column metrics over a file's row groups: bounds for leaves that are not inside
/// lists or maps, text and binary cut to 16.
public final class MetricsCollector {
    private static final int TRUNCATED = 16;
    private final Schema schema;
    private final Map<Integer, Long> sizes = new HashMap<>();
    private final Map<Integer, Long> counts = new HashMap<>();
    private final Map<Integer, Long> nulls = new HashMap<>();
    private final Map<Integer, @Nullable Object> least = new HashMap<>();
    private final Map<Integer, @Nullable Object> greatest = new HashMap<>();

    public MetricsCollector(Schema schema) {
        this.schema = schema;
    }

    void add(ColumnLayout.Leaf leaf, ColumnBuffer column, ColumnBounds bounds) {
        int id = leaf.column().id();
        counts.merge(id, (long) column.entries(), Long::sum);
        nulls.merge(id, (long) column.entries() - column.values(), Long::sum);
        if (leaf.maxRepetition() > 0 || column.values() == 0) {
            return;
        }
        if (!bounds.known()) {
            forget(id);
            return;
        }
        Type.PrimitiveType type = schema.findType(id).asPrimitiveType();
        Comparator<Object> order = Comparators.forType(type);
        Object low = value(leaf, column, bounds.least(), false);
        Object high = value(leaf, column, bounds.greatest(), true);
        if (low instanceof UUID one
                && least.get(id) instanceof UUID other
                && !ColumnBounds.sameSigns(one, other)) {
            forget(id);
            return;
        }
        merge(least, id, low, order);
        merge(greatest, id, high, order.reversed());
    }

    /// A chunk without bounds leaves the file without.
    private void forget(int id) {
        least.put(id, null);
        greatest.put(id, null);
    }

    void addSize(int fieldId, long bytes) {
        sizes.merge(fieldId, bytes, Long::sum);
    }

    private static void merge(
            Map<Integer, @Nullable Object> bounds, int id, Object value, Comparator<Object> order) {
        if (!bounds.containsKey(id)) {
            bounds.put(id, value);
            return;
        }
        Object before = bounds.get(id);
        if (before != null && order.compare(value, before) < 0) {
            bounds.put(id, value);
        }
    }

    private static Object value(
            ColumnLayout.Leaf leaf, ColumnBuffer column, int value, boolean up) {
        if (column.ofBytes()) {
            int from = column.fromAt(value);
            int length = column.toAt(value) - from;
            if (leaf.column().type() == Plain.STRING) {
                return new String(column.data(), from, length, StandardCharsets.UTF_8);
            }
            byte[] copy = new byte[length];
            System.arraycopy(column.data(), from, copy, 0, length);
            ByteBuffer bytes = ByteBuffer.wrap(copy);
            return leaf.column().type() == Plain.UUID
                    ? new UUID(bytes.getLong(), bytes.getLong())
                    : bytes;
        }
        long word = ColumnBounds.zeroToFind(leaf.physical().kind(), column.wordAt(value), up);
        return switch (leaf.column().type()) {
            case Plain plain ->
                    switch (plain) {
                        case BOOLEAN -> word != 0;
                        case INT, DATE -> (int) word;
                        case FLOAT -> Float.intBitsToFloat((int) word);
                        case DOUBLE -> Double.longBitsToDouble(word);
                        case LONG, TIME, TIMESTAMP, TIMESTAMPTZ, STRING, UUID, BINARY -> word;
                    };
            case ColumnType.Decimal decimal ->
                    new BigDecimal(BigInteger.valueOf(word), decimal.scale());
            case ColumnType.Fixed fixed -> word;
            case ColumnType.Struct struct -> word;
            case ColumnType.ListOf list -> word;
            case ColumnType.MapOf map -> word;
        };
    }

    FileMetrics metrics(List<Long> splitOffsets) {
        Map<Integer, ByteBuffer> lower = new HashMap<>();
        Map<Integer, ByteBuffer> upper = new HashMap<>();
        least.forEach((id, value) -> put(lower, id, value == null ? null : cut(value, false)));
        greatest.forEach((id, value) -> put(upper, id, value == null ? null : cut(value, true)));
        return new FileMetrics(
                Map.copyOf(sizes),
                Map.copyOf(counts),
                Map.copyOf(nulls),
                Map.copyOf(lower),
                Map.copyOf(upper),
                List.copyOf(splitOffsets));
    }

    private void put(Map<Integer, ByteBuffer> bounds, int id, @Nullable Object value) {
        if (value != null) {
            bounds.put(id, Conversions.toByteBuffer(schema.findType(id), value));
        }
    }

    private static @Nullable Object cut(Object value, boolean up) {
        if (value instanceof String text) {
            return up
                    ? UnicodeUtil.truncateStringMax(text, TRUNCATED)
                    : UnicodeUtil.truncateStringMin(text, TRUNCATED);
        }
        if (value instanceof ByteBuffer bytes) {
            return up
                    ? BinaryUtil.truncateBinaryMax(bytes, TRUNCATED)
                    : BinaryUtil.truncateBinaryMin(bytes, TRUNCATED);
        }
        return value;
    }
}
