package io.firn.log.segment;

import org.apache.kafka.common.network.TransferableChannel;
import org.apache.kafka.common.record.internal.AbstractRecords;
import org.apache.kafka.common.record.internal.FileRecords;
import org.apache.kafka.common.record.internal.RecordBatch;
import org.apache.kafka.common.utils.internals.AbstractIterator;

import java.io.IOException;
import java.nio.ByteBuffer;

/// A slice of a segment whose newest bytes may be in its channel's buffer (L8). It is sent as a
/// region of the file up to the last block that will not be written again, and from there on as a
/// copy, which belongs to the response.
public final class SegmentRecords extends AbstractRecords {
    private final FileRecords slice;
    private final SegmentChannel channel;
    private final long start;

    /// @param slice of `size` bytes at position `start` of the segment
    public SegmentRecords(FileRecords slice, SegmentChannel channel, long start) {
        this.slice = slice;
        this.channel = channel;
        this.start = start;
    }

    @Override
    public int writeTo(TransferableChannel to, int offset, int length) throws IOException {
        long at = start + offset;
        int count = Math.min(length, sizeInBytes() - offset);
        long stableEnd = channel.stableEnd();
        if (at < stableEnd) {
            return (int) to.transferFrom(channel.file(), at, Math.min(count, stableEnd - at));
        }
        ByteBuffer copy = ByteBuffer.allocate(count);
        while (copy.hasRemaining()) {
            if (channel.read(copy, at + copy.position()) < 0) {
                throw new IOException(
                        "Cannot send %d bytes at %d: the segment ends at %d"
                                .formatted(count, at, channel.size()));
            }
        }
        return to.write(copy.flip());
    }

    @Override
    public int sizeInBytes() {
        return slice.sizeInBytes();
    }

    @Override
    public Iterable<? extends RecordBatch> batches() {
        return slice.batches();
    }

    @Override
    public AbstractIterator<? extends RecordBatch> batchIterator() {
        return slice.batchIterator();
    }

    @Override
    public SegmentRecords slice(int position, int size) {
        return new SegmentRecords(slice.slice(position, size), channel, start + position);
    }
}
