package io.firn.protocol.response;

import io.netty.buffer.Unpooled;
import io.netty.channel.DefaultFileRegion;

import org.apache.kafka.common.network.Send;
import org.apache.kafka.common.network.TransferableChannel;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.ArrayList;
import java.util.List;

/// Turns a Kafka `Send` into buffers and file regions without copying: every write is recorded
/// instead of written.
public final class ResponseBytes implements TransferableChannel {
    /// A buffer is copied whole before it is written, so large ones go in parts.
    private static final int MOST_PART_BYTES = 128 * 1024;

    private final List<Object> parts = new ArrayList<>();

    private ResponseBytes() {}

    public static List<Object> of(Send send) {
        ResponseBytes recorded = new ResponseBytes();
        try {
            while (!send.completed()) {
                send.writeTo(recorded);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot serialise a response", e);
        }
        return recorded.parts;
    }

    @Override
    public long transferFrom(FileChannel file, long position, long count) {
        parts.add(region(file, position, count));
        return count;
    }

    @Override
    public int write(ByteBuffer source) {
        int count = source.remaining();
        while (source.hasRemaining()) {
            int size = Math.min(source.remaining(), MOST_PART_BYTES);
            parts.add(Unpooled.wrappedBuffer(source.slice(source.position(), size)));
            source.position(source.position() + size);
        }
        return count;
    }

    @Override
    public long write(ByteBuffer[] sources) {
        return write(sources, 0, sources.length);
    }

    @Override
    public long write(ByteBuffer[] sources, int offset, int length) {
        long count = 0;
        for (int i = offset; i < offset + length; i++) {
            count += write(sources[i]);
        }
        return count;
    }

    @Override
    public boolean hasPendingWrites() {
        return false;
    }

    @Override
    public boolean isOpen() {
        return true;
    }

    @Override
    public void close() {}

    private static Object region(FileChannel file, long position, long count) {
        // Netty's native sendfile reads the file descriptor out of the JDK's own class.
        return file.getClass().getName().equals("sun.nio.ch.FileChannelImpl")
                ? new BorrowedFile(file, position, count)
                : new ForeignFileRegion(file, position, count);
    }

    /// A region of a file that stays open: it belongs to the log.
    private static final class BorrowedFile extends DefaultFileRegion {
        BorrowedFile(FileChannel file, long position, long count) {
            super(file, position, count);
        }

        @Override
        protected void deallocate() {}
    }
}
