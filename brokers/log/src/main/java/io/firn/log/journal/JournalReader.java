package io.firn.log.journal;

import io.firn.log.journal.JournalFormat.EntryHeader;
import io.firn.log.journal.JournalFormat.GroupHeader;
import io.firn.log.journal.JournalFormat.Header;
import io.firn.log.journal.JournalFormat.Type;

import org.apache.kafka.common.TopicIdPartition;
import org.apache.kafka.common.errors.CorruptRecordException;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.MutableRecordBatch;
import org.jspecify.annotations.Nullable;

import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;

/// Walks the groups that a stopped process left, in sequence from the oldest needed one (L7).
public final class JournalReader {
    /// One entry with its partition resolved.
    ///
    /// @param checkpoint of a HANDLE entry, else null
    /// @param records of a DATA entry, else empty; valid during the call only
    public record Entry(
            long seq,
            Type type,
            TopicIdPartition partition,
            int leaderEpoch,
            long before,
            long after,
            @Nullable LogCheckpoint checkpoint,
            ByteBuffer records) {}

    /// Where the ring ends.
    public record Tail(long lastSeq, long position) {}

    private static final int SCAN = 1 << 20;

    private final JournalFile file;
    private final Ring ring;
    private final ByteBuffer block = JournalFile.buffer(JournalFormat.BLOCK);
    private ByteBuffer large = JournalFile.buffer(SCAN);
    private long generation;

    public JournalReader(JournalFile file, Ring ring) {
        this.file = file;
        this.ring = ring;
    }

    /// The header block that counts, or null when there is none: a new ring.
    public static @Nullable Header header(JournalFile file) throws IOException {
        Header best = null;
        ByteBuffer block = JournalFile.buffer(JournalFormat.BLOCK);
        for (int i = 0; i < JournalFormat.HEADER_BLOCKS; i++) {
            block.clear();
            file.read(block, (long) i * JournalFormat.BLOCK);
            Header header = Header.read(block.flip());
            if (header != null && (best == null || header.turn() > best.turn())) {
                best = header;
            }
        }
        return best;
    }

    /// Hands every entry to `each`, group by group; a group is checked whole before any of it is
    /// handed out.
    public Tail read(Header header, Consumer<Entry> each) throws IOException {
        Map<Integer, TopicIdPartition> handles = new HashMap<>();
        generation = header.generation();
        long seq = header.oldestSeq();
        long position = header.oldestPosition();
        long known = header.syncedSeq();
        while (true) {
            ByteBuffer group = group(position, seq);
            if (group == null) {
                int half = ring.half(position);
                long other = position == ring.end(1) ? ring.start(0) : ring.start(1 - half);
                group = position == ring.start(half) ? null : group(other, seq);
                if (group == null) {
                    break;
                }
                position = other;
            }
            GroupHeader head = GroupHeader.read(group, 0);
            if (head == null) {
                break;
            }
            entries(group, head, handles, each);
            known = Math.max(known, head.syncedSeq());
            position += JournalFormat.padded(head.length());
            seq++;
        }
        if (header.strict() && !header.closed()) {
            known = Math.max(known, syncedElsewhere());
        }
        if (seq - 1 < known) {
            throw new IOException(
                    "Cannot replay the journal: group %d at position %d is damaged, but groups up to %d were synced."
                                    .formatted(seq, position, known)
                            + " Acknowledged records may be lost; restore the folder from a copy or a replica.");
        }
        return new Tail(seq - 1, position);
    }

    /// What any group of this start in the ring knows as synced: a group that is damaged in the
    /// middle hides those behind it.
    private long syncedElsewhere() throws IOException {
        long known = -1;
        ByteBuffer piece = JournalFile.buffer(SCAN);
        for (long at = ring.start(0); at < ring.end(1); at += SCAN) {
            piece.clear().limit((int) Math.min(SCAN, ring.end(1) - at));
            file.read(piece, at);
            piece.flip();
            for (int block = 0; block < piece.limit(); block += JournalFormat.BLOCK) {
                GroupHeader head = GroupHeader.read(piece, block);
                if (head != null && head.generation() == generation) {
                    known = Math.max(known, head.syncedSeq());
                }
            }
        }
        return known;
    }

    private @Nullable ByteBuffer group(long position, long seq) throws IOException {
        if (position + JournalFormat.BLOCK > ring.bytes()) {
            return null;
        }
        ByteBuffer first = block.clear();
        file.read(first, position);
        first.flip();
        GroupHeader head = GroupHeader.read(first, 0);
        if (head == null
                || head.seq() != seq
                || head.generation() != generation // the ring is empty at every start
                || head.length() < JournalFormat.GROUP_HEADER
                || head.length() > ring.halfBytes()
                || position + JournalFormat.padded(head.length()) > ring.end(ring.half(position))) {
            return null;
        }
        ByteBuffer whole = first;
        if (head.length() > JournalFormat.BLOCK) {
            int padded = JournalFormat.padded(head.length());
            if (large.capacity() < padded) {
                large = JournalFile.buffer(2 * padded);
            }
            large.clear().limit(padded);
            file.read(large, position);
            whole = large.flip();
        }
        long crc = JournalFormat.groupCrc(whole, head.length());
        return crc == Integer.toUnsignedLong(head.crc()) && batchesHold(whole, head) ? whole : null;
    }

    private static EntryHeader entry(ByteBuffer group, int at) throws IOException {
        try {
            return EntryHeader.read(group, at);
        } catch (IllegalArgumentException unknown) {
            throw new IOException(
                    "Cannot replay the journal: %s. Start the program that wrote it."
                            .formatted(unknown.getMessage()),
                    unknown);
        }
    }

    /// Whether every batch is whole. The group's CRC covers headers only, so this is what tells a
    /// torn write from a group (L7); torn bytes may be of any size and magic.
    private static boolean batchesHold(ByteBuffer group, GroupHeader head) throws IOException {
        int at = JournalFormat.GROUP_HEADER;
        for (int i = 0; i < head.entries(); i++) {
            EntryHeader entry = entry(group, at);
            at += JournalFormat.ENTRY_HEADER;
            if (entry.type() == Type.DATA && !holds(group.slice(at, entry.payload()))) {
                return false;
            }
            at += entry.payload();
        }
        return true;
    }

    private static boolean holds(ByteBuffer data) {
        int whole = 0;
        try {
            for (MutableRecordBatch batch : MemoryRecords.readableRecords(data).batches()) {
                if (!batch.isValid()) {
                    return false;
                }
                whole += batch.sizeInBytes();
            }
        } catch (CorruptRecordException torn) {
            return false;
        }
        return whole == data.limit();
    }

    private static void entries(
            ByteBuffer group,
            GroupHeader head,
            Map<Integer, TopicIdPartition> handles,
            Consumer<Entry> each)
            throws IOException {
        int at = JournalFormat.GROUP_HEADER;
        for (int i = 0; i < head.entries(); i++) {
            EntryHeader entry = entry(group, at);
            at += JournalFormat.ENTRY_HEADER;
            ByteBuffer payload = group.slice(at, entry.payload());
            at += entry.payload();
            LogCheckpoint checkpoint = null;
            if (entry.type() == Type.HANDLE) {
                checkpoint = checkpoint(payload, head.seq());
                handles.put(entry.handle(), checkpoint.partition());
            }
            TopicIdPartition partition = handles.get(entry.handle());
            if (partition == null) {
                throw new IOException(
                        "Cannot replay the journal: group %d uses handle %d, which no entry names"
                                .formatted(head.seq(), entry.handle()));
            }
            each.accept(
                    new Entry(
                            head.seq(),
                            entry.type(),
                            partition,
                            entry.leaderEpoch(),
                            entry.before(),
                            entry.after(),
                            checkpoint,
                            payload));
        }
    }

    private static LogCheckpoint checkpoint(ByteBuffer payload, long seq) throws IOException {
        byte[] bytes = new byte[payload.remaining()];
        payload.duplicate().get(bytes);
        try {
            return LogCheckpoint.read(new DataInputStream(new ByteArrayInputStream(bytes)));
        } catch (IOException | IllegalArgumentException e) {
            throw new IOException(
                    "Cannot replay the journal: a checkpoint in group %d cannot be read"
                            .formatted(seq),
                    e);
        }
    }
}
