package io.firn.log.directory;

import org.apache.kafka.storage.internals.log.LogDirFailureChannel;

import java.io.IOException;
import java.util.function.BiConsumer;

/// Where Kafka's logs say that their directory failed: it goes offline at once (L4), but for what
/// [#contained] does, whose failure stays with one log. Kafka refuses every log of a directory that
/// was named here, so nothing is named that stays online.
public final class DirectoryFailures extends LogDirFailureChannel {
    public interface FileWork {
        void run() throws IOException;
    }

    private final BiConsumer<String, IOException> offline;
    private final ThreadLocal<Boolean> contained = ThreadLocal.withInitial(() -> false);

    /// @param offline told what failed, and how
    DirectoryFailures(BiConsumer<String, IOException> offline) {
        super(10);
        this.offline = offline;
    }

    /// Housekeeping of one log: an error in it is that log's, and comes out as an exception.
    public void contained(FileWork work) throws IOException {
        boolean before = contained.get();
        contained.set(true);
        try {
            work.run();
        } finally {
            contained.set(before);
        }
    }

    @Override
    public void maybeAddOfflineLogDir(String dir, String what, IOException error) {
        if (!contained.get()) {
            super.maybeAddOfflineLogDir(dir, what, error);
            offline.accept(what, error);
        }
    }
}
