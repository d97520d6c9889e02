package io.firn.log;

import static io.firn.log.Batches.batch;
import static io.firn.log.Batches.config;
import static io.firn.log.Batches.keyed;
import static io.firn.log.Batches.partition;
import static io.firn.log.Batches.read;

import static org.assertj.core.api.Assertions.assertThat;

import org.apache.kafka.common.TopicIdPartition;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.internal.CompressionType;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.storage.internals.log.LogConfig;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/// Topics whose batches are written anew (compacted, LogAppendTime, a broker's codec), and what
/// their batches may take in a write group (L10).
@Timeout(60)
class RewritingTopicsTest {
    private static final TopicIdPartition ORDERS = partition("orders", 0);
    private static final int RING = 1 << 20;
    private static final int MOST = RING / 16;

    @TempDir Path dir;
    private HotLog hot;

    @BeforeEach
    void open() {
        hot = HotLog.open(settings());
    }

    @AfterEach
    void close() {
        hot.close();
    }

    private LogSettings settings() {
        return LogSettings.of(dir)
                .withRingBytes(RING)
                .withHousekeeping(Duration.ZERO)
                .withMinFreeBytes(1 << 20);
    }

    private static Appended append(PartitionLog log, MemoryRecords records) throws Exception {
        return log.append(records, 0, ProduceCheck.RECORDS).get(20, TimeUnit.SECONDS);
    }

    @Test
    void twoThousandPipelinedBatchesOfARewritingTopicAreAllTaken() throws Exception {
        Map<String, LogConfig> topics =
                Map.of(
                        "compacted", config("cleanup.policy", "compact"),
                        "stamped", config("message.timestamp.type", "LogAppendTime"),
                        "recoded", config("compression.type", "lz4"));
        for (Map.Entry<String, LogConfig> topic : topics.entrySet()) {
            PartitionLog log = hot.open(partition(topic.getKey(), 0), topic.getValue());
            List<CompletableFuture<Appended>> answers = new ArrayList<>();
            for (int i = 0; i < 2_000; i++) {
                answers.add(log.append(keyed("k" + i, "x".repeat(1_000)), 0, ProduceCheck.RECORDS));
            }
            for (int i = 0; i < answers.size(); i++) {
                Appended answer = answers.get(i).get(20, TimeUnit.SECONDS);
                assertThat(answer.error()).as(topic.getKey()).isEqualTo(Errors.NONE);
                assertThat(answer.baseOffset()).isEqualTo(i);
            }
        }
    }

    @Test
    void aBatchThatGrowsBeyondAWriteGroupIsRefusedAndTheLogGoesOn() throws Exception {
        PartitionLog log =
                hot.open(
                        ORDERS,
                        config("compression.type", "uncompressed", "max.message.bytes", 16 << 20));
        for (int size : new int[] {MOST + 1, 4 * MOST, RING, 3 * RING}) {
            Appended large =
                    append(log, Batches.compressed(CompressionType.GZIP, "x".repeat(size)));
            assertThat(large.error()).isEqualTo(Errors.MESSAGE_TOO_LARGE);
        }
        for (int i = 0; i < 20; i++) { // around the ring
            String value = "y".repeat(MOST - 1_000);
            assertThat(append(log, Batches.compressed(CompressionType.GZIP, value)).baseOffset())
                    .isEqualTo(i);
        }
        assertThat(append(log, batch("last")).baseOffset()).isEqualTo(20);
    }

    @Test
    void anyBytesOfACodecFitIntoWhatIsHeldForThemWrittenInAnother() throws Exception {
        var random = new Random(7);
        for (String codec : List.of("gzip", "snappy", "lz4", "zstd", "uncompressed")) {
            PartitionLog log = hot.open(partition(codec, 0), config("compression.type", codec));
            for (CompressionType from : CompressionType.values()) {
                for (int size : new int[] {0, 1, 100, 5_000, 40_000}) {
                    byte[] noise = new byte[size];
                    random.nextBytes(noise);
                    String value = new String(noise, StandardCharsets.ISO_8859_1);
                    assertThat(append(log, Batches.compressed(from, value)).error())
                            .as("%d bytes of %s as %s", size, from, codec)
                            .isEqualTo(Errors.NONE);
                }
            }
        }
    }

    @Test
    void whatCoordinatorsAppendBeyondAWriteGroupIsJournaledInItsOrder() throws Exception {
        PartitionLog log = hot.open(ORDERS, config("cleanup.policy", "compact"));
        List<String> values = new ArrayList<>();
        List<CompletableFuture<Appended>> answers = new ArrayList<>();
        for (int i = 0; i < 120; i++) {
            String value = i + "z".repeat(20_000);
            log.appendNow(keyed("k" + i, value), 0);
            values.add(value);
            if (i % 10 == 9) {
                answers.add(log.append(keyed("a" + i, "b" + i), 0, ProduceCheck.RECORDS));
                answers.getLast().get(20, TimeUnit.SECONDS);
                values.add("b" + i);
            }
        }
        for (CompletableFuture<Appended> answer : answers) {
            assertThat(answer.get(20, TimeUnit.SECONDS).error()).isEqualTo(Errors.NONE);
        }
        assertThat(log.durableEnd()).isEqualTo(values.size());
        assertThat(read(log, Isolation.UNCOMMITTED)).isEqualTo(values);
        assertThat(hot.isOffline()).isFalse();
    }

    @Test
    void whatIsMoreThanAWriteGroupTakesIsRefusedInWords() throws Exception {
        PartitionLog log = hot.open(ORDERS, config());
        var bytes = ByteBuffer.allocate(RING / 4);
        long offset = 0;
        while (bytes.remaining() > MOST) {
            var one =
                    MemoryRecords.withRecords(
                            offset++, Compression.NONE, Batches.values("x".repeat(MOST / 2)));
            bytes.put(one.buffer());
        }
        Appended refused =
                log.appendReplicated(MemoryRecords.readableRecords(bytes.flip()), 0)
                        .get(20, TimeUnit.SECONDS);
        assertThat(refused.error()).isEqualTo(Errors.MESSAGE_TOO_LARGE);
        assertThat(refused.message()).contains("write group").contains("larger journal");
        assertThat(append(log, batch("next")).baseOffset()).isZero();
    }
}
