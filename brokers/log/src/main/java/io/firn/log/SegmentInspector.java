package io.firn.log;

import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.record.internal.FileRecords;
import org.apache.kafka.common.record.internal.RecordBatch;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;

/// Prints a segment file as text, for `firn inspect segment FILE`. Opens it read only.
public final class SegmentInspector {
    private SegmentInspector() {}

    /// @return whether every batch is whole and its CRC holds
    public static boolean print(Path segment, PrintStream out) throws IOException {
        if (!Files.isRegularFile(segment)) {
            throw new IOException("Cannot inspect %s: there is no such file".formatted(segment));
        }
        try (FileRecords records = FileRecords.open(segment.toFile(), false)) {
            return print(segment, records, out);
        }
    }

    private static boolean print(Path segment, FileRecords records, PrintStream out) {
        out.printf("%s, %d bytes%n", segment.toAbsolutePath(), records.sizeInBytes());
        out.printf(
                "%10s %8s  %-25s %7s %5s %-7s %-22s %-15s %s%n",
                "position",
                "bytes",
                "offsets",
                "records",
                "epoch",
                "codec",
                "producer",
                "max timestamp",
                "CRC");
        long position = 0;
        boolean fine = true;
        try {
            for (RecordBatch batch : records.batches()) {
                boolean valid = batch.isValid();
                fine &= valid;
                out.printf(
                        "%10d %8d  %-25s %7s %5d %-7s %-22s %-15d %s%s%n",
                        position,
                        batch.sizeInBytes(),
                        batch.baseOffset() + ".." + batch.lastOffset(),
                        batch.countOrNull(),
                        batch.partitionLeaderEpoch(),
                        batch.compressionType().name,
                        producer(batch),
                        batch.maxTimestamp(),
                        valid ? "ok" : "WRONG",
                        flags(batch));
                position += batch.sizeInBytes();
            }
        } catch (KafkaException e) {
            out.printf("%10d  cannot be read: %s%n", position, e.getMessage());
            return false;
        }
        if (position < records.sizeInBytes()) {
            out.printf(
                    "%10d  %d bytes that are no whole batch%n",
                    position, records.sizeInBytes() - position);
            return false;
        }
        return fine;
    }

    private static String producer(RecordBatch batch) {
        return batch.hasProducerId()
                ? "%d/%d/%d"
                        .formatted(batch.producerId(), batch.producerEpoch(), batch.baseSequence())
                : "-";
    }

    private static String flags(RecordBatch batch) {
        return (batch.isTransactional() ? " transactional" : "")
                + (batch.isControlBatch() ? " control" : "");
    }
}
