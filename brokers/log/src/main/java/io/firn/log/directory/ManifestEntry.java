package io.firn.log.directory;

import io.firn.log.journal.LogCheckpoint;

import org.apache.kafka.common.TopicIdPartition;
import org.jspecify.annotations.Nullable;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;

/// What the manifest says of one partition (L14).
///
/// @param checkpoint where it stands; of a suspect or broken one, what was last known to be on disk
/// @param why a suspect or broken log, or a stray that was one, may not be used; else empty
/// @param since when a stray became one, in milliseconds; else 0
public record ManifestEntry(State state, LogCheckpoint checkpoint, String why, long since) {
    ManifestEntry(State state, LogCheckpoint checkpoint, String why) {
        this(state, checkpoint, why, 0);
    }

    /// The code is on disk.
    public enum State {
        /// Its files are open, or were when the process ended: what is above the checkpoint counts
        /// only when the journal has it.
        OPEN(1),
        /// Closed, flushed, and exactly as the checkpoint says.
        CLOSED(2),
        /// Its bytes are not what the checkpoint says, or nobody knows what they are. Kept until an
        /// operator decides.
        SUSPECT(3),
        /// It failed while it was used; the next start recovers it.
        BROKEN(4),
        /// The deletion is committed and its folder may still be there.
        DELETING(5),
        /// Closed and taken out of use: its folder is kept under another name until its time is
        /// over, or its topic is there again.
        STRAY(6);

        final byte code;

        State(int code) {
            this.code = (byte) code;
        }

        static @Nullable State of(byte code) {
            for (State state : values()) {
                if (state.code == code) {
                    return state;
                }
            }
            return null;
        }
    }

    public static ManifestEntry open(LogCheckpoint checkpoint) {
        return new ManifestEntry(State.OPEN, checkpoint, "");
    }

    public static ManifestEntry closed(LogCheckpoint checkpoint) {
        return new ManifestEntry(State.CLOSED, checkpoint, "");
    }

    public static ManifestEntry suspect(LogCheckpoint checkpoint, String why) {
        return new ManifestEntry(State.SUSPECT, checkpoint, why);
    }

    public static ManifestEntry broken(LogCheckpoint checkpoint, String why) {
        return new ManifestEntry(State.BROKEN, checkpoint, why);
    }

    public static ManifestEntry deleting(LogCheckpoint checkpoint) {
        return new ManifestEntry(State.DELETING, checkpoint, "");
    }

    /// The same log out of use, for as long as its topic is not there (L14).
    public ManifestEntry asStray(long nowMillis) {
        return new ManifestEntry(State.STRAY, checkpoint, why, nowMillis);
    }

    /// What a stray is once its folder is in its place again: exactly as its checkpoint says, or as
    /// suspect as it was.
    public ManifestEntry takenBack() {
        return why.isEmpty() ? closed(checkpoint) : suspect(checkpoint, why);
    }

    public boolean isStray() {
        return state == State.STRAY;
    }

    public TopicIdPartition partition() {
        return checkpoint.partition();
    }

    void write(DataOutput out) throws IOException {
        out.writeByte(state.code);
        checkpoint.write(out);
        out.writeUTF(why.length() > 4_000 ? why.substring(0, 4_000) : why);
        if (isStray()) {
            out.writeLong(since);
        }
    }

    static ManifestEntry read(DataInput in) throws IOException {
        byte code = in.readByte();
        State state = State.of(code);
        if (state == null) {
            throw new IOException("state " + code + " is unknown");
        }
        LogCheckpoint checkpoint = LogCheckpoint.read(in);
        String why = in.readUTF();
        return new ManifestEntry(state, checkpoint, why, state == State.STRAY ? in.readLong() : 0);
    }
}
