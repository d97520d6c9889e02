package io.firn.log.segment;

import com.sun.nio.file.ExtendedOpenOption;

import io.firn.log.journal.JournalFile;
import io.firn.log.journal.JournalFormat;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/// Whether a folder's file system takes O_DIRECT in blocks of 4 KiB.
public final class DirectWrites {
    private static final Logger log = LoggerFactory.getLogger(DirectWrites.class);

    private DirectWrites() {}

    /// Tries it once; says why when it is refused, as some file systems in memory do.
    public static boolean acceptedIn(Path dir) {
        Path probe = dir.resolve("direct.tmp");
        try {
            Files.deleteIfExists(probe);
            if (Files.getFileStore(dir).getBlockSize() > JournalFormat.BLOCK) {
                log.warn("Segments in {} are written buffered: its blocks are above 4 KiB", dir);
                return false;
            }
            try (FileChannel channel =
                    FileChannel.open(
                            probe,
                            StandardOpenOption.CREATE_NEW,
                            StandardOpenOption.WRITE,
                            ExtendedOpenOption.DIRECT)) {
                channel.write(JournalFile.buffer(JournalFormat.BLOCK), 0);
                return true;
            } finally {
                Files.deleteIfExists(probe);
            }
        } catch (UnsupportedOperationException | IOException refused) {
            log.warn(
                    "Segments in {} are written buffered: its file system refuses O_DIRECT ({})",
                    dir,
                    refused.getMessage());
            return false;
        }
    }
}
