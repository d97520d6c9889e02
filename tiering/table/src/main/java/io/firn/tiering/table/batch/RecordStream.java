package io.firn.tiering.table.batch;

import io.firn.schema.ByteSink;

import java.io.IOException;
import java.io.InputStream;

/// Reads records one after the other that are too large to be in memory together. Where a record
/// points past their end it is an `IndexOutOfBoundsException`, as with [RecordCursor]. Of one
/// thread.
public final class RecordStream implements AutoCloseable {
    private static final int BUFFER = 64 << 10;
    private static final int MOST_VARLONG_BITS = 70;
    private final InputStream in;
    private final byte[] buffer = new byte[BUFFER];
    private int at;
    private int end;
    private long before;

    RecordStream(InputStream in) {
        this.in = in;
    }

    /// Bytes read so far.
    public long position() {
        return before + at;
    }

    boolean atEnd() throws IOException {
        return at == end && !fill();
    }

    int readByte() throws IOException {
        require();
        return buffer[at++];
    }

    public long readVarlong() throws IOException {
        long value = 0;
        for (int shift = 0; shift < MOST_VARLONG_BITS; shift += 7) {
            int b = readByte();
            value |= (long) (b & 0x7f) << shift;
            if (b >= 0) {
                return (value >>> 1) ^ -(value & 1);
            }
        }
        throw new IndexOutOfBoundsException();
    }

    public int readVarint() throws IOException {
        long value = readVarlong();
        if (value != (int) value) {
            throw new IndexOutOfBoundsException();
        }
        return (int) value;
    }

    /// Appends the next `length` bytes to `out`.
    public void copyTo(ByteSink out, int length) throws IOException {
        out.ensure(length);
        for (int left = length; left > 0; ) {
            require();
            int some = Math.min(left, end - at);
            out.put(buffer, at, some);
            at += some;
            left -= some;
        }
    }

    public void skip(long length) throws IOException {
        for (long left = length; left > 0; ) {
            require();
            int some = (int) Math.min(left, end - at);
            at += some;
            left -= some;
        }
    }

    private void require() throws IOException {
        if (at == end && !fill()) {
            throw new IndexOutOfBoundsException("the records end early");
        }
    }

    private boolean fill() throws IOException {
        before += end;
        at = 0;
        end = 0;
        for (int read = 0; read >= 0; read = in.read(buffer)) {
            if (read > 0) {
                end = read;
                return true;
            }
        }
        return false;
    }

    @Override
    public void close() throws IOException {
        in.close();
    }
}
