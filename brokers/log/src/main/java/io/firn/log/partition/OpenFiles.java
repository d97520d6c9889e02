package io.firn.log.partition;

import io.firn.log.directory.Disk;
import io.firn.log.journal.LogCheckpoint;
import io.firn.log.segment.SegmentChannel;

import org.apache.kafka.storage.internals.log.UnifiedLog;
import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.util.ArrayDeque;
import java.util.Deque;

/// An open log's files, and how far they are staged, durable and flushed. Changed under the log's
/// lock; read from any thread.
///
/// `checkpoint.end <= durable.end <= staged end <= log end offset`
public final class OpenFiles {
    /// Bytes that a coordinator appended, waiting for their group.
    ///
    /// @param upTo where the log stands when they are durable
    public record Unjournaled(
            ByteBuffer records, int leaderEpoch, long before, long after, LogCheckpoint upTo) {
        /// Upper bound of what it takes in a group.
        public int bytes() {
            return records.remaining() + Work.OVERHEAD;
        }
    }

    private final Disk disk;
    private final UnifiedLog unified;
    private final Deque<Unjournaled> unjournaled = new ArrayDeque<>(1);
    private volatile LogCheckpoint checkpoint;
    private volatile LogCheckpoint durable;
    private @Nullable LogCheckpoint staged;
    private volatile long sealedOffset;
    private volatile long firstAppendMillis;
    private volatile long firstAppendBase;
    private boolean placed;

    /// @param checkpoint where the log was opened
    OpenFiles(Disk disk, UnifiedLog unified, LogCheckpoint checkpoint) {
        this.disk = disk;
        this.unified = unified;
        this.checkpoint = checkpoint;
        this.durable = checkpoint;
        this.sealedOffset = checkpoint.segmentBase();
    }

    public UnifiedLog unified() {
        return unified;
    }

    /// Where recovery would begin: everything below its end is on disk (L5).
    public LogCheckpoint checkpoint() {
        return checkpoint;
    }

    /// Where the log stood after the last group that is durable.
    LogCheckpoint durable() {
        return durable;
    }

    /// Segments below are flushed and out of the checkpoint: they may be offloaded, compacted and
    /// deleted (L9).
    public long sealedOffset() {
        return sealedOffset;
    }

    /// When the active segment got its first bytes, in milliseconds; 0 when nobody saw it.
    long firstAppendMillis() {
        return firstAppendMillis;
    }

    // ---- staged

    /// What coordinators appended, in order, before anything else of this log.
    public @Nullable Unjournaled peekUnjournaled() {
        return unjournaled.peek();
    }

    public void removeUnjournaled() {
        unjournaled.remove();
    }

    void addUnjournaled(Unjournaled appended) {
        unjournaled.add(appended);
    }

    public int unjournaledBytes() {
        return unjournaled.stream().mapToInt(Unjournaled::bytes).sum();
    }

    /// These batches are in the files and in the group that is being staged.
    public void staged(LogCheckpoint upTo) {
        staged = upTo;
    }

    /// Where the log stands once everything staged so far is durable; null when nothing was staged
    /// since the last call.
    public @Nullable LogCheckpoint takeStaged() {
        LogCheckpoint upTo = staged;
        staged = null;
        return upTo;
    }

    /// @return whether the active segment is one that was not sealed up to yet
    boolean noteAppend() {
        long base = unified.activeSegment().baseOffset();
        if (firstAppendMillis == 0 || firstAppendBase != base) {
            firstAppendBase = base;
            firstAppendMillis = disk.time.milliseconds();
        }
        return base > sealedOffset;
    }

    void noteRoll() {
        firstAppendMillis = 0;
    }

    // ---- durable

    void committed(LogCheckpoint upTo) {
        durable = upTo;
    }

    void flushedTo(LogCheckpoint upTo) {
        if (upTo.supersedes(checkpoint)) {
            checkpoint = upTo.withLogStart(checkpoint.logStart());
        }
    }

    void sealed(LogCheckpoint upTo) {
        sealedOffset = Math.max(sealedOffset, upTo.segmentBase());
    }

    void cleanedTo(long offset) {
        checkpoint = checkpoint.withCleanedTo(offset);
    }

    void startsAt(long offset) {
        checkpoint = checkpoint.withLogStart(offset);
        durable = durable.withLogStart(offset);
    }

    void restartedAt(long offset, long logStart, long seq) {
        checkpoint = checkpoint.restartedAt(offset, logStart, seq);
        durable = checkpoint;
        staged = null;
        sealedOffset = offset;
        firstAppendMillis = 0;
    }

    // ---- files

    /// Everything that was appended is on disk when this returns, and so is the way to it (L5).
    public void flush() throws IOException {
        LogFiles.flush(unified);
        place();
    }

    void flushClosed(long activeBase) throws IOException {
        LogFiles.flushClosed(unified, activeBase);
        place();
    }

    /// A new folder is made without a sync: until the first flush all of it is in the journal.
    private synchronized void place() throws IOException {
        if (!placed) {
            LogFiles.syncPlace(unified.dir().toPath(), disk.dir);
            placed = true;
        }
    }

    /// Gives back memory that appended bytes no longer need (L10).
    public void trimBuffer() throws IOException {
        if (unified.activeSegment().log().channel() instanceof SegmentChannel channel) {
            try {
                channel.trim();
            } catch (ClosedChannelException closed) {
                // its files closed in between, which gave everything back
            }
        }
    }

    /// Under the lock, with nothing staged.
    ///
    /// @return what the log is now
    LogCheckpoint close() throws IOException {
        flush();
        LogCheckpoint last = LogFiles.withSizes(LogFiles.capture(checkpoint, unified), unified);
        LogFiles.close(disk, unified);
        LogFiles.syncSnapshots(disk.dir.resolve(unified.dir().getName()));
        return last;
    }
}
