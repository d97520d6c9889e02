package io.firn.coordination;

import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.Record;
import org.jspecify.annotations.Nullable;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.HashMap;
import java.util.Map;

/// The size of what a coordinator rebuilds from its log: the newest record of each key that is no
/// tombstone. Those are committed offsets, and groups with their members. Thread safe.
///
/// Keys are remembered by a hash that nobody can choose collisions of.
final class KeptRecords {
    /// What a key and its value take as objects, beside their bytes; and here.
    private static final int ENTRY_BYTES = 300;

    /// The fixed fields of an offset's value, without its metadata.
    private static final int OFFSET_BYTES = 24;

    private final byte[] secret = new byte[16];
    private final Map<Integer, Map<Long, Integer>> partitions = new HashMap<>();
    private long bytes;

    KeptRecords() {
        new SecureRandom().nextBytes(secret);
    }

    synchronized long bytes() {
        return bytes;
    }

    void appended(int partition, MemoryRecords records) {
        for (Record record : records.records()) {
            replayed(partition, record.key(), record.value());
        }
    }

    void replayed(int partition, @Nullable ByteBuffer key, @Nullable ByteBuffer value) {
        if (key == null || key.remaining() < Short.BYTES) {
            return;
        }
        int keyBytes = key.remaining();
        long hash = hash(key);
        synchronized (this) {
            Map<Long, Integer> these = partitions.computeIfAbsent(partition, it -> new HashMap<>());
            Integer before;
            int now = 0;
            if (value == null) {
                before = these.remove(hash);
            } else {
                now = ENTRY_BYTES + keyBytes + value.remaining();
                before = these.put(hash, now);
            }
            bytes += now - (before == null ? 0 : before);
        }
    }

    /// Its coordinator is another one now, or it is loaded anew.
    synchronized void forget(int partition) {
        Map<Long, Integer> gone = partitions.remove(partition);
        if (gone != null) {
            bytes -= gone.values().stream().mapToLong(it -> it).sum();
        }
    }

    /// How many bytes more an offset would take than the one before it.
    long growth(int partition, String group, String topic, int topicPartition, int metadataBytes) {
        byte[] groupBytes = group.getBytes(StandardCharsets.UTF_8);
        byte[] topicBytes = topic.getBytes(StandardCharsets.UTF_8);
        ByteBuffer key = ByteBuffer.allocate(10 + groupBytes.length + topicBytes.length);
        key.putShort((short) 1); // as OffsetCommitKey is laid out
        key.putShort((short) groupBytes.length).put(groupBytes);
        key.putShort((short) topicBytes.length).put(topicBytes);
        key.putInt(topicPartition).flip();
        int now = ENTRY_BYTES + key.remaining() + OFFSET_BYTES + metadataBytes;
        long hash = hash(key);
        synchronized (this) {
            int before = partitions.getOrDefault(partition, Map.of()).getOrDefault(hash, 0);
            return Math.max(0, now - before);
        }
    }

    private long hash(ByteBuffer key) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            digest.update(secret);
            digest.update(key);
            return ByteBuffer.wrap(digest.digest()).getLong();
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every JDK has SHA-256", e);
        }
    }
}
