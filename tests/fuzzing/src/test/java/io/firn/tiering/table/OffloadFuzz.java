package io.firn.tiering.table;

import static org.assertj.core.api.Assertions.assertThat;

import io.firn.tiering.table.batch.BatchHeader;
import io.firn.tiering.table.batch.BatchRecords;
import io.firn.tiering.table.column.Layout;
import io.firn.tiering.table.column.SchemaLookup;
import io.firn.tiering.table.column.TableShape;
import io.firn.tiering.table.column.TopicTableSchema;
import io.firn.tiering.table.file.EncodedFile;
import io.firn.tiering.table.file.RangeReader;
import io.firn.tiering.table.file.SeekIndex;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/// A batch with a right CRC and anything inside, on its way to the table and back (C15): rows or
/// opaque bytes, what comes out is what went in, and the offload is never stopped by it.
///
/// Input: codec, record count, last offset delta, then the records section.
public final class OffloadFuzz {
    static final String SCHEMA =
            """
            {"type":"record","name":"Order","fields":[
              {"name":"id","type":"long"},
              {"name":"city","type":"string"},
              {"name":"amount","type":["null","double"]},
              {"name":"tags","type":{"type":"array","items":"string"}},
              {"name":"attrs","type":{"type":"map","values":"long"}}]}
            """;
    private static final TableShape COMPACT = compact();
    private static final SchemaLookup REGISTRY =
            id -> id == 42 ? Optional.of(SCHEMA) : Optional.empty();
    private static final Path FOLDER = folder();

    private OffloadFuzz() {}

    static Path folder() {
        try {
            Path folder = Files.createTempDirectory("fuzz-offload");
            folder.toFile().deleteOnExit();
            return folder;
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    static TableShape compact() {
        var evolved = TopicTableSchema.evolve(TopicTableSchema.base(), "", 42, SCHEMA);
        return new TableShape(
                org.apache.iceberg.SchemaParser.toJson(evolved.schema()),
                evolved.mappingJson(),
                Layout.COMPACT,
                0);
    }

    public static void fuzzerTestOneInput(byte[] input) throws IOException {
        if (input.length < 3) {
            return;
        }
        ByteBuffer batch = batch(input[0] & 7, input[1], Math.max(input[2], 0), input, 3);
        long end = batch.getInt(23) + 1L;
        Path file = FOLDER.resolve("a.parquet");
        EncodedFile encoded =
                SegmentEncoder.encode(
                        COMPACT,
                        List.of(
                                new SegmentInput(
                                        new UUID(1, 1),
                                        new UUID(2, 2),
                                        0,
                                        0,
                                        end,
                                        7,
                                        List.of(batch),
                                        "[{\"epoch\":7}]",
                                        "")),
                        REGISTRY,
                        file);
        try {
            SeekIndex index = SeekIndex.parse(encoded.segments().getFirst().seekIndexJson());
            DecodedBatches back =
                    new SegmentDecoder(REGISTRY, Recompression.NONE)
                            .decode(
                                    group(Files.readAllBytes(file), index.groups().getFirst()),
                                    index,
                                    0);
            assertSame(batch, back.bytes());
        } finally {
            Files.deleteIfExists(file);
        }
    }

    /// Whole and unchanged, or unpacked with the same records inside.
    private static void assertSame(ByteBuffer hot, ByteBuffer cold) {
        if (hot.equals(cold)) {
            return;
        }
        BatchHeader before = new BatchHeader().on(array(hot), 0);
        BatchHeader after = new BatchHeader().on(array(cold), 0);
        assertThat(before.codec()).isNotZero();
        assertThat(after.computedCrc()).isEqualTo(after.crc());
        var records = new io.firn.schema.ByteSink(1024);
        var again = new io.firn.schema.ByteSink(1024);
        assertThat(new BatchRecords().unpack(before, records))
                .isEqualTo(BatchRecords.Unpacked.WHOLE);
        assertThat(new BatchRecords().unpack(after, again)).isEqualTo(BatchRecords.Unpacked.WHOLE);
        assertThat(again.equals(0, records.bytes(), 0, records.size())).isTrue();
    }

    private static byte[] array(ByteBuffer buffer) {
        byte[] bytes = new byte[buffer.remaining()];
        buffer.duplicate().get(bytes);
        return bytes;
    }

    static ByteBuffer batch(int codec, int count, int lastDelta, byte[] records, int from) {
        int length = records.length - from;
        ByteBuffer buffer = ByteBuffer.allocate(61 + length);
        buffer.putLong(0).putInt(49 + length).putInt(7).put((byte) 2).putInt(0);
        buffer.putShort((short) codec).putInt(lastDelta);
        buffer.putLong(1_700_000_000_000L).putLong(1_700_000_000_000L);
        buffer.putLong(-1).putShort((short) -1).putInt(-1).putInt(count);
        buffer.put(records, from, length).flip();
        BatchHeader.seal(buffer.array(), 0, buffer.limit(), codec);
        return buffer;
    }

    private static ByteBuffer group(byte[] file, SeekIndex.RowGroup at) {
        return ByteBuffer.wrap(file, (int) at.position(), at.length()).slice();
    }

    static RangeReader bytes(byte[] all) {
        return new RangeReader() {
            @Override
            public ByteBuffer read(long position, int length) {
                return ByteBuffer.wrap(all, (int) position, length).slice();
            }

            @Override
            public long size() {
                return all.length;
            }
        };
    }
}
