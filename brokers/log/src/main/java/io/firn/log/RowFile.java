package io.firn.log;

import org.apache.kafka.common.Uuid;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.zip.CRC32C;

/// A file of rows, replaced atomically: the segment checkpoint and the state file (L5).
///
/// `magic, version, directory id, count, rows, CRC32C of all before`.
final class RowFile {
    private static final int MAGIC = 0x4649524E; // FIRN
    private static final int VERSION = 1;

    private final Path folder;
    private final Path file;
    private final Uuid directoryId;

    RowFile(Path folder, String name, Uuid directoryId) {
        this.folder = folder;
        this.file = folder.resolve(name);
        this.directoryId = directoryId;
    }

    boolean exists() {
        return Files.exists(file);
    }

    /// Temporary file, fsync, rename, fsync of the folder.
    void write(Collection<LogRow> rows) throws IOException {
        var bytes = new ByteArrayOutputStream(64 + rows.size() * 160);
        var out = new DataOutputStream(bytes);
        out.writeInt(MAGIC);
        out.writeInt(VERSION);
        out.writeLong(directoryId.getMostSignificantBits());
        out.writeLong(directoryId.getLeastSignificantBits());
        out.writeInt(rows.size());
        for (LogRow row : rows) {
            row.write(out);
        }
        var crc = new CRC32C();
        crc.update(bytes.toByteArray());
        out.writeInt((int) crc.getValue());
        Path temporary = file.resolveSibling(file.getFileName() + ".tmp");
        try (FileChannel channel =
                FileChannel.open(
                        temporary,
                        StandardOpenOption.CREATE,
                        StandardOpenOption.WRITE,
                        StandardOpenOption.TRUNCATE_EXISTING)) {
            ByteBuffer buffer = ByteBuffer.wrap(bytes.toByteArray());
            while (buffer.hasRemaining()) {
                channel.write(buffer);
            }
            channel.force(true);
        }
        Files.move(
                temporary,
                file,
                StandardCopyOption.ATOMIC_MOVE,
                StandardCopyOption.REPLACE_EXISTING);
        Folders.sync(folder);
    }

    List<LogRow> read() throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        var crc = new CRC32C();
        crc.update(bytes, 0, Math.max(0, bytes.length - 4));
        if (bytes.length < 32
                || ByteBuffer.wrap(bytes).getInt(bytes.length - 4) != (int) crc.getValue()) {
            throw new IOException(
                    "Cannot read %s: its CRC does not hold. Restore the file or the folder from a copy."
                            .formatted(file));
        }
        var in = new DataInputStream(new ByteArrayInputStream(bytes));
        int magic = in.readInt();
        int version = in.readInt();
        if (magic != MAGIC || version > VERSION) {
            throw new IOException(
                    "Cannot read %s: version %d, this program knows %d. Start the newer program."
                            .formatted(file, version, VERSION));
        }
        Uuid owner = new Uuid(in.readLong(), in.readLong());
        if (!owner.equals(directoryId)) { // L12
            throw new IOException(
                    "Cannot use %s: it belongs to directory %s, this one is %s. Put the folder together again."
                            .formatted(file, owner, directoryId));
        }
        int count = in.readInt();
        var rows = new ArrayList<LogRow>();
        try {
            for (int i = 0; i < count; i++) {
                rows.add(LogRow.read(in));
            }
        } catch (IOException | IllegalArgumentException e) {
            throw new IOException(
                    "Cannot read %s: row %d of %d cannot be read. Restore the file or the folder from a copy."
                            .formatted(file, rows.size() + 1, count),
                    e);
        }
        return rows;
    }
}
