package io.firn.log.partition;

import io.firn.log.directory.Disk;

import org.apache.kafka.common.errors.KafkaStorageException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.server.common.RequestLocal;
import org.apache.kafka.server.common.TransactionVersion;
import org.apache.kafka.storage.internals.log.AppendOrigin;
import org.apache.kafka.storage.internals.log.LogSegment;
import org.apache.kafka.storage.internals.log.RecordValidationException;
import org.apache.kafka.storage.internals.log.UnifiedLog;
import org.apache.kafka.storage.internals.log.VerificationGuard;

import java.io.IOException;
import java.nio.ByteBuffer;

/// What coordinators append on their own thread: in the files at once, in the journal with the next
/// group.
final class CoordinatorAppends {
    private CoordinatorAppends() {}

    /// Under the log's lock.
    ///
    /// @return the log end offset after it
    static long append(OwnedLog log, OpenFiles files, MemoryRecords records, int epoch) {
        Disk disk = log.disk;
        try {
            if (!disk.space.has(records.sizeInBytes())) {
                throw new KafkaStorageException("Disk of %s is full".formatted(disk.dir));
            }
            LogFiles.requireGathered(disk, files.unified());
            return appendNow(log, files, records, epoch);
        } catch (IOException e) {
            disk.takeOffline("appending to " + log.name(), e);
            throw new KafkaStorageException("Cannot append to " + log.name(), e);
        }
    }

    /// A failure after which the log is not as it was breaks it: what is appended next would be
    /// journaled from a wrong position (L3, L4).
    private static long appendNow(OwnedLog log, OpenFiles files, MemoryRecords records, int epoch)
            throws IOException {
        UnifiedLog now = files.unified();
        long start = now.logEndOffset();
        LogSegment segment = now.activeSegment();
        int size = segment.size();
        try {
            leaderAppend(log, now, records, epoch);
            long end = now.logEndOffset();
            if (end == start) {
                return start;
            }
            ByteBuffer copy = readBack(now, bytesAfter(now, segment, size));
            log.appendedTo(files);
            var appended =
                    new OpenFiles.Unjournaled(
                            copy, epoch, start, end, LogFiles.capture(files.checkpoint(), now));
            files.addUnjournaled(appended);
            log.life.offerAlways(new Work.Staged(log, appended.bytes()));
            return end;
        } catch (IOException | RuntimeException e) {
            if (e instanceof KafkaStorageException
                    || e instanceof IOException
                    || now.logEndOffset() != start
                    || bytesAfter(now, segment, size) != 0) {
                log.life.breakDown("a coordinator's append failed: " + e.getMessage(), e);
            }
            if (e instanceof RecordValidationException refused) {
                throw refused.invalidException();
            }
            throw e;
        }
    }

    /// How many bytes the log's files gained since its active segment was this one of this size.
    private static int bytesAfter(UnifiedLog files, LogSegment segment, int size) {
        LogSegment now = files.activeSegment();
        return now == segment ? now.size() - size : now.size();
    }

    /// Kafka's own append, which may rewrite the records (L3).
    private static void leaderAppend(
            OwnedLog log, UnifiedLog files, MemoryRecords records, int epoch) {
        if (records.sizeInBytes()
                > log.config().segmentSize()) { // UnifiedLog would assign the epoch first (L2)
            throw new RecordTooLargeException(
                    "%d bytes do not fit into a segment".formatted(records.sizeInBytes()));
        }
        files.appendAsLeader(
                records,
                epoch,
                AppendOrigin.COORDINATOR,
                RequestLocal.noCaching(),
                VerificationGuard.SENTINEL,
                TransactionVersion.TV_UNKNOWN);
    }

    /// Reads the last so many bytes from the segment's file (from the page cache: they were written
    /// just now).
    private static ByteBuffer readBack(UnifiedLog files, int bytes) throws IOException {
        ByteBuffer copy = ByteBuffer.allocate(bytes);
        var channel = files.activeSegment().log().channel();
        int at = files.activeSegment().size() - bytes;
        while (copy.hasRemaining()) {
            int read = channel.read(copy, at);
            if (read < 0) {
                throw new IOException(
                        "The segment of %s ends before what was appended".formatted(files.name()));
            }
            at += read;
        }
        return copy.flip();
    }
}
