package io.firn.tiering.table.parquet;

import com.github.luben.zstd.Zstd;

import io.firn.schema.ColumnBuffer;
import io.firn.schema.ColumnLayout;
import io.firn.schema.Physical;
import io.firn.tiering.table.file.CorruptFileException;

import org.apache.parquet.bytes.ByteBufferInputStream;
import org.apache.parquet.column.values.delta.DeltaBinaryPackingValuesReader;
import org.apache.parquet.column.values.rle.RunLengthBitPackingHybridDecoder;
import org.apache.parquet.format.DataPageHeader;
import org.apache.parquet.format.PageHeader;
import org.apache.parquet.format.Util;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Objects;
import java.util.zip.CRC32;

/// Reads column chunks that {@link ColumnChunkWriter} wrote into column buffers. Page headers say
/// all that is needed; the file's footer is not read.
public final class RowGroupReader {
    private static final int BITS_PER_BYTE = 8;
    private static final int MOST_PAGE_BYTES = 1 << 30;
    private static final int MOST_ENTRIES = 64_000_000; // of one column in one row group
    private static final int MOST_DELTA_BLOCK = 1 << 16; // Parquet's writer makes them of 128
    private static final int[] NO_ENTRIES = {};
    private static final long[] NO_WORDS = {};
    private byte[] chunk = {};
    private byte[] page = {};
    private byte[] dictionary = {};
    private int[] dictionaryEnds = NO_ENTRIES;
    private long[] dictionaryWords = NO_WORDS;

    /// Bytes of memory that it keeps for the next row group.
    public long keptBytes() {
        return page.length + dictionary.length;
    }

    /// Who waits for this processor runs now, if it is its turn. A server's kernel (`PREEMPT_NONE`)
    /// would let this thread compute until the next tick, which is 4 ms away where there are 250 of
    /// them a second: milliseconds that a producer waits for, between pages and batches.
    public static void letOthersRun() {
        Thread.yield();
    }

    /// Fills one column from its chunk.
    public void read(
            byte[] bytes, int from, int length, ColumnLayout.Leaf leaf, ColumnBuffer into) {
        chunk = bytes;
        dictionaryEnds = NO_ENTRIES;
        dictionaryWords = NO_WORDS;
        try {
            int position = from;
            while (position < from + length) {
                ByteArrayInputStream in =
                        new ByteArrayInputStream(bytes, position, from + length - position);
                PageHeader header = Util.readPageHeader(in);
                int body = from + length - in.available();
                position = body + header.getCompressed_page_size();
                letOthersRun();
                unpack(header, body, from + length);
                letOthersRun();
                if (header.isSetDictionary_page_header()) {
                    readDictionary(
                            header.getDictionary_page_header().getNum_values(),
                            leaf.physical(),
                            header);
                } else if (header.isSetData_page_header()) {
                    readPage(
                            header.getData_page_header(),
                            header.getUncompressed_page_size(),
                            leaf.physical(),
                            into);
                } else {
                    throw new CorruptFileException(
                            "Cannot read column %s: its page is of type %s, and Firn writes only data pages of version 1"
                                    .formatted(leaf.column().name(), header.getType()));
                }
            }
        } catch (IOException | RuntimeException e) {
            if (e instanceof CorruptFileException told) {
                throw told;
            }
            throw new CorruptFileException(
                    "Cannot read column %s at position %d of the row group: %s"
                            .formatted(leaf.column().name(), from, e.getMessage()),
                    e);
        }
    }

    private void unpack(PageHeader header, int body, int end) {
        int size = header.getCompressed_page_size();
        if (size < 0 || body + size > end) {
            throw new CorruptFileException(
                    "Cannot read a page of %d bytes: the column chunk has only %d left"
                            .formatted(size, end - body));
        }
        if (header.isSetCrc()) {
            CRC32 crc = new CRC32();
            crc.update(chunk, body, size);
            if ((int) crc.getValue() != header.getCrc()) {
                throw new CorruptFileException(
                        "Cannot read a page: its CRC is %08x, its header says %08x. Fetch the file again."
                                .formatted((int) crc.getValue(), header.getCrc()));
            }
        }
        int unpacked = header.getUncompressed_page_size();
        if (unpacked < 0 || unpacked > MOST_PAGE_BYTES) {
            throw new CorruptFileException(
                    "Cannot read a page: its header says that it unpacks to %d bytes"
                            .formatted(unpacked));
        }
        if (page.length < unpacked) {
            page = new byte[Math.max(unpacked, page.length * 2)];
        }
        long written = Zstd.decompressByteArray(page, 0, unpacked, chunk, body, size);
        if (written != unpacked) {
            throw new CorruptFileException(
                    "Cannot read a page: it unpacks to %d bytes, its header says %d"
                            .formatted(written, unpacked));
        }
    }

    private void readDictionary(int count, Physical physical, PageHeader header) {
        dictionary = Arrays.copyOf(page, header.getUncompressed_page_size());
        if (count < 0 || count > dictionary.length) {
            throw new CorruptFileException(
                    "Cannot read a dictionary: %d entries do not fit into %d bytes"
                            .formatted(count, dictionary.length));
        }
        if (!physical.isBytes()) {
            dictionaryWords = new long[count];
            int width = ColumnChunkWriter.width(physical);
            for (int i = 0; i < count; i++) {
                dictionaryWords[i] = word(dictionary, i * width, physical);
            }
            return;
        }
        dictionaryEnds = new int[count * 2]; // from and to of each entry
        int at = 0;
        for (int i = 0; i < count; i++) {
            int size = physical.length();
            if (physical.kind() == Physical.Kind.BYTES) {
                size = intAt(dictionary, at);
                at += 4;
            }
            dictionaryEnds[2 * i] = at;
            at += size;
            dictionaryEnds[2 * i + 1] = at;
        }
    }

    private void readPage(DataPageHeader header, int size, Physical physical, ColumnBuffer into)
            throws IOException {
        int entries = header.getNum_values();
        if (entries < 0 || entries > MOST_ENTRIES - into.entries()) {
            throw new CorruptFileException(
                    "Cannot read a page: its header says that it has %d entries"
                            .formatted(entries));
        }
        int at = 0;
        RunLengthBitPackingHybridDecoder repetitions = null;
        RunLengthBitPackingHybridDecoder definitions = null;
        if (into.maxRepetition() > 0) {
            repetitions = levels(at, size, into.maxRepetition(), entries);
            at += 4 + intAt(page, at);
        }
        if (into.maxDefinition() > 0) {
            definitions = levels(at, size, into.maxDefinition(), entries);
            at += 4 + intAt(page, at);
        }
        Values values = values(header, physical, at, size);
        int most = into.maxDefinition();
        for (int i = 0; i < entries; i++) {
            int rep = repetitions == null ? 0 : repetitions.readInt();
            int def = definitions == null ? 0 : definitions.readInt();
            if (def == most) {
                values.next(into, rep);
            } else {
                into.addNull(rep, def);
            }
        }
    }

    private RunLengthBitPackingHybridDecoder levels(int at, int size, int most, int entries) {
        Objects.checkFromIndexSize(at + 4, intAt(page, at), size);
        return runs(PageEncoder.bits(most), at + 4, intAt(page, at), entries);
    }

    /// @param bits of a value
    /// @throws CorruptFileException before Parquet's decoder allocates what a run claims
    private RunLengthBitPackingHybridDecoder runs(int bits, int from, int length, int entries) {
        if (bits < 0 || bits > Integer.SIZE) {
            throw new CorruptFileException(
                    "Cannot read a page: its values are said to have %d bits".formatted(bits));
        }
        ByteBuffer runs = ByteBuffer.wrap(page, from, length);
        long values = 0;
        while (values < entries && runs.hasRemaining()) {
            long head = unsignedVarint(runs);
            boolean packed = (head & 1) != 0;
            long count = head >>> 1; // of equal values, or of packed ones in groups of eight
            if (packed && count > (entries + BITS_PER_BYTE - 1L) / BITS_PER_BYTE) {
                throw new CorruptFileException(
                        "Cannot read a page of %d entries: a run claims to pack eight times %d values"
                                .formatted(entries, count));
            }
            long bytes = packed ? count * bits : (bits + BITS_PER_BYTE - 1) / BITS_PER_BYTE;
            runs.position((int) Math.min(runs.limit(), runs.position() + bytes));
            values += packed ? count * BITS_PER_BYTE : count;
        }
        return new RunLengthBitPackingHybridDecoder(bits, new Ended(page, from, length));
    }

    /// Ends with an exception: Parquet's decoder of run lengths takes the -1 of an end for a byte
    /// that says "more follows", and asks for ever.
    private static final class Ended extends ByteArrayInputStream {
        Ended(byte[] bytes, int from, int length) {
            super(bytes, from, length);
        }

        @Override
        public synchronized int read() {
            int next = super.read();
            if (next < 0) {
                throw new IndexOutOfBoundsException("the page ends early");
            }
            return next;
        }
    }

    /// Hands out a page's values in order.
    private interface Values {
        void next(ColumnBuffer into, int rep) throws IOException;
    }

    private Values values(DataPageHeader header, Physical physical, int at, int size)
            throws IOException {
        return switch (header.getEncoding()) {
            case RLE_DICTIONARY -> dictionaryValues(header.getNum_values(), physical, at, size);
            case DELTA_BINARY_PACKED -> {
                if (at == size) {
                    yield (into, rep) -> {
                        throw new IndexOutOfBoundsException("the page has no values");
                    };
                }
                DeltaBinaryPackingValuesReader reader = delta(header, at, size).reader();
                yield physical.kind() == Physical.Kind.INT32
                        ? (into, rep) -> into.addWord(rep, reader.readInteger())
                        : (into, rep) -> into.addWord(rep, reader.readLong());
            }
            case DELTA_LENGTH_BYTE_ARRAY -> {
                Delta lengths = delta(header, at, size);
                int[] next = {lengths.end()};
                yield (into, rep) -> {
                    int length = lengths.reader().readInteger();
                    Objects.checkFromIndexSize(next[0], length, size);
                    into.addBytes(rep, page, next[0], length);
                    next[0] += length;
                };
            }
            case PLAIN -> plainValues(physical, at, size);
            default ->
                    throw new CorruptFileException(
                            "Cannot read a page in encoding %s: Firn does not write it"
                                    .formatted(header.getEncoding()));
        };
    }

    private Values dictionaryValues(int entries, Physical physical, int at, int size) {
        RunLengthBitPackingHybridDecoder ids = runs(page[at], at + 1, size - at - 1, entries);
        if (!physical.isBytes()) {
            return (into, rep) -> into.addWord(rep, dictionaryWords[ids.readInt()]);
        }
        return (into, rep) -> {
            int id = ids.readInt();
            int from = dictionaryEnds[2 * id];
            into.addBytes(rep, dictionary, from, dictionaryEnds[2 * id + 1] - from);
        };
    }

    private Values plainValues(Physical physical, int at, int size) {
        int[] next = {at};
        return switch (physical.kind()) {
            case BOOLEAN -> {
                next[0] = 0;
                yield (into, rep) -> {
                    int bit = next[0]++;
                    Objects.checkIndex(at + bit / BITS_PER_BYTE, size);
                    into.addWord(rep, page[at + bit / BITS_PER_BYTE] >> bit % BITS_PER_BYTE & 1);
                };
            }
            case INT32, INT64, FLOAT, DOUBLE -> {
                int width = ColumnChunkWriter.width(physical);
                yield (into, rep) -> {
                    Objects.checkFromIndexSize(next[0], width, size);
                    into.addWord(rep, word(page, next[0], physical));
                    next[0] += width;
                };
            }
            case FIXED ->
                    (into, rep) -> {
                        Objects.checkFromIndexSize(next[0], physical.length(), size);
                        into.addBytes(rep, page, next[0], physical.length());
                        next[0] += physical.length();
                    };
            case BYTES ->
                    (into, rep) -> {
                        int length = intAt(page, next[0]);
                        Objects.checkFromIndexSize(next[0] + 4, length, size);
                        into.addBytes(rep, page, next[0] + 4, length);
                        next[0] += 4 + length;
                    };
        };
    }

    private record Delta(DeltaBinaryPackingValuesReader reader, int end) {}

    /// @throws CorruptFileException before Parquet's reader allocates what the page claims
    private Delta delta(DataPageHeader header, int at, int size) throws IOException {
        ByteBuffer head = ByteBuffer.wrap(page, at, size - at);
        long block = unsignedVarint(head);
        long miniBlocks = unsignedVarint(head);
        long values = unsignedVarint(head);
        if (block < 1
                || block > MOST_DELTA_BLOCK
                || miniBlocks < 1
                || miniBlocks > block
                || values > header.getNum_values()) {
            throw new CorruptFileException(
                    "Cannot read a page of %d entries: it claims %d delta values in blocks of %d, of %d parts each"
                            .formatted(header.getNum_values(), values, block, miniBlocks));
        }
        ByteBufferInputStream in =
                ByteBufferInputStream.wrap(ByteBuffer.wrap(page, at, size - at).slice());
        DeltaBinaryPackingValuesReader reader = new DeltaBinaryPackingValuesReader();
        reader.initFromPage(Integer.MAX_VALUE, in);
        return new Delta(reader, at + (int) in.position());
    }

    private static long unsignedVarint(ByteBuffer from) {
        long value = 0;
        for (int shift = 0; shift < 35; shift += 7) {
            byte next = from.get();
            value |= (long) (next & 0x7f) << shift;
            if (next >= 0) {
                return value;
            }
        }
        return Long.MAX_VALUE; // longer than any number that fits
    }

    private static long word(byte[] bytes, int at, Physical physical) {
        int low = intAt(bytes, at);
        if (ColumnChunkWriter.width(physical) == 4) {
            return physical.kind() == Physical.Kind.INT32 ? low : low & 0xffffffffL;
        }
        return low & 0xffffffffL | (long) intAt(bytes, at + 4) << 32;
    }

    private static int intAt(byte[] b, int at) {
        return b[at] & 0xff | (b[at + 1] & 0xff) << 8 | (b[at + 2] & 0xff) << 16 | b[at + 3] << 24;
    }
}
