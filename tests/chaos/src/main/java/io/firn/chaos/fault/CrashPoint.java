package io.firn.chaos.fault;

/// A named place in Firn's code at which a test can stop the process.
///
/// @param name `stage.place`
/// @param className as `Class.forName` wants it
/// @param side before the method's first instruction, or before it returns normally
/// @param most the passage to stop at is drawn from 1 to this
/// @param trigger what has to happen for the code to be passed
public record CrashPoint(
        String name, String className, String method, Side side, int most, Trigger trigger) {
    public enum Side {
        ENTRY,
        EXIT
    }

    /// What leads there.
    public enum Trigger {
        /// The load alone.
        LOAD,
        /// A topic is deleted.
        DELETE_TOPIC,
        /// Records are deleted up to an offset.
        DELETE_RECORDS,
        /// An old object that nobody names lies in the table's folder.
        ORPHAN,
        /// The process starts after `kill -9` under load.
        START
    }

    String line() {
        return "crash\t%s\t%s\t%s\t%s"
                .formatted(name, className, method, side == Side.EXIT ? "exit" : "entry");
    }
}
