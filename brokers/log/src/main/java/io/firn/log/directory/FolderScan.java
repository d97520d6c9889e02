package io.firn.log.directory;

import io.firn.log.journal.LogCheckpoint;

import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.record.internal.FileRecords;
import org.apache.kafka.common.record.internal.RecordBatch;
import org.apache.kafka.storage.internals.log.LogFileUtils;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// What a partition's folder has, read batch by batch and changed nowhere: whether a copy that was
/// restored is what it should be (L14).
///
/// @param start first offset that is there; -1 when nothing is
/// @param end one past the last offset before the first batch that is damaged or missing; -1 when
///     nothing is there
/// @param segmentBase of the segment that has the batch before `end`
/// @param position behind that batch in its segment's file
public record FolderScan(long start, long end, long segmentBase, long position) {
    private static final FolderScan NOTHING = new FolderScan(-1, -1, -1, 0);

    /// Whether the folder has all that the checkpoint says, whole: what lies above it does not
    /// matter.
    public static boolean holds(LogCheckpoint checkpoint, Path folder) throws IOException {
        if (!checkpoint.hasLocalRecords() || !Files.exists(folder)) {
            return false;
        }
        FolderScan found =
                scan(checkpoint, folder, checkpoint.segmentBase(), checkpoint.position());
        boolean emptyAtEnd = checkpoint.position() == 0 && found.end == checkpoint.segmentBase();
        return found.start >= 0
                && found.start <= Math.max(checkpoint.localStart(), checkpoint.logStart())
                && (emptyAtEnd
                        || (found.segmentBase == checkpoint.segmentBase()
                                && found.position == checkpoint.position()));
    }

    /// All that is there.
    public static FolderScan all(LogCheckpoint checkpoint, Path folder) throws IOException {
        return scan(checkpoint, folder, Long.MAX_VALUE, Long.MAX_VALUE);
    }

    /// What it found is all of the log from now on.
    public LogCheckpoint accept(LogCheckpoint checkpoint) {
        return checkpoint.acceptedAs(start, new LogCheckpoint.Flushed(end, segmentBase, position));
    }

    /// @param lastBase looks at no later segment
    /// @param lastPosition and in that one not behind this position
    private static FolderScan scan(
            LogCheckpoint checkpoint, Path folder, long lastBase, long lastPosition)
            throws IOException {
        FolderScan found = NOTHING;
        for (Path file : segments(folder)) {
            long base = LogFileUtils.offsetFromFile(file.toFile());
            boolean mayHaveHoles =
                    checkpoint.cleanedTo() > checkpoint.localStart(); // it was compacted
            if (base > lastBase
                    || (found.end >= 0 && (mayHaveHoles ? base < found.end : base != found.end))) {
                break;
            }
            if (found.start < 0) {
                found = new FolderScan(base, base, base, 0);
            }
            long most = base == lastBase ? lastPosition : Long.MAX_VALUE;
            FolderScan with = found.with(file, base, most);
            boolean whole = with.position == Math.min(Files.size(file), most);
            found = with;
            if (!whole) {
                break;
            }
        }
        return found;
    }

    private FolderScan with(Path segment, long base, long most) throws IOException {
        long at = 0;
        long next = Math.max(end, base);
        try (FileRecords records = FileRecords.open(segment.toFile(), false)) {
            for (RecordBatch batch : records.batches()) {
                if (at + batch.sizeInBytes() > most
                        || !batch.isValid()
                        || batch.baseOffset() < next) {
                    break;
                }
                at += batch.sizeInBytes();
                next = batch.nextOffset();
            }
        } catch (KafkaException torn) {
            // what is before it counts
        }
        return new FolderScan(start, next, base, at);
    }

    private static List<Path> segments(Path folder) throws IOException {
        return Folders.list(folder).stream()
                .filter(file -> file.getFileName().toString().endsWith(".log"))
                .toList();
    }
}
