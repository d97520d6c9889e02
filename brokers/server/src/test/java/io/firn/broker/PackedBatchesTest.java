package io.firn.broker;

import static org.assertj.core.api.Assertions.assertThat;

import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.message.ProduceRequestData;
import org.apache.kafka.common.message.ProduceRequestData.PartitionProduceData;
import org.apache.kafka.common.message.ProduceRequestData.TopicProduceData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.MessageUtil;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.SimpleRecord;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;

/// A few kilobytes may unpack to a thousand times as many; who sends them pays for them alone
/// (G12).
@Timeout(120)
class PackedBatchesTest {
    private static final short VERSION = 12; // by name
    private static final int PARTITIONS = 16;
    private static final long MOST_NANOS = TimeUnit.MILLISECONDS.toNanos(50);
    private static final int ATTEMPTS = 5;

    @TempDir static Path dir;
    private static TestCluster cluster;

    @BeforeAll
    static void start() throws Exception {
        cluster = new TestCluster(dir);
        try (Admin admin = cluster.admin()) {
            var plain = new NewTopic("plain", PARTITIONS, (short) 1);
            var rewritten =
                    new NewTopic("rewritten", PARTITIONS, (short) 1)
                            .configs(Map.of("message.timestamp.type", "LogAppendTime"));
            var compacted =
                    new NewTopic("compacted", PARTITIONS, (short) 1)
                            .configs(Map.of("cleanup.policy", "compact"));
            var recoded =
                    new NewTopic("recoded", PARTITIONS, (short) 1)
                            .configs(Map.of("compression.type", "lz4"));
            admin.createTopics(List.of(plain, rewritten, compacted, recoded)).all().get();
        }
    }

    @AfterAll
    static void stop() {
        cluster.close();
    }

    @Test
    void batchesThatUnpackToVeryMuchAreNoWorkForAnEventLoop() throws Exception { // G12
        var time = new LoopTime(cluster.listener.port(), new byte[0]);
        for (String topic : List.of("plain", "rewritten", "compacted", "recoded")) {
            ByteBuffer body = produce(topic, PARTITIONS, bomb());
            assertThat(body.remaining()).isLessThan(1 << 20);
            assertThat(time.leastNanos(ApiKeys.PRODUCE, VERSION, body, ATTEMPTS, MOST_NANOS))
                    .as(topic)
                    .isLessThan(MOST_NANOS);
        }
    }

    /// It appends for every partition of its disk: nothing is to be unpacked there.
    @Test
    void batchesThatUnpackToVeryMuchAreNoWorkForALogThread() throws Exception { // G12
        var time = new LoopTime(cluster.listener.port(), new byte[0]);
        for (String topic : List.of("rewritten", "compacted", "recoded")) {
            ByteBuffer body = produce(topic, 4, bomb());
            long offsets = end(topic);
            long before = logThreadNanos();
            time.leastNanos(ApiKeys.PRODUCE, VERSION, body, 1, 0);
            assertThat(logThreadNanos() - before).as(topic).isLessThan(MOST_NANOS);
            assertThat(end(topic) - offsets).as(topic).isEqualTo(4L * BOMB_RECORDS);
        }
    }

    private static long logThreadNanos() {
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        return Arrays.stream(threads.getThreadInfo(threads.getAllThreadIds()))
                .filter(thread -> thread != null && thread.getThreadName().equals("firn-log"))
                .mapToLong(thread -> threads.getThreadCpuTime(thread.getThreadId()))
                .sum();
    }

    @Test
    void everyPartitionOfARequestInTurnsIsAppended() throws Exception { // G1
        ByteBuffer body = produce("plain", PARTITIONS, bomb());
        long before = end("plain");
        new LoopTime(cluster.listener.port(), new byte[0])
                .leastNanos(ApiKeys.PRODUCE, VERSION, body, 1, 0);
        assertThat(end("plain") - before).isEqualTo((long) PARTITIONS * BOMB_RECORDS);
    }

    @Test
    void aPartitionThatIsNamedTwiceInARequestIsRefusedAndNothingIsAppended() throws Exception {
        long before = end("plain");
        ProduceRequestData data = data("plain", 1, bomb());
        TopicProduceData topic = data.topicData().iterator().next();
        topic.setPartitionData(Collections.nCopies(3, topic.partitionData().getFirst()));
        new LoopTime(cluster.listener.port(), new byte[0])
                .leastNanos(ApiKeys.PRODUCE, VERSION, bytes(data), 1, 0);
        assertThat(end("plain")).isEqualTo(before);
    }

    private static long end(String topic) throws Exception {
        try (Admin admin = cluster.admin()) {
            Map<TopicPartition, OffsetSpec> all = new java.util.HashMap<>();
            for (int p = 0; p < PARTITIONS; p++) {
                all.put(new TopicPartition(topic, p), OffsetSpec.latest());
            }
            return admin.listOffsets(all).all().get().values().stream()
                    .mapToLong(found -> found.offset())
                    .sum();
        }
    }

    private static final int BOMB_RECORDS = 60;

    private static MemoryRecords bomb() {
        List<SimpleRecord> records = new ArrayList<>();
        for (int i = 0; i < BOMB_RECORDS; i++) {
            records.add(new SimpleRecord(1_000_000, new byte[] {1}, new byte[1_000_000]));
        }
        return MemoryRecords.withRecords(
                Compression.zstd().build(), records.toArray(new SimpleRecord[0]));
    }

    private static ByteBuffer produce(String topic, int partitions, MemoryRecords each) {
        return bytes(data(topic, partitions, each));
    }

    private static ByteBuffer bytes(ProduceRequestData data) {
        return MessageUtil.toByteBufferAccessor(data, VERSION).buffer();
    }

    private static ProduceRequestData data(String topic, int partitions, MemoryRecords each) {
        ProduceRequestData data = new ProduceRequestData().setAcks((short) -1).setTimeoutMs(30_000);
        data.topicData()
                .add(
                        new TopicProduceData()
                                .setName(topic)
                                .setPartitionData(
                                        IntStream.range(0, partitions)
                                                .mapToObj(
                                                        p ->
                                                                new PartitionProduceData()
                                                                        .setIndex(p)
                                                                        .setRecords(each))
                                                .toList()));
        return data;
    }
}
