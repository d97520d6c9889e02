package io.firn.tiering.table;

import io.firn.schema.ByteSink;
import io.firn.schema.ColumnBuffer;
import io.firn.tiering.table.batch.BatchHeader;
import io.firn.tiering.table.batch.BatchRecords;
import io.firn.tiering.table.column.SchemaLookup;
import io.firn.tiering.table.column.TableColumns;
import io.firn.tiering.table.file.CorruptFileException;
import io.firn.tiering.table.file.SeekIndex;
import io.firn.tiering.table.parquet.RowGroupReader;
import io.firn.tiering.table.row.BatchEntries;
import io.firn.tiering.table.row.Shape;

import org.jspecify.annotations.Nullable;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.IntFunction;

/// Rebuilds record batches from the rows of a data file, a row group (one ranged GET) at a time.
/// Keeps its columns' memory for the next row group, which would else be garbage several times the
/// size of what is read. One thread at a time.
public final class SegmentDecoder {
    private static final int MOST_EXPECTED = 64 << 20; // it grows where more is needed

    private final SchemaLookup schemas;
    private final Recompression wire;
    private final RowGroupReader reader = new RowGroupReader();
    private final BatchHeader header = new BatchHeader();
    private final List<DecodedBatches.Batch> batches = new ArrayList<>();
    private @Nullable Shape shape;
    private byte[] fetched = {};

    /// @param wire codec of rebuilt batches
    public SegmentDecoder(SchemaLookup schemas, Recompression wire) {
        this.schemas = schemas;
        this.wire = wire;
    }

    /// Reads and rebuilds one row group of a segment. Headers come back as they were, but for
    /// length, CRC and codec; the records as they were. A batch that was not compressed, or was
    /// kept whole, comes back byte for byte.
    ///
    /// @param source the row group's bytes in its file
    /// @param rowGroup index in `index.groups()`
    /// @throws CorruptFileException when the bytes are not what was written; nothing of them may be
    ///     served
    public DecodedBatches decode(ByteBuffer source, SeekIndex index, int rowGroup) {
        return decode(source, index, rowGroup, byte[]::new);
    }

    /// The same into memory of the caller's: the result is in an array that this gave for the
    /// expected size, or in a new one where that was too small.
    public DecodedBatches decode(
            ByteBuffer source, SeekIndex index, int rowGroup, IntFunction<byte[]> memory) {
        SeekIndex.RowGroup group = index.groups().get(rowGroup);
        if (source.remaining() != group.length()) {
            throw new CorruptFileException(
                    "Cannot rebuild the batches of offsets %d to %d: their row group has %d bytes and not %d"
                            .formatted(
                                    group.firstOffset(),
                                    group.lastOffset(),
                                    source.remaining(),
                                    group.length()));
        }
        if (fetched.length < group.length()) {
            fetched = new byte[group.length()];
        }
        source.get(fetched, 0, group.length());
        batches.clear();
        try {
            return group.columnLengths().isEmpty()
                    ? whole(group, memory)
                    : rows(group, index, memory);
        } catch (CorruptFileException e) {
            throw e;
        } catch (RuntimeException e) { // lengths and ids that point anywhere
            throw new CorruptFileException(
                    "Cannot rebuild the batches of offsets %d to %d: %s"
                            .formatted(group.firstOffset(), group.lastOffset(), e.getMessage()),
                    e);
        }
    }

    /// Bytes of memory that it keeps for the next row group, about.
    public long keptBytes() {
        return fetched.length + reader.keptBytes() + (shape == null ? 0 : shape.keptBytes());
    }

    private DecodedBatches whole(SeekIndex.RowGroup group, IntFunction<byte[]> memory) {
        ByteSink out = new ByteSink(memory.apply(group.length()));
        putWhole(fetched, 0, group.length(), out);
        return decoded(out);
    }

    private DecodedBatches rows(
            SeekIndex.RowGroup group, SeekIndex index, IntFunction<byte[]> memory) {
        shape = Shape.of(index, schemas, shape);
        readColumns(group, shape);
        // A result that grows while it is written, or is twice what it holds, costs several times
        // its memory.
        ByteSink out =
                new ByteSink(memory.apply((int) Math.min(shape.expectedBytes(), MOST_EXPECTED)));
        rebuild(group, shape, out);
        return decoded(out);
    }

    private DecodedBatches decoded(ByteSink out) {
        ByteBuffer result = ByteBuffer.wrap(out.bytes(), 0, out.size()).slice();
        return new DecodedBatches(result, List.copyOf(batches));
    }

    private void readColumns(SeekIndex.RowGroup group, Shape shape) {
        TableColumns at = shape.at;
        if (group.columnLengths().size() != at.leaves) {
            throw new CorruptFileException(
                    "Cannot read a row group: the index has %d column lengths and its schema %d leaves. Rebuild the index from the file's footer."
                            .formatted(group.columnLengths().size(), at.leaves));
        }
        int position = 0;
        for (int i = 0; i < at.leaves; i++) {
            int length = group.columnLengths().get(i);
            shape.columns[i].clear();
            reader.read(fetched, position, length, at.layout.leaves().get(i), shape.columns[i]);
            position += length;
        }
        if (shape.offsets().entries() != group.rows()) {
            throw new CorruptFileException(
                    "Cannot read a row group: it has %d rows, the index says %d"
                            .formatted(shape.offsets().entries(), group.rows()));
        }
    }

    private void rebuild(SeekIndex.RowGroup group, Shape shape, ByteSink out) {
        if (group.continues()) {
            return; // its batch came with the group before
        }
        ColumnBuffer cells = shape.cells();
        while (!shape.offsets().atEnd()) {
            if (!cells.present()) {
                throw new CorruptFileException(
                        "Cannot rebuild a batch at offset %d: its first row has no header"
                                .formatted(shape.offsets().word()));
            }
            RowGroupReader.letOthersRun();
            long row = shape.offsets().position();
            byte[] data = cells.data();
            int position = cells.from();
            int end = cells.to();
            int trailers = -1;
            while (position < end) {
                int kind = BatchEntries.kind(data, position);
                if (kind == BatchEntries.TRAILER) {
                    trailers = position;
                    break;
                }
                int length = BatchEntries.length(data, position);
                Objects.checkFromIndexSize(position + BatchEntries.PREFIX, length, end);
                if (kind == BatchEntries.OPAQUE) {
                    putBatch(data, position + BatchEntries.PREFIX, length, out);
                } else if (kind == BatchEntries.HEADER) {
                    rebuildBatch(data, position + BatchEntries.PREFIX, shape, out);
                } else {
                    putBatch(data, position + BatchEntries.PREFIX, length, out);
                    shape.assembler.skip(header.count());
                }
                position += BatchEntries.PREFIX + length;
            }
            if (shape.offsets().position() == row) {
                throw new CorruptFileException(
                        "Cannot rebuild a batch at offset %d: no entry of its first row has rows"
                                .formatted(shape.offsets().word()));
            }
            if (trailers >= 0) {
                putWhole(data, trailers, end, out);
            } else if (shape.offsets().atEnd()) {
                putTrailersOfLastRow(group, shape.cells(), out);
            }
        }
    }

    /// The last row may be in the middle of its batch; its cell then holds only what follows the
    /// rows.
    private void putTrailersOfLastRow(SeekIndex.RowGroup group, ColumnBuffer cells, ByteSink out) {
        int last = cells.entries() - 1;
        if (group.rows() > 1 && cells.definitionAt(last) == cells.maxDefinition()) {
            int value = cells.values() - 1;
            int from = cells.fromAt(value);
            if (BatchEntries.kind(cells.data(), from) == BatchEntries.TRAILER) {
                putWhole(cells.data(), from, cells.toAt(value), out);
            }
        }
    }

    private void putWhole(byte[] entries, int from, int end, ByteSink out) {
        for (int at = from; at < end; ) {
            int length = BatchEntries.length(entries, at);
            Objects.checkFromIndexSize(at + BatchEntries.PREFIX, length, end);
            putBatch(entries, at + BatchEntries.PREFIX, length, out);
            at += BatchEntries.PREFIX + length;
        }
    }

    private void putBatch(byte[] data, int from, int length, ByteSink out) {
        int position = out.size();
        out.put(data, from, length);
        note(position, out);
    }

    private void rebuildBatch(byte[] data, int from, Shape shape, ByteSink out) {
        int position = out.size();
        header.on(data, from);
        int originalCodec = header.codec();
        int originalCrc = header.crc();
        out.put(data, from, BatchHeader.LENGTH);
        shape.assembler.assemble(header, out);
        int codec = repack(position, out);
        int crc = BatchHeader.seal(out.bytes(), position, out.size() - position, codec);
        if (originalCodec == 0 && codec == 0 && crc != originalCrc) {
            throw new CorruptFileException(
                    "Cannot serve the batch at offset %d: rebuilt, its CRC is %08x, written was %08x"
                            .formatted(header.baseOffset(), crc, originalCrc));
        }
        note(position, out);
    }

    private int repack(int position, ByteSink out) {
        int codec =
                switch (wire) {
                    case NONE -> 0;
                    case LZ4 -> 3;
                    case ZSTD -> 4;
                };
        if (codec != 0) {
            int records = position + BatchHeader.LENGTH;
            ByteBuffer packed =
                    BatchRecords.pack(codec, out.bytes(), records, out.size() - records);
            out.truncate(records);
            out.put(packed.array(), packed.arrayOffset() + packed.position(), packed.remaining());
        }
        return codec;
    }

    private void note(int position, ByteSink out) {
        header.on(out.bytes(), position);
        batches.add(
                new DecodedBatches.Batch(
                        position,
                        out.size() - position,
                        header.baseOffset(),
                        header.lastOffset(),
                        header.maxTimestamp()));
    }
}
