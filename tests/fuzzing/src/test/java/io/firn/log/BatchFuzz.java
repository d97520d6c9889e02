package io.firn.log;

import static org.assertj.core.api.Assertions.assertThat;

import org.apache.kafka.common.TopicIdPartition;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.Record;
import org.apache.kafka.common.record.internal.RecordBatch;
import org.apache.kafka.common.record.internal.SimpleRecord;
import org.apache.kafka.storage.internals.log.LogConfig;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.zip.CRC32C;

/// A client's batch as Produce hands it over, on a real log (L2): refused without a trace, or
/// appended so that every reader can read what was promised; and the log goes on either way.
///
/// Input: one byte of choices (bit 0: mend length and CRC, so that what is behind them is reached;
/// bit 1: `check=batch`; bit 2: a log that recompresses), then the batch.
public final class BatchFuzz {
    private static final HotLog HOT = open();
    private static final PartitionLog PLAIN = log("plain", "producer");
    private static final PartitionLog RECOMPRESSED = log("recompressed", "zstd");

    private BatchFuzz() {}

    private static HotLog open() {
        try {
            HotLog hot =
                    HotLog.open(
                            LogSettings.of(Files.createTempDirectory("fuzz-log"))
                                    .withRingBytes(1 << 20)
                                    .withHousekeeping(Duration.ZERO)
                                    .withIdleClose(Duration.ZERO)
                                    .withMinFreeBytes(1 << 20));
            Runtime.getRuntime().addShutdownHook(new Thread(hot::close));
            return hot;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static PartitionLog log(String topic, String compression) {
        PartitionLog log =
                HOT.open(
                        new TopicIdPartition(Uuid.randomUuid(), new TopicPartition(topic, 0)),
                        LogConfig.fromProps(
                                Map.of(),
                                properties(
                                        "segment.index.bytes",
                                        "65536",
                                        "compression.type",
                                        compression)));
        log.becomeLeader(0);
        return log;
    }

    private static java.util.Properties properties(String... pairs) {
        var properties = new java.util.Properties();
        for (int i = 0; i < pairs.length; i += 2) {
            properties.put(pairs[i], pairs[i + 1]);
        }
        return properties;
    }

    public static void fuzzerTestOneInput(byte[] input) throws Exception {
        if (input.length < 2) {
            return;
        }
        byte[] batch = java.util.Arrays.copyOfRange(input, 1, input.length);
        if ((input[0] & 1) != 0) {
            mend(batch);
        }
        ProduceCheck check = (input[0] & 2) != 0 ? ProduceCheck.BATCH : ProduceCheck.RECORDS;
        PartitionLog log = (input[0] & 4) != 0 ? RECOMPRESSED : PLAIN;
        long before = log.endOffset();
        Appended appended =
                log.append(MemoryRecords.readableRecords(ByteBuffer.wrap(batch)), 0, check)
                        .get(20, TimeUnit.SECONDS);
        assertThat(appended.error()).isNotEqualTo(Errors.KAFKA_STORAGE_ERROR);
        long after = log.endOffset();
        if (!appended.ok()) {
            assertThat(after).isEqualTo(before);
        } else if (appended.baseOffset() >= before) { // and no duplicate of an earlier one
            assertThat(after).isEqualTo(appended.lastOffset() + 1);
            if (check == ProduceCheck.RECORDS || log == RECOMPRESSED) {
                assertReadable(log, before, after);
            }
        }
        Appended good =
                log.append(
                                MemoryRecords.withRecords(
                                        Compression.NONE, new SimpleRecord("good".getBytes())),
                                0,
                                ProduceCheck.RECORDS)
                        .get(20, TimeUnit.SECONDS);
        assertThat(good.error()).isEqualTo(Errors.NONE);
    }

    private static void assertReadable(PartitionLog log, long from, long to) {
        long next = from;
        for (RecordBatch batch :
                log.read(from, 1 << 24, true, Isolation.UNCOMMITTED).records().batches()) {
            for (Record record : batch) {
                assertThat(record.offset()).isEqualTo(next++);
            }
        }
        assertThat(next).isEqualTo(to);
    }

    /// Length, magic and CRC as they should be.
    private static void mend(byte[] batch) {
        if (batch.length < 61) {
            return;
        }
        ByteBuffer b = ByteBuffer.wrap(batch);
        b.putInt(8, batch.length - 12).put(16, (byte) 2);
        CRC32C crc = new CRC32C();
        crc.update(batch, 21, batch.length - 21);
        b.putInt(17, (int) crc.getValue());
    }
}
