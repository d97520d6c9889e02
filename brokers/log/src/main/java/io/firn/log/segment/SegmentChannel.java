package io.firn.log.segment;

import com.sun.nio.file.ExtendedOpenOption;

import io.firn.log.journal.JournalFormat;
import io.firn.log.segment.SegmentBuffers.Buffer;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.concurrent.locks.StampedLock;

/// What an active segment's `FileRecords` appends to: gathers bytes in an aligned buffer and writes
/// whole blocks with O_DIRECT (HOT-PATH §6). Readers see one file, wherever its bytes are (L1).
///
/// `0 <= base <= end`: bytes below `base` are in the file, those in `[base, end)` in the buffer.
/// The file never has a byte that was not appended: a last, part-filled block goes out by an
/// ordinary write of just its bytes, and stays in the buffer to be written again when it is full
/// (L8). One thread appends at a time; any thread reads, forces or trims.
public final class SegmentChannel extends FileChannel {
    static final int BLOCK = JournalFormat.BLOCK;

    /// A small buffer that fills in less becomes a large one; a large one that does not fill in
    /// [#SLOW_NANOS] is given back (L10).
    private static final long FAST_NANOS = 250_000_000L;

    private static final long SLOW_NANOS = 5_000_000_000L;

    private final Path path;
    private final FileChannel file;
    private final SegmentBuffers buffers;
    private final boolean mayBeDirect;
    /// Held while bytes are appended, written out or cut.
    private final ReentrantLock writing = new ReentrantLock();
    /// Held for writing while `base` or the buffer changes, so that readers copy what they mean.
    private final StampedLock window = new StampedLock();
    private @Nullable FileChannel direct;
    private @Nullable Buffer buffer;
    private volatile long base;
    private volatile long end;
    private long written; // everything below is in the file, part of it perhaps in the buffer too
    private long fillingSince = System.nanoTime();
    private volatile boolean sealed;

    /// Takes ownership of `file`, an ordinary channel for reading and writing.
    ///
    /// @param mayBeDirect whether the file system takes O_DIRECT
    public SegmentChannel(Path path, FileChannel file, SegmentBuffers buffers, boolean mayBeDirect)
            throws IOException {
        this.path = path;
        this.file = file;
        this.buffers = buffers;
        this.mayBeDirect = mayBeDirect;
        this.base = file.size();
        this.end = base;
        this.written = base;
    }

    /// The file itself, for `sendfile` of what [#stableEnd] covers.
    FileChannel file() {
        return file;
    }

    /// Bytes below are in the file and will not be written again.
    long stableEnd() {
        return sealed ? base : base & -BLOCK;
    }

    // ---- appending

    @Override
    public int write(ByteBuffer source) throws IOException {
        int count = source.remaining();
        writing.lock();
        try {
            sealed = false;
            while (source.hasRemaining()) {
                Buffer to = buffer == null ? takeBuffer() : buffer;
                if (to == null) {
                    writeThrough(source);
                } else {
                    gather(source, to);
                }
            }
            return count;
        } finally {
            writing.unlock();
        }
    }

    private void gather(ByteBuffer source, Buffer to) throws IOException {
        int at = (int) (end - base);
        int room = Math.min(to.capacity() - at, source.remaining());
        to.bytes().put(at, source, source.position(), room);
        source.position(source.position() + room);
        end = base + at + room; // after the bytes: readers may have them now
        if (at + room == to.capacity()) {
            writeOut();
            resize();
        }
    }

    /// A buffer that begins at the last whole block; null when there is none to have.
    private @Nullable Buffer takeBuffer() throws IOException {
        Buffer taken = buffers.take(SegmentBuffers.SMALL);
        if (taken == null) {
            return null;
        }
        long start = end & -BLOCK;
        ByteBuffer block = taken.bytes().duplicate().limit((int) (end - start));
        while (block.hasRemaining()) {
            if (file.read(block, start + block.position()) < 0) {
                buffers.giveBack(taken);
                throw new IOException("Segment %s ends before %d".formatted(path, end));
            }
        }
        swap(taken, start);
        written = end;
        fillingSince = System.nanoTime();
        return taken;
    }

    /// No memory to gather in: through the page cache, as Kafka does.
    private void writeThrough(ByteBuffer source) throws IOException {
        long at = end;
        while (source.hasRemaining()) {
            at += file.write(source, at);
        }
        written = at;
        long stamp = window.writeLock();
        try {
            base = at;
            end = at;
        } finally {
            window.unlockWrite(stamp);
        }
    }

    /// The buffer is empty: a fast one may become large, a slow one small again.
    private void resize() {
        Buffer now = buffer;
        if (now == null) {
            return;
        }
        long nanos = System.nanoTime();
        long took = nanos - fillingSince;
        fillingSince = nanos;
        boolean grow = !now.large() && took < FAST_NANOS;
        boolean shrink = now.large() && took > SLOW_NANOS;
        if (grow || shrink) {
            Buffer other = buffers.take(grow ? SegmentBuffers.LARGE : SegmentBuffers.SMALL);
            if (other != null) {
                swap(other, base);
                buffers.giveBack(now);
            }
        }
    }

    private void swap(@Nullable Buffer next, long start) {
        long stamp = window.writeLock();
        try {
            buffer = next;
            base = start;
        } finally {
            window.unlockWrite(stamp);
        }
    }

    // ---- writing out

    /// Everything that was appended is in the file afterwards, if not synced.
    private void writeOut() throws IOException {
        Buffer from = buffer;
        if (from == null || written == end) {
            return;
        }
        int pending = (int) (end - base);
        int whole = pending & -BLOCK;
        if (whole > 0) {
            writeFully(from.bytes().duplicate().limit(whole), base, directFor(whole));
        }
        if (whole < pending) {
            ByteBuffer tail = from.bytes().duplicate().position(whole).limit(pending);
            writeFully(tail, base + whole, file);
        }
        written = end;
        if (whole > 0) {
            long stamp = window.writeLock();
            try {
                from.bytes().put(0, from.bytes(), whole, pending - whole);
                base += whole;
            } finally {
                window.unlockWrite(stamp);
            }
        }
    }

    /// A few blocks are not worth a descriptor of their own.
    private FileChannel directFor(int bytes) {
        FileChannel open = direct;
        if (open == null && mayBeDirect && bytes >= SegmentBuffers.SMALL) {
            try {
                open =
                        FileChannel.open(
                                path, Set.of(StandardOpenOption.WRITE, ExtendedOpenOption.DIRECT));
                direct = open;
            } catch (IOException moved) { // the segment is being deleted
                return file;
            }
        }
        return open == null ? file : open;
    }

    private static void writeFully(ByteBuffer bytes, long position, FileChannel to)
            throws IOException {
        long at = position;
        while (bytes.hasRemaining()) {
            at += to.write(bytes, at);
        }
    }

    @Override
    public void force(boolean metaData) throws IOException {
        writing.lock();
        try {
            writeOut();
        } finally {
            writing.unlock();
        }
        file.force(metaData);
    }

    /// The segment takes no more appends: writes it out and gives its buffer back (L9). A later
    /// append, after a truncation, would open it again.
    public void seal() throws IOException {
        writing.lock();
        try {
            dropBuffer();
            sealed = true;
        } finally {
            writing.unlock();
        }
    }

    /// Gives back a buffer that fills slowly or not at all (L10).
    public void trim() throws IOException {
        if (buffer == null || System.nanoTime() - fillingSince < SLOW_NANOS || !writing.tryLock()) {
            return;
        }
        try {
            dropBuffer();
        } finally {
            writing.unlock();
        }
    }

    private void dropBuffer() throws IOException {
        writeOut();
        Buffer old = buffer;
        if (old != null) {
            swap(null, end);
            buffers.giveBack(old);
        }
    }

    @Override
    public FileChannel truncate(long size) throws IOException {
        writing.lock();
        try {
            if (size < end) {
                dropBuffer();
                file.truncate(size);
                written = size;
                long stamp = window.writeLock();
                base = size;
                end = size;
                window.unlockWrite(stamp);
            }
            return this;
        } finally {
            writing.unlock();
        }
    }

    @Override
    protected void implCloseChannel() throws IOException {
        writing.lock();
        try (FileChannel one = file;
                FileChannel two = direct) {
            writeOut();
        } finally {
            Buffer old = buffer;
            if (old != null) {
                swap(null, end);
                buffers.giveBack(old);
            }
            writing.unlock();
        }
    }

    // ---- reading

    @Override
    public int read(ByteBuffer into, long position) throws IOException {
        long start;
        long stamp = window.readLock();
        try {
            start = base;
            Buffer from = buffer;
            if (position >= end) {
                return -1;
            }
            if (position >= start && from != null) {
                int count = (int) Math.min(into.remaining(), end - position);
                into.put(from.bytes().duplicate().slice((int) (position - start), count));
                return count;
            }
        } finally {
            window.unlockRead(stamp);
        }
        int over = (int) Math.max(0, into.remaining() - (start - position));
        into.limit(into.limit() - over);
        try {
            return file.read(into, position);
        } finally {
            into.limit(into.limit() + over);
        }
    }

    @Override
    public long size() {
        return end;
    }

    @Override
    public long transferTo(long position, long count, WritableByteChannel target)
            throws IOException {
        long stableEnd = stableEnd();
        if (position < stableEnd) {
            return file.transferTo(position, Math.min(count, stableEnd - position), target);
        }
        ByteBuffer copy = ByteBuffer.allocate((int) Math.min(count, SegmentBuffers.SMALL));
        return read(copy, position) < 0 ? 0 : target.write(copy.flip());
    }

    @Override
    public long position() {
        return end;
    }

    /// The position is always the end; Kafka sets it when it opens a segment.
    @Override
    public FileChannel position(long position) {
        if (position != end) {
            throw new IllegalArgumentException(
                    "Cannot append to %s at %d: it ends at %d".formatted(path, position, end));
        }
        return this;
    }

    // ---- what a segment does not need

    @Override
    public long write(ByteBuffer[] sources, int offset, int length) throws IOException {
        long count = 0;
        for (int i = offset; i < offset + length; i++) {
            count += write(sources[i]);
        }
        return count;
    }

    @Override
    public int read(ByteBuffer into) {
        throw new UnsupportedOperationException("A segment is read by position");
    }

    @Override
    public long read(ByteBuffer[] into, int offset, int length) {
        throw new UnsupportedOperationException("A segment is read by position");
    }

    @Override
    public int write(ByteBuffer source, long position) {
        throw new UnsupportedOperationException("A segment is only appended to");
    }

    @Override
    public long transferFrom(ReadableByteChannel source, long position, long count) {
        throw new UnsupportedOperationException("A segment is only appended to");
    }

    @Override
    public MappedByteBuffer map(MapMode mode, long position, long size) {
        throw new UnsupportedOperationException("A segment may be in memory in part");
    }

    @Override
    public FileLock lock(long position, long size, boolean shared) throws IOException {
        return file.lock(position, size, shared);
    }

    @Override
    public @Nullable FileLock tryLock(long position, long size, boolean shared) throws IOException {
        return file.tryLock(position, size, shared);
    }
}
