package io.firn.protocol.response;

import io.netty.channel.FileRegion;
import io.netty.util.AbstractReferenceCounted;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;

/// A region of a file channel that is not the JDK's own (a log may bring one); never closes it.
final class ForeignFileRegion extends AbstractReferenceCounted implements FileRegion {
    private final FileChannel file;
    private final long position;
    private final long count;
    private long transferred;

    ForeignFileRegion(FileChannel file, long position, long count) {
        this.file = file;
        this.position = position;
        this.count = count;
    }

    @Override
    public long transferTo(WritableByteChannel target, long offset) throws IOException {
        long left = count - offset;
        if (left <= 0) {
            return 0;
        }
        long moved = file.transferTo(position + offset, left, target);
        if (moved > 0) {
            transferred += moved;
        } else if (position + offset >= file.size()) {
            throw new IOException(
                    "Cannot send %d bytes at position %d: the file has only %d"
                            .formatted(left, position + offset, file.size()));
        }
        return moved;
    }

    @Override
    public long position() {
        return position;
    }

    @Override
    @Deprecated
    @SuppressWarnings("InlineMeSuggester")
    public long transfered() {
        return transferred;
    }

    @Override
    public long transferred() {
        return transferred;
    }

    @Override
    public long count() {
        return count;
    }

    @Override
    public FileRegion retain() {
        super.retain();
        return this;
    }

    @Override
    public FileRegion retain(int increment) {
        super.retain(increment);
        return this;
    }

    @Override
    public FileRegion touch() {
        return this;
    }

    @Override
    public FileRegion touch(Object hint) {
        return this;
    }

    @Override
    protected void deallocate() {}
}
