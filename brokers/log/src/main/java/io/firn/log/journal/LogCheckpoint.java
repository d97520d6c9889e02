package io.firn.log.journal;

import io.firn.log.EpochEntry;

import org.apache.kafka.common.TopicIdPartition;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;

/// One log at one moment: its entry in the manifest (L5, L14) and in the journal's handles.
///
/// @param lineage journal sequence at which this log was made or last restarted (L6): nothing that
///     the journal has of its topic id at or before it is of this log
/// @param logStart first readable offset
/// @param flushed everything below is on disk
/// @param lastEpoch last leader epoch below that, [#NO_EPOCH] for none
/// @param segments its local segments
public record LogCheckpoint(
        TopicIdPartition partition,
        long lineage,
        long logStart,
        Flushed flushed,
        EpochEntry lastEpoch,
        Segments segments) {
    public static final EpochEntry NO_EPOCH = new EpochEntry(-1, -1);

    /// Where a batch ends and the next one begins.
    ///
    /// @param end offset of the next one
    /// @param segmentBase base offset of the active segment
    /// @param position of `end` in that segment's file
    public record Flushed(long end, long segmentBase, long position) {
        private static Flushed emptyAt(long offset) {
            return new Flushed(offset, offset, 0);
        }
    }

    /// @param start first offset in local segments
    /// @param size bytes of all of them
    /// @param oldestMax largest timestamp of the oldest one that has records, -1 for none
    /// @param cleanedTo compacted up to here
    public record Segments(long start, long size, long oldestMax, long cleanedTo) {
        private static Segments noneAt(long offset) {
            return new Segments(offset, 0, -1, 0);
        }

        public Segments startingAt(long offset) {
            return offset == start ? this : new Segments(offset, size, oldestMax, cleanedTo);
        }
    }

    public static LogCheckpoint empty(TopicIdPartition partition, long lineage) {
        return new LogCheckpoint(
                partition, lineage, 0, Flushed.emptyAt(0), NO_EPOCH, Segments.noneAt(0));
    }

    public long end() {
        return flushed.end;
    }

    public long segmentBase() {
        return flushed.segmentBase;
    }

    public long position() {
        return flushed.position;
    }

    public long localStart() {
        return segments.start;
    }

    public long size() {
        return segments.size;
    }

    public long oldestMax() {
        return segments.oldestMax;
    }

    public long cleanedTo() {
        return segments.cleanedTo;
    }

    /// A log that begins anew at `offset`, as RESTART leaves it; what lies in `[logStart, offset)`
    /// is in the table.
    public LogCheckpoint restartedAt(long offset, long start, long seq) {
        return new LogCheckpoint(
                partition, seq, start, Flushed.emptyAt(offset), NO_EPOCH, Segments.noneAt(offset));
    }

    /// Whether bytes of it are in its folder: then the folder cannot be missing (L14).
    public boolean hasLocalRecords() {
        return position() > 0 || localStart() < end();
    }

    /// What was acknowledged up to `known` is not all on disk, wherever the rest is: no folder
    /// holds this checkpoint.
    public LogCheckpoint lackingUpTo(long known) {
        return flushedTo(new Flushed(known, segmentBase(), Long.MAX_VALUE), lastEpoch);
    }

    /// What its folder has is all of it from now on.
    ///
    /// @param localStart first offset that is there
    public LogCheckpoint acceptedAs(long localStart, Flushed found) {
        long start = end() == 0 ? localStart : Math.min(logStart, found.end);
        return startingAt(start)
                .flushedTo(found, NO_EPOCH)
                .withSegments(segments.startingAt(localStart));
    }

    private LogCheckpoint flushedTo(Flushed where, EpochEntry epoch) {
        return new LogCheckpoint(partition, lineage, logStart, where, epoch, segments);
    }

    public LogCheckpoint startingAt(long offset) {
        return new LogCheckpoint(partition, lineage, offset, flushed, lastEpoch, segments);
    }

    /// Never back.
    public LogCheckpoint withLogStart(long offset) {
        return startingAt(Math.max(logStart, offset));
    }

    public LogCheckpoint withSizes(long size, long oldestMax) {
        return withSegments(new Segments(localStart(), size, oldestMax, cleanedTo()));
    }

    public LogCheckpoint withCleanedTo(long offset) {
        return withSegments(new Segments(localStart(), size(), oldestMax(), offset));
    }

    private LogCheckpoint withSegments(Segments now) {
        return new LogCheckpoint(partition, lineage, logStart, flushed, lastEpoch, now);
    }

    /// Whether this checkpoint is the better place to recover from: everything below `end` is on
    /// disk, so the higher end wins; at the same end the newer segment; but nothing from before a
    /// restart.
    public boolean supersedes(LogCheckpoint other) {
        if (lineage != other.lineage) {
            return lineage > other.lineage;
        }
        return end() != other.end() ? end() > other.end() : segmentBase() > other.segmentBase();
    }

    public void write(DataOutput out) throws IOException {
        out.writeLong(partition.topicId().getMostSignificantBits());
        out.writeLong(partition.topicId().getLeastSignificantBits());
        out.writeUTF(partition.topic());
        out.writeInt(partition.partition());
        out.writeLong(logStart);
        out.writeLong(segmentBase());
        out.writeLong(end());
        out.writeLong(position());
        out.writeInt(lastEpoch.epoch());
        out.writeLong(lastEpoch.startOffset());
        out.writeLong(lineage);
        out.writeLong(size());
        out.writeLong(oldestMax());
        out.writeLong(cleanedTo());
        out.writeLong(localStart());
    }

    public static LogCheckpoint read(DataInput in) throws IOException {
        Uuid id = new Uuid(in.readLong(), in.readLong());
        String topic = in.readUTF();
        var partition = new TopicIdPartition(id, new TopicPartition(topic, in.readInt()));
        long logStart = in.readLong();
        long segmentBase = in.readLong();
        var flushed = new Flushed(in.readLong(), segmentBase, in.readLong());
        var lastEpoch = new EpochEntry(in.readInt(), in.readLong());
        long lineage = in.readLong();
        long size = in.readLong();
        long oldestMax = in.readLong();
        long cleanedTo = in.readLong();
        var segments = new Segments(in.readLong(), size, oldestMax, cleanedTo);
        return new LogCheckpoint(partition, lineage, logStart, flushed, lastEpoch, segments);
    }
}
