package io.firn.log.directory;

import io.firn.log.partition.LogRow;

import org.apache.kafka.common.TopicIdPartition;
import org.jspecify.annotations.Nullable;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;

/// What the manifest says of one partition (L14).
///
/// @param row where it stands; of a suspect or broken one, what was last known to be on disk
/// @param why a suspect or broken log may not be used; else empty
public record ManifestEntry(State state, LogRow row, String why) {
    /// The code is on disk.
    public enum State {
        /// Its files are open, or were when the process ended: what is above the row counts only
        /// when the journal has it.
        OPEN(1),
        /// Closed, flushed, and exactly as the row says.
        CLOSED(2),
        /// Its bytes are not what the row says, or nobody knows what they are. Kept until an
        /// operator decides.
        SUSPECT(3),
        /// It failed while it was used; the next start recovers it.
        BROKEN(4),
        /// The deletion is committed and its folder may still be there.
        DELETING(5);

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

    public static ManifestEntry open(LogRow row) {
        return new ManifestEntry(State.OPEN, row, "");
    }

    public static ManifestEntry closed(LogRow row) {
        return new ManifestEntry(State.CLOSED, row, "");
    }

    public static ManifestEntry suspect(LogRow row, String why) {
        return new ManifestEntry(State.SUSPECT, row, why);
    }

    public static ManifestEntry broken(LogRow row, String why) {
        return new ManifestEntry(State.BROKEN, row, why);
    }

    public static ManifestEntry deleting(LogRow row) {
        return new ManifestEntry(State.DELETING, row, "");
    }

    public TopicIdPartition partition() {
        return row.partition();
    }

    void write(DataOutput out) throws IOException {
        out.writeByte(state.code);
        row.write(out);
        out.writeUTF(why.length() > 4_000 ? why.substring(0, 4_000) : why);
    }

    static ManifestEntry read(DataInput in) throws IOException {
        byte code = in.readByte();
        State state = State.of(code);
        if (state == null) {
            throw new IOException("state " + code + " is unknown");
        }
        return new ManifestEntry(state, LogRow.read(in), in.readUTF());
    }
}
