package io.firn.tiering.table.file;

import java.nio.ByteBuffer;

/// One data file, read by byte ranges. Each read is one ranged GET.
public interface RangeReader {
    /// Exactly `length` bytes from `position`, as a buffer whose remaining bytes they are.
    ByteBuffer read(long position, int length);

    /// Size of the whole file in bytes.
    long size();
}
