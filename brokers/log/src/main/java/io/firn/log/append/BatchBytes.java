package io.firn.log.append;

import org.apache.kafka.common.record.internal.Records;

import java.nio.ByteBuffer;

/// Where things are in the header of a batch of magic 2: it begins with its base offset.
public final class BatchBytes {
    private static final int LEADER_EPOCH = 12;
    private static final int LAST_OFFSET_DELTA = 23;

    private BatchBytes() {}

    /// Bytes of the batch at `at`, all of them.
    static int size(ByteBuffer batches, int at) {
        return batches.getInt(at + Records.SIZE_OFFSET) + Records.LOG_OVERHEAD;
    }

    /// How many offsets the batch at `at` takes.
    public static int span(ByteBuffer batches, int at) {
        return batches.getInt(at + LAST_OFFSET_DELTA) + 1;
    }

    /// Gives the batch at `at` its place in the log.
    static void stamp(ByteBuffer batches, int at, long baseOffset, int leaderEpoch) {
        batches.putLong(at, baseOffset).putInt(at + LEADER_EPOCH, leaderEpoch);
    }
}
