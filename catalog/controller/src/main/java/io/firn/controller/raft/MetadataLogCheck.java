package io.firn.controller.raft;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.CRC32C;

/// Looks for damage in the metadata log of a voter before Kafka opens it. Kafka cuts the log at the
/// first bad batch and says little: the topics behind it are gone, and followers cut their good
/// copies to match. What a crash leaves is different: nothing whole lies behind a torn batch.
final class MetadataLogCheck {
    // Where a batch of magic 2 has what (Kafka's record batch format).
    private static final int LENGTH = 8;
    private static final int MAGIC = 16;
    private static final int CRC = 17;
    private static final int CHECKED = 21;
    private static final int HEADER_BYTES = 61;
    private static final int BEFORE_LENGTH_COUNTS = 12;

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
        return at + BEFORE_LENGTH_COUNTS + bytes.getInt(at + LENGTH);
    }

    private static boolean isWhole(ByteBuffer bytes, int at) {
        int left = bytes.limit() - at;
        if (left < HEADER_BYTES || bytes.get(at + MAGIC) != 2) {
            return false;
        }
        int length = bytes.getInt(at + LENGTH);
        if (length < HEADER_BYTES - BEFORE_LENGTH_COUNTS || length > left - BEFORE_LENGTH_COUNTS) {
            return false;
        }
        CRC32C crc = new CRC32C();
        crc.update(bytes.slice(at + CHECKED, length + BEFORE_LENGTH_COUNTS - CHECKED));
        return (int) crc.getValue() == bytes.getInt(at + CRC);
    }
}
