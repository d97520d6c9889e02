package io.firn.log;

import org.apache.kafka.common.TopicIdPartition;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;

/// One log at one moment: what the segment checkpoint (L5), the journal's handles and the state
// file say of it.
///
/// @param logStart first readable offset
/// @param segmentBase base offset of the active segment
/// @param end a batch boundary; everything below is on disk, flushed
/// @param position of `end` in that segment's file
/// @param lastEpoch last leader epoch below `end`, -1 for none
/// @param lastEpochStart its first offset
/// @param asOf journal sequence of the last group that this row contains
/// @param size bytes of all local segments
/// @param oldestMax largest timestamp of the oldest segment that has records, -1 for none
/// @param cleanedTo compacted up to here
/// @param localStart first offset in local segments
record LogRow(
        TopicIdPartition partition,
        long logStart,
        long segmentBase,
        long end,
        long position,
        int lastEpoch,
        long lastEpochStart,
        long asOf,
        long size,
        long oldestMax,
        long cleanedTo,
        long localStart) {

    static LogRow empty(TopicIdPartition partition, long asOf) {
        return new LogRow(partition, 0, 0, 0, 0, -1, -1, asOf, 0, -1, 0, 0);
    }

    /// A log that begins anew at `offset`, as RESTART leaves it.
    LogRow restartedAt(long offset, long seq) {
        return new LogRow(partition, offset, offset, offset, 0, -1, -1, seq, 0, -1, 0, offset);
    }

    LogRow withLogStart(long offset) {
        return new LogRow(
                partition,
                Math.max(logStart, offset),
                segmentBase,
                end,
                position,
                lastEpoch,
                lastEpochStart,
                asOf,
                size,
                oldestMax,
                cleanedTo,
                localStart);
    }

    LogRow withAsOf(long seq) {
        return new LogRow(
                partition,
                logStart,
                segmentBase,
                end,
                position,
                lastEpoch,
                lastEpochStart,
                seq,
                size,
                oldestMax,
                cleanedTo,
                localStart);
    }

    void write(DataOutput out) throws IOException {
        out.writeLong(partition.topicId().getMostSignificantBits());
        out.writeLong(partition.topicId().getLeastSignificantBits());
        out.writeUTF(partition.topic());
        out.writeInt(partition.partition());
        out.writeLong(logStart);
        out.writeLong(segmentBase);
        out.writeLong(end);
        out.writeLong(position);
        out.writeInt(lastEpoch);
        out.writeLong(lastEpochStart);
        out.writeLong(asOf);
        out.writeLong(size);
        out.writeLong(oldestMax);
        out.writeLong(cleanedTo);
        out.writeLong(localStart);
    }

    static LogRow read(DataInput in) throws IOException {
        Uuid id = new Uuid(in.readLong(), in.readLong());
        String topic = in.readUTF();
        var tp = new TopicIdPartition(id, new TopicPartition(topic, in.readInt()));
        return new LogRow(
                tp,
                in.readLong(),
                in.readLong(),
                in.readLong(),
                in.readLong(),
                in.readInt(),
                in.readLong(),
                in.readLong(),
                in.readLong(),
                in.readLong(),
                in.readLong(),
                in.readLong());
    }
}
