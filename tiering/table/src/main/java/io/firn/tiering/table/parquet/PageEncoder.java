package io.firn.tiering.table.parquet;

import com.github.luben.zstd.ZstdCompressCtx;

import io.firn.schema.ByteSink;
import io.firn.schema.ColumnBuffer;
import io.firn.schema.Physical;

import org.apache.parquet.bytes.BytesInput;
import org.apache.parquet.bytes.HeapByteBufferAllocator;
import org.apache.parquet.column.Encoding;
import org.apache.parquet.column.values.delta.DeltaBinaryPackingValuesWriter;
import org.apache.parquet.column.values.delta.DeltaBinaryPackingValuesWriterForInteger;
import org.apache.parquet.column.values.delta.DeltaBinaryPackingValuesWriterForLong;
import org.apache.parquet.column.values.rle.RunLengthBitPackingHybridEncoder;
import org.jspecify.annotations.Nullable;

import java.io.IOException;

/// Encodes runs of a column's entries as the body of a data page, version 1, and compresses it.
public final class PageEncoder implements AutoCloseable {
    private static final int SLAB = 1 << 12;
    private static final int MOST = 1 << 24;
    private final ZstdCompressCtx zstd = new ZstdCompressCtx().setLevel(1);
    private final ByteSink body = new ByteSink(1 << 20);
    private byte[] packed = new byte[1 << 16];

    /// Starts a page with the levels of entries `[from, to)`.
    void begin(ColumnBuffer column, int from, int to) throws IOException {
        body.clear();
        if (column.maxRepetition() > 0) {
            levels(column, from, to, true, column.maxRepetition());
        }
        if (column.maxDefinition() > 0) {
            levels(column, from, to, false, column.maxDefinition());
        }
    }

    private void levels(ColumnBuffer column, int from, int to, boolean repetition, int most)
            throws IOException {
        try (RunLengthBitPackingHybridEncoder encoder = rle(bits(most))) {
            for (int i = from; i < to; i++) {
                encoder.writeInt(repetition ? column.repetitionAt(i) : column.definitionAt(i));
            }
            byte[] bytes = encoder.toBytes().toByteArray();
            body.putLittleEndian(bytes.length, 4);
            body.put(bytes, 0, bytes.length);
        }
    }

    /// Adds values `[from, to)` and answers how they were encoded.
    Encoding values(
            ColumnBuffer column,
            Physical physical,
            int from,
            int to,
            @Nullable ValueDictionary dictionary)
            throws IOException {
        if (dictionary != null) {
            int width = bits(dictionary.size() - 1);
            body.put(width);
            try (RunLengthBitPackingHybridEncoder encoder = rle(width)) {
                for (int i = from; i < to; i++) {
                    encoder.writeInt(dictionary.idAt(i));
                }
                append(encoder.toBytes());
            }
            return Encoding.RLE_DICTIONARY;
        }
        if (from == to) {
            return Encoding.PLAIN; // only nulls: nothing follows the levels
        }
        switch (physical.kind()) {
            case BOOLEAN -> {
                for (int i = from; i < to; i += 8) {
                    int eight = 0;
                    for (int k = 0; k < 8 && i + k < to; k++) {
                        eight |= (int) column.wordAt(i + k) << k;
                    }
                    body.put(eight);
                }
                return Encoding.PLAIN;
            }
            case INT32 -> {
                try (var delta =
                        new DeltaBinaryPackingValuesWriterForInteger(SLAB, MOST, allocator())) {
                    for (int i = from; i < to; i++) {
                        delta.writeInteger((int) column.wordAt(i));
                    }
                    return append(delta, Encoding.DELTA_BINARY_PACKED);
                }
            }
            case INT64 -> {
                try (var delta =
                        new DeltaBinaryPackingValuesWriterForLong(SLAB, MOST, allocator())) {
                    for (int i = from; i < to; i++) {
                        delta.writeLong(column.wordAt(i));
                    }
                    return append(delta, Encoding.DELTA_BINARY_PACKED);
                }
            }
            case FLOAT, DOUBLE -> {
                int width = physical.kind() == Physical.Kind.FLOAT ? 4 : 8;
                for (int i = from; i < to; i++) {
                    body.putLittleEndian(column.wordAt(i), width);
                }
                return Encoding.PLAIN;
            }
            case FIXED -> {
                addRange(column, from, to);
                return Encoding.PLAIN;
            }
            case BYTES -> {
                try (var lengths =
                        new DeltaBinaryPackingValuesWriterForInteger(SLAB, MOST, allocator())) {
                    for (int i = from; i < to; i++) {
                        lengths.writeInteger(column.toAt(i) - column.fromAt(i));
                    }
                    append(lengths, Encoding.DELTA_LENGTH_BYTE_ARRAY);
                }
                addRange(column, from, to);
                return Encoding.DELTA_LENGTH_BYTE_ARRAY;
            }
        }
        throw new IllegalStateException("Cannot encode " + physical);
    }

    private void addRange(ColumnBuffer column, int from, int to) {
        if (to > from) {
            int begin = column.fromAt(from);
            body.put(column.data(), begin, column.toAt(to - 1) - begin);
        }
    }

    private Encoding append(DeltaBinaryPackingValuesWriter writer, Encoding encoding)
            throws IOException {
        append(writer.getBytes());
        return encoding;
    }

    private void append(BytesInput input) throws IOException {
        byte[] bytes = input.toByteArray();
        body.put(bytes, 0, bytes.length);
    }

    int uncompressedSize() {
        return body.size();
    }

    /// The page compressed; valid until the next page.
    BytesInput compressed() {
        return compress(body);
    }

    BytesInput compress(ByteSink bytes) {
        int bound = (int) com.github.luben.zstd.Zstd.compressBound(bytes.size());
        if (packed.length < bound) {
            packed = new byte[bound];
        }
        int size = zstd.compressByteArray(packed, 0, packed.length, bytes.bytes(), 0, bytes.size());
        return BytesInput.from(packed, 0, size);
    }

    private static RunLengthBitPackingHybridEncoder rle(int bits) {
        return new RunLengthBitPackingHybridEncoder(bits, SLAB, MOST, allocator());
    }

    private static HeapByteBufferAllocator allocator() {
        return HeapByteBufferAllocator.getInstance();
    }

    static int bits(int most) {
        return 32 - Integer.numberOfLeadingZeros(most);
    }

    @Override
    public void close() {
        zstd.close();
    }
}
