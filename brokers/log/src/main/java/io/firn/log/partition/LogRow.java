package io.firn.log.partition;

import io.firn.log.directory.FolderScan;

import org.apache.kafka.common.TopicIdPartition;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;

/// One log at one moment: what the manifest (L5, L14) and the journal's handles say of it.
///
/// @param logStart first readable offset
/// @param segmentBase base offset of the active segment
/// @param end a batch boundary; everything below is on disk, flushed
/// @param position of `end` in that segment's file
/// @param lastEpoch last leader epoch below `end`, -1 for none
/// @param lastEpochStart its first offset
/// @param lineage journal sequence at which this log was made or last restarted (L6): nothing that
///     the journal has of its topic id at or before it is of this log
/// @param size bytes of all local segments
/// @param oldestMax largest timestamp of the oldest segment that has records, -1 for none
/// @param cleanedTo compacted up to here
/// @param localStart first offset in local segments
public record LogRow(
        TopicIdPartition partition,
        long logStart,
        long segmentBase,
        long end,
        long position,
        int lastEpoch,
        long lastEpochStart,
        long lineage,
        long size,
        long oldestMax,
        long cleanedTo,
        long localStart) {

    public static LogRow empty(TopicIdPartition partition, long lineage) {
        return new LogRow(partition, 0, 0, 0, 0, -1, -1, lineage, 0, -1, 0, 0);
    }

    /// A log that begins anew at `offset`, as RESTART leaves it; what lies in `[logStart, offset)`
    /// is in the table.
    public LogRow restartedAt(long offset, long logStart, long seq) {
        return new LogRow(partition, logStart, offset, offset, 0, -1, -1, seq, 0, -1, 0, offset);
    }

    /// Whether bytes of it are in its folder: then the folder cannot be missing (L14).
    public boolean hasLocalRecords() {
        return position > 0 || localStart < end;
    }

    /// What was acknowledged up to `known` is not all on disk, wherever the rest is: no folder
    /// holds this row.
    public LogRow lackingUpTo(long known) {
        return new LogRow(
                partition,
                logStart,
                segmentBase,
                known,
                Long.MAX_VALUE,
                lastEpoch,
                lastEpochStart,
                lineage,
                size,
                oldestMax,
                cleanedTo,
                localStart);
    }

    /// What its folder has is all of it from now on.
    public LogRow acceptedAs(FolderScan found) {
        boolean unknown = end == 0;
        return new LogRow(
                partition,
                unknown ? found.start() : Math.min(logStart, found.end()),
                found.segmentBase(),
                found.end(),
                found.position(),
                -1,
                -1,
                lineage,
                size,
                oldestMax,
                cleanedTo,
                found.start());
    }

    public LogRow startingAt(long offset) {
        return with(offset, cleanedTo);
    }

    /// Never back.
    public LogRow withLogStart(long offset) {
        return with(Math.max(logStart, offset), cleanedTo);
    }

    LogRow withCleanedTo(long offset) {
        return with(logStart, offset);
    }

    private LogRow with(long newLogStart, long newCleanedTo) {
        return new LogRow(
                partition,
                newLogStart,
                segmentBase,
                end,
                position,
                lastEpoch,
                lastEpochStart,
                lineage,
                size,
                oldestMax,
                newCleanedTo,
                localStart);
    }

    /// Whether this row is the better place to recover from: everything below `end` is on disk, so
    /// the higher end wins; at the same end the newer segment; but nothing from before a restart.
    public boolean supersedes(LogRow other) {
        if (lineage != other.lineage) {
            return lineage > other.lineage;
        }
        return end != other.end ? end > other.end : segmentBase > other.segmentBase;
    }

    public void write(DataOutput out) throws IOException {
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
        out.writeLong(lineage);
        out.writeLong(size);
        out.writeLong(oldestMax);
        out.writeLong(cleanedTo);
        out.writeLong(localStart);
    }

    public static LogRow read(DataInput in) throws IOException {
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
