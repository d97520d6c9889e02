package io.firn.tiering.table.batch;

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
public final class BatchRecords {
    /// What one batch may unpack to in memory. Rows and their check need it three times over, for
    /// each encoder at work; what is larger is read record by record ([RecordStream]).
    public static final int MOST_BYTES = 32 << 20;

    /// A batch that is large as it came may unpack to this many times its size.
    public static final int MOST_RATIO = 4;

    private static final int STEP = 64 << 10;
    private final BufferSupplier buffers = BufferSupplier.create();

    /// What became of unpacking.
    public enum Unpacked {
        /// All records are there.
        WHOLE,

        /// They are larger than anyone's memory should be asked for.
        LARGE,

        /// They cannot be unpacked: no consumer reads them either.
        BROKEN
    }

    /// Replaces what `out` holds by the batch's records, uncompressed.
    public Unpacked unpack(BatchHeader header, ByteSink out) {
        out.clear();
        int length = header.size() - BatchHeader.LENGTH;
        if (header.codec() == 0) {
            out.put(header.bytes(), header.position() + BatchHeader.LENGTH, length);
            return Unpacked.WHOLE;
        }
        try (InputStream in = open(header)) {
            long most = Math.max(MOST_BYTES, (long) MOST_RATIO * length);
            while (out.size() <= most) {
                out.ensure(STEP);
                int read = in.read(out.bytes(), out.size(), STEP);
                if (read < 0) {
                    return Unpacked.WHOLE;
                }
                out.truncate(out.size() + read);
            }
            return Unpacked.LARGE;
        } catch (VirtualMachineError fatal) {
            throw fatal;
        } catch (IOException | RuntimeException | Error e) { // snappy throws errors of its own
            return Unpacked.BROKEN; // C15: what cannot be read stays as it is
        }
    }

    /// The records section as a stream.
    InputStream open(BatchHeader header) {
        return compression(header.codec())
                .wrapForInput(
                        ByteBuffer.wrap(
                                header.bytes(),
                                header.position() + BatchHeader.LENGTH,
                                header.size() - BatchHeader.LENGTH),
                        RecordBatch.MAGIC_VALUE_V2,
                        buffers);
    }

    /// Packs records with a codec.
    public static ByteBuffer pack(int codec, byte[] records, int from, int length) {
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
