package io.firn.tiering.table.parquet;

import org.apache.parquet.io.OutputFile;
import org.apache.parquet.io.PositionOutputStream;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.CRC32C;

/// A file on local disk for parquet-java, without Hadoop's file systems, which do not work on JDK
/// 25. Counts and sums what goes through it.
final class LocalOutputFile implements OutputFile {
    private final Path path;
    private final CRC32C crc = new CRC32C();
    private @org.jspecify.annotations.Nullable Counting stream;

    LocalOutputFile(Path path) {
        this.path = path;
    }

    private final class Counting extends PositionOutputStream {
        private final OutputStream out;
        private long position;

        Counting(OutputStream out) {
            this.out = out;
        }

        @Override
        public long getPos() {
            return position;
        }

        @Override
        public void write(int b) throws IOException {
            crc.update(b);
            out.write(b);
            position++;
        }

        @Override
        public void write(byte[] bytes, int from, int length) throws IOException {
            crc.update(bytes, from, length);
            out.write(bytes, from, length);
            position += length;
        }

        @Override
        public void flush() throws IOException {
            out.flush();
        }

        @Override
        public void close() throws IOException {
            out.close();
        }
    }

    /// The stream that the Parquet writer writes to as well.
    PositionOutputStream stream() throws IOException {
        return stream == null ? create(0) : stream;
    }

    long size() {
        return stream == null ? 0 : stream.position;
    }

    int crc32c() {
        return (int) crc.getValue();
    }

    @Override
    public PositionOutputStream create(long blockSizeHint) throws IOException {
        Counting created =
                new Counting(new BufferedOutputStream(Files.newOutputStream(path), 256 << 10));
        stream = created;
        return created;
    }

    @Override
    public PositionOutputStream createOrOverwrite(long blockSizeHint) throws IOException {
        return create(blockSizeHint);
    }

    @Override
    public boolean supportsBlockSize() {
        return false;
    }

    @Override
    public long defaultBlockSize() {
        return 0;
    }
}
