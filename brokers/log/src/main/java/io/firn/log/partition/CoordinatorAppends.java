package io.firn.log.partition;

import io.firn.log.append.Appender;
import io.firn.log.append.Work;
import io.firn.log.directory.Disk;

import org.apache.kafka.common.errors.KafkaStorageException;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.server.common.RequestLocal;
import org.apache.kafka.storage.internals.log.AppendOrigin;
import org.apache.kafka.storage.internals.log.LogSegment;
import org.apache.kafka.storage.internals.log.RecordValidationException;
import org.apache.kafka.storage.internals.log.UnifiedLog;

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
            if (!disk.hasSpace(records.sizeInBytes())) {
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
            var read =
                    Appender.leaderAppend(
                            log,
                            now,
                            records,
                            epoch,
                            AppendOrigin.COORDINATOR,
                            RequestLocal.noCaching());
            if (read.after() == start) {
                return start;
            }
            ByteBuffer copy = ByteBuffer.allocate(read.bytes());
            Appender.readBack(now, read, copy);
            log.appendedTo(files);
            var appended =
                    new OpenFiles.Before(
                            copy.flip(),
                            epoch,
                            start,
                            read.after(),
                            LogFiles.capture(files.checkpoint(), now));
            files.addBefore(appended);
            log.life.offerAlways(new Work.Staged(log, appended.bytes()));
            return read.after();
        } catch (IOException | RuntimeException e) {
            if (e instanceof KafkaStorageException
                    || e instanceof IOException
                    || now.logEndOffset() != start
                    || Appender.bytesAfter(now, segment, size) != 0) {
                log.life.breakDown("a coordinator's append failed: " + e.getMessage(), e);
            }
            if (e instanceof RecordValidationException refused) {
                throw refused.invalidException();
            }
            throw e;
        }
    }
}
