package io.firn.controller.raft;

import org.apache.kafka.common.record.internal.DefaultRecordBatch;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.RecordBatch;
import org.apache.kafka.common.record.internal.Records;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/// Looks for damage in the metadata log of a voter before Kafka opens it. Kafka cuts the log at the
/// first bad batch and says little: the topics behind it are gone, and followers cut their good
/// copies to match. What a crash leaves is different: nothing whole lies behind a torn batch.
final class MetadataLogCheck {
    private MetadataLogCheck() {}

    /// @param dir the folder of the partition; there may be none yet
    /// @throws IllegalStateException names file and position, when whole batches lie behind one
    ///     that is not
    static void requireWhole(Path dir) {
        if (!Files.isDirectory(dir)) {
            return;
        }
        try (Stream<Path> files = Files.list(dir)) {
            List<Path> segments =
                    files.filter(f -> f.toString().endsWith(".log")).sorted().toList();
            for (int i = 0; i < segments.size(); i++) {
                requireWhole(segments.get(i), i + 1 == segments.size());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "Cannot read the metadata log in %s: %s".formatted(dir, e.getMessage()), e);
        }
    }

    private static void requireWhole(Path segment, boolean last) throws IOException {
        try (FileChannel file = FileChannel.open(segment)) {
            ByteBuffer bytes = file.map(FileChannel.MapMode.READ_ONLY, 0, file.size());
            int end = 0;
            while (isWhole(bytes, end)) {
                end = next(bytes, end);
            }
            if (end == bytes.limit()) {
                return;
            }
            int good = end + 1;
            while (good < bytes.limit() && !isWhole(bytes, good)) {
                good++;
            }
            if (!last || good < bytes.limit()) {
                throw new IllegalStateException(
                        "Cannot use the metadata log %s: the batch at byte %d is damaged, and whole ones follow it. Restore the folder from a copy; where this cluster has another copy of the log (raft/follower beside raft/controller, another controller's folder), its files may be whole. To go on without what lies behind the damage, its topics and settings, cut the file to %d bytes."
                                .formatted(segment, end, end));
            }
        }
    }

    private static int next(ByteBuffer bytes, int at) {
        return at + Records.LOG_OVERHEAD + bytes.getInt(at + Records.SIZE_OFFSET);
    }

    private static boolean isWhole(ByteBuffer bytes, int at) {
        int left = bytes.limit() - at;
        if (left < DefaultRecordBatch.RECORD_BATCH_OVERHEAD
                || bytes.get(at + Records.MAGIC_OFFSET) != RecordBatch.CURRENT_MAGIC_VALUE) {
            return false;
        }
        int size = next(bytes, at) - at;
        return size >= DefaultRecordBatch.RECORD_BATCH_OVERHEAD
                && size <= left
                && MemoryRecords.readableRecords(bytes.slice(at, size)).firstBatch().isValid();
    }
}
