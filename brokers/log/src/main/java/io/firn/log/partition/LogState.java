package io.firn.log.partition;

import io.firn.log.directory.ManifestEntry;
import io.firn.log.journal.LogCheckpoint;

import org.apache.kafka.common.errors.KafkaStorageException;

import java.util.concurrent.CompletableFuture;

/// Where a log is in its life. Each state has what exists in it and offers the moves that are legal
/// from it; [#entry] is what the manifest says meanwhile (L14).
///
/// ```
///            opened             brokeDown
///  Closed ------------> Open ------------> Broken     (the next start recovers it)
///   | ^ ^               |  |                  |
///   | | +---- closed ---+  |                  |
///   | |                    |                  |
///   | +-- repaired --+     |                  |
///   |   suspect      |     | deleted          | deleted
///   +------------> Suspect |                  |
///   |                |     v                  |
///   +---- deleted ---+--> Deleted <-----------+
/// ```
public sealed interface LogState {
    /// Its files are closed, or not made yet.
    ///
    /// @param entry OPEN when its files are not known to be as the checkpoint says, and have to be
    ///     recovered; CLOSED when they are
    /// @param isNew nothing was ever written to it: there is no folder and no entry
    /// @param lastStableOffset -1 when its files have to be asked
    record Closed(ManifestEntry entry, boolean isNew, long lastStableOffset) implements LogState {
        public static Closed found(ManifestEntry entry) {
            return new Closed(entry, false, -1);
        }

        public static Closed isNew(LogCheckpoint checkpoint) {
            return new Closed(ManifestEntry.open(checkpoint), true, 0);
        }

        boolean trusted() {
            return entry.state() == ManifestEntry.State.CLOSED;
        }

        Suspect suspect(String why) {
            return new Suspect(ManifestEntry.suspect(entry.checkpoint(), why));
        }
    }

    /// Its files are open: [OpenFiles] has them and what is durable of them.
    record Open(OpenFiles files) implements LogState {
        @Override
        public ManifestEntry entry() {
            return ManifestEntry.open(files.checkpoint());
        }

        Closed closed(LogCheckpoint checkpoint, long lastStableOffset) {
            return new Closed(ManifestEntry.closed(checkpoint), false, lastStableOffset);
        }

        /// @param saved ends when everything that was acknowledged is on disk
        Broken brokeDown(String why, CompletableFuture<Void> saved) {
            return new Broken(ManifestEntry.broken(files.checkpoint(), why), saved);
        }
    }

    /// It failed while it was used: its files are not used any more.
    ///
    /// @param saved ends when its entry stands for everything that was acknowledged, so that
    /// nothing of the journal is needed any more
    record Broken(ManifestEntry entry, CompletableFuture<Void> saved) implements LogState {
        Broken savedUpTo(LogCheckpoint checkpoint) {
            return new Broken(ManifestEntry.broken(checkpoint, entry.why()), saved);
        }
    }

    /// Its bytes are not to be trusted. They stay as they are until an operator decides (R20).
    record Suspect(ManifestEntry entry) implements LogState {
        Closed repaired(LogCheckpoint checkpoint) {
            return new Closed(ManifestEntry.closed(checkpoint), false, -1);
        }
    }

    /// The deletion is committed, or the log became a stray; the object is of no use any more.
    record Deleted(ManifestEntry entry) implements LogState {}

    /// What the manifest says of the log while it is here.
    ManifestEntry entry();

    /// From every state but itself.
    default Deleted deleted() {
        return new Deleted(ManifestEntry.deleting(entry().checkpoint()));
    }

    /// Why nothing can be asked of the log; null while something can.
    default @org.jspecify.annotations.Nullable String refusal() {
        return switch (this) {
            case Closed closed -> null;
            case Open open -> null;
            case Broken broken -> broken.entry().why();
            case Suspect suspect -> suspect.entry().why();
            case Deleted deleted ->
                    "The log of %s is not here any more".formatted(deleted.entry().partition());
        };
    }

    default void requireUsable() {
        String why = refusal();
        if (why != null) {
            throw new KafkaStorageException(why);
        }
    }
}
