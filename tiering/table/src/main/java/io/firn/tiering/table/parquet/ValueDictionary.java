package io.firn.tiering.table.parquet;

import io.firn.schema.ByteSink;
import io.firn.schema.ColumnBuffer;
import io.firn.schema.Physical;

import org.jspecify.annotations.Nullable;

import java.util.Arrays;

/// A column chunk's distinct values, when there are few enough that ids are smaller than values.
final class ValueDictionary {
    private static final int MOST_BYTES = 1 << 20;
    private static final int MOST_VALUES = 1 << 16;
    private static final int SAMPLE = 1_024;
    private final ByteSink page = new ByteSink(1 << 10);
    private int[] table = new int[512];
    private int[] firsts = new int[128];
    private int size;
    private final int[] ids;

    private ValueDictionary(int values) {
        ids = new int[values];
    }

    /// Builds it, or answers null when it would not pay.
    static @Nullable ValueDictionary of(ColumnBuffer column, Physical physical) {
        int values = column.values();
        if (values < 2) {
            return null;
        }
        ValueDictionary dictionary = new ValueDictionary(values);
        for (int i = 0; i < values; i++) {
            dictionary.ids[i] =
                    column.ofBytes()
                            ? dictionary.idOfBytes(column, i, physical)
                            : dictionary.idOfWord(column, i, physical);
            boolean many = dictionary.size > MOST_VALUES || dictionary.page.size() > MOST_BYTES;
            boolean sampled = i == SAMPLE && dictionary.size > SAMPLE * 3 / 4;
            if (many || sampled) {
                return null;
            }
        }
        return dictionary.size * 2L <= values ? dictionary : null;
    }

    private int idOfBytes(ColumnBuffer column, int value, Physical physical) {
        int from = column.fromAt(value);
        int to = column.toAt(value);
        int hash = hash(column.data(), from, to);
        int slot = hash & (table.length - 1);
        while (table[slot] != 0) {
            int id = table[slot] - 1;
            int other = firsts[id];
            if (Arrays.equals(
                    column.data(),
                    from,
                    to,
                    column.data(),
                    column.fromAt(other),
                    column.toAt(other))) {
                return id;
            }
            slot = slot + 1 & (table.length - 1);
        }
        if (physical.kind() == Physical.Kind.BYTES) {
            page.putLittleEndian(to - from, 4);
        }
        page.put(column.data(), from, to - from);
        return insert(column, slot, value);
    }

    private int idOfWord(ColumnBuffer column, int value, Physical physical) {
        long word = column.wordAt(value);
        int slot = hash(word) & (table.length - 1);
        while (table[slot] != 0) {
            int id = table[slot] - 1;
            if (column.wordAt(firsts[id]) == word) {
                return id;
            }
            slot = slot + 1 & (table.length - 1);
        }
        page.putLittleEndian(word, ColumnChunkWriter.width(physical));
        return insert(column, slot, value);
    }

    private int insert(ColumnBuffer column, int slot, int value) {
        if (size == firsts.length) {
            firsts = Arrays.copyOf(firsts, size * 2);
        }
        firsts[size] = value;
        table[slot] = ++size;
        if (size * 2 > table.length) {
            grow(column);
        }
        return size - 1;
    }

    private void grow(ColumnBuffer column) {
        table = new int[table.length * 4];
        for (int id = 0; id < size; id++) {
            int value = firsts[id];
            int hash =
                    column.ofBytes()
                            ? hash(column.data(), column.fromAt(value), column.toAt(value))
                            : hash(column.wordAt(value));
            int slot = hash & (table.length - 1);
            while (table[slot] != 0) {
                slot = slot + 1 & (table.length - 1);
            }
            table[slot] = id + 1;
        }
    }

    private static int hash(long word) {
        long h = word * 0x9E3779B97F4A7C15L;
        return (int) (h >>> 32);
    }

    private static int hash(byte[] bytes, int from, int to) {
        int h = to - from;
        for (int i = from; i < to; i++) {
            h = 31 * h + bytes[i];
        }
        return (h ^ h >>> 15) * 0x2C1B3C6D >>> 3;
    }

    /// The dictionary page, PLAIN encoded.
    ByteSink page() {
        return page;
    }

    int size() {
        return size;
    }

    int idAt(int value) {
        return ids[value];
    }

    /// Value number of the first occurrence of an entry.
    int valueOf(int id) {
        return firsts[id];
    }
}
