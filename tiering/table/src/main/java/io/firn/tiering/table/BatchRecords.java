package io.firn.tiering.table;

import io.firn.schema.ByteSink;

import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.record.internal.CompressionType;
import org.apache.kafka.common.record.internal.RecordBatch;
import org.apache.kafka.common.utils.internals.BufferSupplier;
import org.apache.kafka.common.utils.internals.ByteBufferOutputStream;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;

/// The records section of a batch, unpacked and packed.
final class BatchRecords {
    private static final int MOST_BYTES = 256 << 20;
    private final BufferSupplier buffers = BufferSupplier.create();

    /// Replaces what `out` holds by the batch's records, uncompressed.
    ///
    /// @return false when they cannot be unpacked, or are larger than anyone's memory should be
    ///     asked for
    boolean unpack(BatchHeader header, ByteSink out) {
        out.clear();
        int from = header.position() + BatchHeader.LENGTH;
        int length = header.size() - BatchHeader.LENGTH;
        if (header.codec() == 0) {
            out.put(header.bytes(), from, length);
            return true;
        }
        try (InputStream in =
                compression(header.codec())
                        .wrapForInput(
                                ByteBuffer.wrap(header.bytes(), from, length),
                                RecordBatch.MAGIC_VALUE_V2,
                                buffers)) {
            while (true) {
                out.ensure(64 << 10);
                int read = in.read(out.bytes(), out.size(), out.bytes().length - out.size());
                if (read < 0) {
                    return true;
                }
                out.truncate(out.size() + read);
                if (out.size() > MOST_BYTES) {
                    return false;
                }
            }
        } catch (IOException | RuntimeException e) {
            return false; // C15: what cannot be read stays as it is
        }
    }

    /// Packs records with a codec.
    static ByteBuffer pack(int codec, byte[] records, int from, int length) {
        ByteBufferOutputStream out = new ByteBufferOutputStream(length / 2 + 512);
        try (var packed = compression(codec).wrapForOutput(out, RecordBatch.MAGIC_VALUE_V2)) {
            packed.write(records, from, length);
        } catch (IOException e) {
            throw new IllegalStateException("Cannot compress records in memory", e);
        }
        ByteBuffer result = out.buffer();
        result.flip();
        return result;
    }

    private static Compression compression(int codec) {
        return Compression.of(CompressionType.forId(codec)).build();
    }
}
