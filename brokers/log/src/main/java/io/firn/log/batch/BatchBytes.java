package io.firn.log.batch;

import org.apache.kafka.common.record.internal.Records;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/// Where things are in the header of a batch of magic 2: it begins with its base offset.
public final class BatchBytes {
    private static final int LEADER_EPOCH = 12;
    private static final int CRC = 17;
    private static final int ATTRIBUTES = 21;
    private static final int LAST_OFFSET_DELTA = 23;
    private static final int MAX_TIMESTAMP = 35;
    private static final int LOG_APPEND_TIME = 1 << 3;

    private BatchBytes() {}

    /// Bytes of the batch at `at`, all of them.
    public static int size(ByteBuffer batches, int at) {
        return batches.getInt(at + Records.SIZE_OFFSET) + Records.LOG_OVERHEAD;
    }

    /// How many offsets the batch at `at` takes.
    public static int span(ByteBuffer batches, int at) {
        return batches.getInt(at + LAST_OFFSET_DELTA) + 1;
    }

    /// Gives the batch at `at` its place in the log.
    public static void stamp(ByteBuffer batches, int at, long baseOffset, int leaderEpoch) {
        batches.putLong(at, baseOffset).putInt(at + LEADER_EPOCH, leaderEpoch);
    }

    /// Gives the records of the batch at `at` the time at which the log took them. What the CRC is
    /// of changes, so somebody has checked it before.
    public static void stampTime(ByteBuffer batches, int at, long millis) {
        int attributes = at + ATTRIBUTES;
        batches.putShort(attributes, (short) (batches.getShort(attributes) | LOG_APPEND_TIME))
                .putLong(at + MAX_TIMESTAMP, millis);
        var crc = new CRC32C();
        crc.update(batches.slice(attributes, size(batches, at) - ATTRIBUTES));
        batches.putInt(at + CRC, (int) crc.getValue());
    }
}
