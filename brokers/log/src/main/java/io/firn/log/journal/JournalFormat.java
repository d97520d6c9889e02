package io.firn.log.journal;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/// The journal's bytes: two header blocks, then two halves of groups (HOT-PATH §7).
///
/// A group is padded to whole blocks: a header of 64 bytes, then entries of a 48 byte header and a
/// payload. The group's CRC32C covers all headers and, of each batch, what the batch's own CRC does
/// not cover. All numbers are big-endian.
public final class JournalFormat {
    public static final int BLOCK = 4096;
    static final int HEADER_BLOCKS = 2;
    public static final long DATA_START = (long) HEADER_BLOCKS * BLOCK;
    public static final int VERSION = 1;

    static final int HEADER_MAGIC = 0x46524A48; // FRJH
    public static final int GROUP_MAGIC = 0x46524A47; // FRJG
    public static final int GROUP_HEADER = 64;
    public static final int ENTRY_HEADER = 48;
    /// Base offset, length, leader epoch, magic and CRC of a batch.
    static final int BATCH_COVERED = 21;

    private JournalFormat() {}

    /// What an entry does; the code is on disk.
    public enum Type {
        DATA(1),
        HANDLE(2),
        RESTART(3),
        LOG_START(4),
        DELETE(5);

        final byte code;

        Type(int code) {
            this.code = (byte) code;
        }

        static Type of(byte code) {
            for (Type type : values()) {
                if (type.code == code) {
                    return type;
                }
            }
            throw new IllegalArgumentException("Journal entry of unknown type " + code);
        }
    }

    /// One of the two header blocks; the one with the higher `turn` counts.
    ///
    /// @param generation of the start that writes now; random
    /// @param oldestSeq sequence of the oldest group needed
    /// @param oldestPosition where it is, or will be
    /// @param syncedSeq highest sequence known synced
    public record Header(
            long turn,
            long directoryHigh,
            long directoryLow,
            int nodeId,
            int flags,
            long ringBytes,
            long generation,
            long oldestSeq,
            long oldestPosition,
            long syncedSeq) {

        /// The last process closed everything: there is nothing to replay.
        static final int CLOSED = 1;

        /// Groups were synced before they were acknowledged.
        public static final int STRICT = 2;

        public boolean closed() {
            return (flags & CLOSED) != 0;
        }

        boolean strict() {
            return (flags & STRICT) != 0;
        }

        public void write(ByteBuffer block) {
            block.clear();
            block.putInt(HEADER_MAGIC)
                    .putInt(VERSION)
                    .putLong(turn)
                    .putLong(directoryHigh)
                    .putLong(directoryLow);
            block.putInt(nodeId).putInt(flags).putLong(ringBytes).putLong(generation);
            block.putLong(oldestSeq).putLong(oldestPosition).putLong(syncedSeq);
            int end = block.position();
            block.putInt(crc(block, 0, end));
            while (block.hasRemaining()) {
                block.put((byte) 0);
            }
            block.flip();
        }

        /// Null when the block is not a valid header.
        static @org.jspecify.annotations.Nullable Header read(ByteBuffer block) {
            if (block.remaining() < 96 || block.getInt(0) != HEADER_MAGIC) {
                return null;
            }
            ByteBuffer in = block.duplicate();
            in.getInt();
            int version = in.getInt();
            if (in.getInt(80) != crc(block, 0, 80)) {
                return null;
            }
            if (version > VERSION) {
                throw new IllegalStateException(
                        "Cannot read the journal: version %d, this program knows %d. Start the newer program."
                                .formatted(version, VERSION));
            }
            long turn = in.getLong();
            long high = in.getLong();
            long low = in.getLong();
            int node = in.getInt();
            int flags = in.getInt();
            return new Header(
                    turn,
                    high,
                    low,
                    node,
                    flags,
                    in.getLong(),
                    in.getLong(),
                    in.getLong(),
                    in.getLong(),
                    in.getLong());
        }
    }

    /// @param length bytes of header and entries, before padding
    record GroupHeader(
            int crc, int length, long generation, long seq, long syncedSeq, int entries) {
        /// All but the CRC, which is filled in last.
        public void write(ByteBuffer out, int at) {
            out.putInt(at, GROUP_MAGIC)
                    .putInt(at + 4, VERSION)
                    .putInt(at + 8, crc)
                    .putInt(at + 12, length);
            out.putLong(at + 16, generation).putLong(at + 24, seq).putLong(at + 32, syncedSeq);
            out.putInt(at + 40, entries).putInt(at + 44, 0).putLong(at + 48, 0).putLong(at + 56, 0);
        }

        static @org.jspecify.annotations.Nullable GroupHeader read(ByteBuffer in, int at) {
            if (in.getInt(at) != GROUP_MAGIC || in.getInt(at + 4) != VERSION) {
                return null;
            }
            return new GroupHeader(
                    in.getInt(at + 8),
                    in.getInt(at + 12),
                    in.getLong(at + 16),
                    in.getLong(at + 24),
                    in.getLong(at + 32),
                    in.getInt(at + 40));
        }
    }

    /// @param payload bytes that follow the header
    /// @param before DATA: the log end before it; marks: their offset
    /// @param after DATA: the log end after it; RESTART: the log start; other marks: their offset
    record EntryHeader(
            Type type,
            int payload,
            int handle,
            int leaderEpoch,
            long before,
            long after,
            int batches) {
        public void write(ByteBuffer out, int at) {
            out.put(at, type.code).put(at + 1, (byte) 0).putShort(at + 2, (short) 0);
            out.putInt(at + 4, payload).putInt(at + 8, handle).putInt(at + 12, leaderEpoch);
            out.putLong(at + 16, before).putLong(at + 24, after).putInt(at + 32, batches);
            out.putInt(at + 36, 0).putLong(at + 40, 0);
        }

        static EntryHeader read(ByteBuffer in, int at) {
            return new EntryHeader(
                    Type.of(in.get(at)),
                    in.getInt(at + 4),
                    in.getInt(at + 8),
                    in.getInt(at + 12),
                    in.getLong(at + 16),
                    in.getLong(at + 24),
                    in.getInt(at + 32));
        }
    }

    static int crc(ByteBuffer buffer, int from, int to) {
        var crc = new CRC32C();
        update(crc, buffer, from, to);
        return (int) crc.getValue();
    }

    static void update(CRC32C crc, ByteBuffer buffer, int from, int to) {
        crc.update(buffer.duplicate().clear().position(from).limit(to));
    }

    /// The CRC of a whole group, its CRC field taken as zero; -1 as a long when lengths inside do
    /// not add up.
    public static long groupCrc(ByteBuffer group, int length) {
        var crc = new CRC32C();
        update(crc, group, 0, 8);
        update(crc, group, 12, GROUP_HEADER);
        int at = GROUP_HEADER;
        int entries = group.getInt(40);
        for (int i = 0; i < entries; i++) {
            if (at + ENTRY_HEADER > length) {
                return -1;
            }
            update(crc, group, at, at + ENTRY_HEADER);
            int payload = group.getInt(at + 4);
            byte type = group.get(at);
            at += ENTRY_HEADER;
            if (payload < 0 || payload > length - at) {
                return -1;
            }
            if (type == Type.DATA.code) {
                int end = at + payload;
                for (int batch = at; batch < end; ) {
                    if (end - batch < BATCH_COVERED) {
                        return -1;
                    }
                    update(crc, group, batch, batch + BATCH_COVERED);
                    int size = group.getInt(batch + 8) + 12;
                    if (size < BATCH_COVERED || size > end - batch) {
                        return -1;
                    }
                    batch += size;
                }
            } else {
                update(crc, group, at, at + payload);
            }
            at += payload;
        }
        return at == length ? crc.getValue() : -1;
    }

    public static int padded(int length) {
        return (length + BLOCK - 1) / BLOCK * BLOCK;
    }
}
