package io.firn.log.model;

import io.firn.log.model.DiskFaults.Change;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Path;

/// A file of [FaultyFiles]: a write that fails may have written its first half.
final class FaultyChannel extends FileChannel {
    private final FileChannel real;
    private final Path path;
    private final DiskFaults faults;

    FaultyChannel(FileChannel real, Path path, DiskFaults faults) {
        this.real = real;
        this.path = path;
        this.faults = faults;
    }

    private interface Write {
        int to(ByteBuffer source) throws IOException;
    }

    private int write(ByteBuffer source, Write write) throws IOException {
        try {
            return faults.change(Change.WRITE, path, () -> write.to(source));
        } catch (DiskFaults.Injected torn) {
            if (torn.leavesHalf() && source.remaining() > 1) {
                write.to(source.duplicate().limit(source.position() + source.remaining() / 2));
            }
            throw torn;
        }
    }

    @Override
    public int write(ByteBuffer source) throws IOException {
        return write(source, real::write);
    }

    @Override
    public int write(ByteBuffer source, long position) throws IOException {
        return write(source, bytes -> real.write(bytes, position));
    }

    @Override
    public long write(ByteBuffer[] sources, int offset, int length) throws IOException {
        return faults.change(Change.WRITE, path, () -> real.write(sources, offset, length));
    }

    @Override
    public long transferFrom(ReadableByteChannel source, long position, long count)
            throws IOException {
        return faults.change(Change.WRITE, path, () -> real.transferFrom(source, position, count));
    }

    @Override
    public FileChannel truncate(long size) throws IOException {
        return faults.change(
                Change.TRUNCATE,
                path,
                () -> {
                    real.truncate(size);
                    return this;
                });
    }

    @Override
    public void force(boolean metaData) throws IOException {
        faults.change(
                Change.SYNC,
                path,
                () -> {
                    real.force(metaData);
                    return this;
                });
    }

    @Override
    public int read(ByteBuffer into) throws IOException {
        return real.read(into);
    }

    @Override
    public long read(ByteBuffer[] into, int offset, int length) throws IOException {
        return real.read(into, offset, length);
    }

    @Override
    public int read(ByteBuffer into, long position) throws IOException {
        return real.read(into, position);
    }

    @Override
    public long position() throws IOException {
        return real.position();
    }

    @Override
    public FileChannel position(long position) throws IOException {
        real.position(position);
        return this;
    }

    @Override
    public long size() throws IOException {
        return real.size();
    }

    @Override
    public long transferTo(long position, long count, WritableByteChannel target)
            throws IOException {
        return real.transferTo(position, count, target);
    }

    @Override
    public MappedByteBuffer map(MapMode mode, long position, long size) throws IOException {
        return real.map(mode, position, size);
    }

    @Override
    public FileLock lock(long position, long size, boolean shared) throws IOException {
        return real.lock(position, size, shared);
    }

    @Override
    public FileLock tryLock(long position, long size, boolean shared) throws IOException {
        return real.tryLock(position, size, shared);
    }

    @Override
    protected void implCloseChannel() throws IOException {
        real.close();
    }
}
