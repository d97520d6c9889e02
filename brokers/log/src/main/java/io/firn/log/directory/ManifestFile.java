package io.firn.log.directory;

import org.apache.kafka.common.TopicIdPartition;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.jspecify.annotations.Nullable;

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
import java.util.Collection;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.zip.CRC32C;

/// The manifest's bytes (L14): frames, each with its own checksum. The first says whose it is and
/// how many entries were there when the file was written whole; those follow; then the changes
/// since, a frame for each sync.
///
/// `magic, length, CRC32C of all that follows, sequence, count, changes`
public final class ManifestFile implements AutoCloseable {
    /// A change of one entry: what it is now, or null when the partition is gone.
    record Change(TopicIdPartition partition, @Nullable ManifestEntry now) {
        static Change put(ManifestEntry entry) {
            return new Change(entry.partition(), entry);
        }

        static Change removed(TopicIdPartition partition) {
            return new Change(partition, null);
        }
    }

    /// What a file says.
    public record Contents(String clusterId, Map<TopicIdPartition, ManifestEntry> entries) {}

    public static final String NAME = "manifest";
    static final int VERSION = 1;
    private static final int MAGIC = 0x4652_4D46; // FRMF
    private static final int HEAD = 24;
    private static final int ENTRIES_A_FRAME = 1_000;
    private static final byte PUT = 1;
    private static final byte REMOVED = 2;

    private final Path folder;
    private final Uuid directoryId;
    private final String clusterId;
    private @Nullable FileChannel channel;
    private long sequence;
    private long wholeBytes;
    private long bytes;

    public ManifestFile(Path folder, Uuid directoryId, String clusterId) {
        this.folder = folder;
        this.directoryId = directoryId;
        this.clusterId = clusterId;
    }

    public static boolean exists(Path folder) {
        return Files.exists(folder.resolve(NAME));
    }

    /// Whose a manifest is.
    record Owner(Uuid directoryId, String clusterId) {}

    /// What the folder's manifest says of itself; empty when there is none, or none that can be
    /// read.
    static Optional<Owner> owner(Path folder) throws IOException {
        if (!exists(folder)) {
            return Optional.empty();
        }
        ByteBuffer file = ByteBuffer.wrap(Files.readAllBytes(folder.resolve(NAME)));
        if (!holds(file, 0, 0)) {
            return Optional.empty();
        }
        try (DataInputStream in = payload(file, 0)) {
            in.readInt(); // its version, which read() looks at
            return Optional.of(new Owner(new Uuid(in.readLong(), in.readLong()), in.readUTF()));
        }
    }

    /// Writes all entries to a new file that takes the old one's place: temporary file, fsync,
    /// rename, fsync of the folder.
    public void replace(Collection<ManifestEntry> entries) throws IOException {
        Path temporary = folder.resolve(NAME + ".new");
        FileChannel next =
                FileChannel.open(
                        temporary,
                        StandardOpenOption.CREATE,
                        StandardOpenOption.WRITE,
                        StandardOpenOption.TRUNCATE_EXISTING);
        try {
            sequence = 0;
            bytes = 0;
            writeFrame(next, 1, owner(entries.size()));
            Iterator<ManifestEntry> rest = entries.iterator();
            while (rest.hasNext()) {
                var payload = new ByteArrayOutputStream(ENTRIES_A_FRAME * 160);
                var out = new DataOutputStream(payload);
                int count = 0;
                for (; count < ENTRIES_A_FRAME && rest.hasNext(); count++) {
                    write(Change.put(rest.next()), out);
                }
                writeFrame(next, count, payload.toByteArray());
            }
            next.force(true);
            Files.move(
                    temporary,
                    folder.resolve(NAME),
                    StandardCopyOption.ATOMIC_MOVE,
                    StandardCopyOption.REPLACE_EXISTING);
            Folders.sync(folder);
        } catch (IOException | RuntimeException e) {
            next.close();
            throw e;
        }
        close();
        channel = next;
        wholeBytes = bytes;
    }

    private byte[] owner(int entries) throws IOException {
        var payload = new ByteArrayOutputStream(64);
        var out = new DataOutputStream(payload);
        out.writeInt(VERSION);
        out.writeLong(directoryId.getMostSignificantBits());
        out.writeLong(directoryId.getLeastSignificantBits());
        out.writeUTF(clusterId);
        out.writeInt(entries);
        return payload.toByteArray();
    }

    /// Durable on return.
    void append(List<Change> changes) throws IOException {
        FileChannel open = channel;
        if (open == null) {
            throw new IOException("The manifest is closed");
        }
        var payload = new ByteArrayOutputStream(changes.size() * 160);
        var out = new DataOutputStream(payload);
        for (Change change : changes) {
            write(change, out);
        }
        writeFrame(open, changes.size(), payload.toByteArray());
        open.force(false);
    }

    /// Whether the changes take more room than the whole did, and enough to be worth a new file.
    boolean isLong(long atLeast) {
        return bytes - wholeBytes > Math.max(atLeast, wholeBytes);
    }

    private void writeFrame(FileChannel to, int count, byte[] payload) throws IOException {
        ByteBuffer frame = ByteBuffer.allocate(HEAD + payload.length);
        frame.putInt(MAGIC).putInt(payload.length).putInt(0).putLong(sequence).putInt(count);
        frame.put(payload).flip();
        frame.putInt(8, crc(frame, 0, payload.length));
        sequence++;
        bytes += frame.remaining();
        while (frame.hasRemaining()) {
            to.write(frame);
        }
    }

    private static void write(Change change, DataOutputStream out) throws IOException {
        ManifestEntry now = change.now();
        if (now != null) {
            out.writeByte(PUT);
            now.write(out);
            return;
        }
        out.writeByte(REMOVED);
        out.writeLong(change.partition().topicId().getMostSignificantBits());
        out.writeLong(change.partition().topicId().getLeastSignificantBits());
        out.writeUTF(change.partition().topic());
        out.writeInt(change.partition().partition());
    }

    private static int crc(ByteBuffer file, int at, int length) {
        var crc = new CRC32C();
        crc.update(file.duplicate().clear().position(at + 4).limit(at + 8));
        crc.update(file.duplicate().clear().position(at + 12).limit(at + HEAD + length));
        return (int) crc.getValue();
    }

    @Override
    public void close() throws IOException {
        FileChannel open = channel;
        channel = null;
        if (open != null) {
            open.close();
        }
    }

    // ---- reading

    /// What the folder's manifest says. A last frame that does not hold was being written when the
    /// process ended: nobody relies on it. One with others behind it is damage.
    ///
    /// @throws IOException when it cannot be read or is another directory's (L12)
    public static Contents read(Path folder, Uuid directoryId) throws IOException {
        Path path = folder.resolve(NAME);
        ByteBuffer file = ByteBuffer.wrap(Files.readAllBytes(path));
        Map<TopicIdPartition, ManifestEntry> entries = new LinkedHashMap<>();
        if (!holds(file, 0, 0)) {
            throw damaged(path, 0);
        }
        int whole;
        String clusterId;
        try (DataInputStream in = payload(file, 0)) {
            int version = in.readInt();
            if (version != VERSION) {
                throw new IOException(
                        "Cannot read %s: version %d, this program knows %d. Start the program that wrote it."
                                .formatted(path, version, VERSION));
            }
            Uuid owner = new Uuid(in.readLong(), in.readLong());
            if (!owner.equals(directoryId)) { // L12
                throw new IOException(
                        "Cannot use %s: it belongs to directory %s, this one is %s. Put the folder together again."
                                .formatted(path, owner, directoryId));
            }
            clusterId = in.readUTF();
            whole = in.readInt();
        }
        int at = HEAD + file.getInt(4);
        int read = 0;
        for (long sequence = 1; at < file.limit(); sequence++) {
            if (!holds(file, at, sequence)) {
                if (read < whole || anyHolds(file, at + 1, sequence)) {
                    throw damaged(path, at);
                }
                break;
            }
            read += apply(file, at, entries, path);
            at += HEAD + file.getInt(at + 4);
        }
        if (read < whole) {
            throw damaged(path, at);
        }
        return new Contents(clusterId, entries);
    }

    private static int apply(
            ByteBuffer file, int at, Map<TopicIdPartition, ManifestEntry> entries, Path path)
            throws IOException {
        int count = file.getInt(at + 20);
        try (DataInputStream in = payload(file, at)) {
            for (int i = 0; i < count; i++) {
                byte kind = in.readByte();
                if (kind == PUT) {
                    ManifestEntry entry = ManifestEntry.read(in);
                    entries.put(entry.partition(), entry);
                } else if (kind == REMOVED) {
                    Uuid id = new Uuid(in.readLong(), in.readLong());
                    String topic = in.readUTF();
                    entries.remove(
                            new TopicIdPartition(id, new TopicPartition(topic, in.readInt())));
                } else {
                    throw new IOException("change " + kind + " is unknown");
                }
            }
        } catch (IOException | IllegalArgumentException e) {
            throw new IOException(
                    "Cannot read %s: the frame at %d cannot be understood (%s). Start the program that wrote it, or restore the folder from a copy."
                            .formatted(path, at, e.getMessage()),
                    e);
        }
        return count;
    }

    private static DataInputStream payload(ByteBuffer file, int at) {
        return new DataInputStream(
                new ByteArrayInputStream(file.array(), at + HEAD, file.getInt(at + 4)));
    }

    private static boolean holds(ByteBuffer file, int at, long sequence) {
        return wellFormed(file, at) && file.getLong(at + 12) == sequence;
    }

    private static boolean wellFormed(ByteBuffer file, int at) {
        if (file.limit() - at < HEAD || file.getInt(at) != MAGIC) {
            return false;
        }
        int length = file.getInt(at + 4);
        return length >= 0
                && length <= file.limit() - at - HEAD
                && file.getInt(at + 8) == crc(file, at, length);
    }

    private static boolean anyHolds(ByteBuffer file, int from, long after) {
        for (int at = from; at <= file.limit() - HEAD; at++) {
            if (wellFormed(file, at) && file.getLong(at + 12) >= after) {
                return true;
            }
        }
        return false;
    }

    private static IOException damaged(Path path, int at) {
        return new IOException(
                "Cannot read %s: its frame at %d is damaged. Restore the file or the folder from a copy."
                        .formatted(path, at));
    }
}
