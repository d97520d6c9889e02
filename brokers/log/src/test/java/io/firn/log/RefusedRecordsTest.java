package io.firn.log;

import static io.firn.log.Batches.config;
import static io.firn.log.Batches.partition;

import static org.assertj.core.api.Assertions.assertThat;

import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.SimpleRecord;
import org.apache.kafka.storage.internals.log.LogConfig;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.nio.file.Path;
import java.time.Duration;

/// What a client hears of records that the log does not take: Kafka's codes, and which records they
/// were (KIP-467).
class RefusedRecordsTest {
    private static final long FAR_AHEAD = System.currentTimeMillis() + 1_000_000_000L;

    @TempDir Path dir;

    private HotLog open() {
        return HotLog.open(
                LogSettings.of(dir)
                        .withRingBytes(16 << 20)
                        .withHousekeeping(Duration.ZERO)
                        .withIdleClose(Duration.ZERO)
                        .withMinFreeBytes(1 << 20));
    }

    private Appended append(LogConfig config, String codec, long... timestamps) {
        SimpleRecord[] records = new SimpleRecord[timestamps.length];
        for (int i = 0; i < timestamps.length; i++) {
            records[i] = new SimpleRecord(timestamps[i], "k".getBytes(), "v".getBytes());
        }
        Compression compression =
                codec.equals("none") ? Compression.NONE : Compression.zstd().build();
        try (HotLog hot = open()) {
            PartitionLog log = hot.open(partition("times", 0), config);
            Appended appended =
                    log.append(
                                    MemoryRecords.withRecords(compression, records),
                                    0,
                                    ProduceCheck.BATCH)
                            .join();
            assertThat(log.endOffset()).isEqualTo(appended.ok() ? timestamps.length : 0); // L2
            return appended;
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"none", "zstd"})
    void recordsTooFarAheadAreNamed(String codec) {
        long now = System.currentTimeMillis();
        Appended refused = append(config(), codec, now, FAR_AHEAD, now, FAR_AHEAD);
        assertThat(refused.error()).isEqualTo(Errors.INVALID_TIMESTAMP);
        assertThat(refused.recordErrors())
                .extracting(record -> record.batchIndex)
                .containsExactly(1, 3);
        assertThat(refused.recordErrors().getFirst().message).contains("" + FAR_AHEAD);
    }

    @ParameterizedTest
    @ValueSource(strings = {"none", "zstd"})
    void recordsTooFarBehindAreNamed(String codec) {
        long now = System.currentTimeMillis();
        Appended refused =
                append(
                        config("message.timestamp.before.max.ms", "60000"),
                        codec,
                        now,
                        now - 3_600_000);
        assertThat(refused.error()).isEqualTo(Errors.INVALID_TIMESTAMP);
        assertThat(refused.recordErrors())
                .extracting(record -> record.batchIndex)
                .containsExactly(1);
    }

    @Test
    void recordsWithoutAKeyAreNamedInACompactedTopic() {
        try (HotLog hot = open()) {
            PartitionLog log =
                    hot.open(partition("compacted", 0), config("cleanup.policy", "compact"));
            Appended refused =
                    log.append(
                                    MemoryRecords.withRecords(
                                            Compression.NONE,
                                            new SimpleRecord("k".getBytes(), "v".getBytes()),
                                            new SimpleRecord("v".getBytes())),
                                    0,
                                    ProduceCheck.RECORDS)
                            .join();
            assertThat(refused.error()).isEqualTo(Errors.INVALID_RECORD);
            assertThat(refused.recordErrors())
                    .extracting(record -> record.batchIndex)
                    .containsExactly(1);
        }
    }

    @Test
    void theNewestRecordIsNeverADeletedOne() { // C9
        try (HotLog hot = open()) {
            PartitionLog log = hot.open(partition("newest", 0), config());
            for (long timestamp : new long[] {10, 90, 50, 70, 20}) {
                log.append(
                                MemoryRecords.withRecords(
                                        Compression.NONE,
                                        new SimpleRecord(timestamp, null, "v".getBytes())),
                                0,
                                ProduceCheck.RECORDS)
                        .join();
            }
            assertThat(log.maxTimestamp()).isEqualTo(new TimestampOffset(90, 1, 0));
            log.deleteRecordsBefore(2);
            assertThat(log.maxTimestamp()).isEqualTo(new TimestampOffset(70, 3, 0));
            log.deleteRecordsBefore(5);
            assertThat(log.maxTimestamp()).isEqualTo(TimestampOffset.NONE);
        }
    }
}
