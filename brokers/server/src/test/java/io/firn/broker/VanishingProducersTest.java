package io.firn.broker;

import static org.assertj.core.api.Assertions.assertThat;

import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.message.ProduceRequestData;
import org.apache.kafka.common.message.ProduceRequestData.PartitionProduceData;
import org.apache.kafka.common.message.ProduceRequestData.TopicProduceData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.MessageUtil;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.SimpleRecord;
import org.apache.kafka.common.requests.RequestHeader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;

/// Producers that go in the middle of a request harm nobody: what the log reads of their frames
/// stays theirs.
class VanishingProducersTest {
    private static final short VERSION = 12;
    private static final int PARTITIONS = 100;
    private static final int ROUNDS = 120;
    private static final int REQUESTS_A_ROUND = 8;
    private static final int VALUE_BYTES = 300;
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    @Test
    @Timeout(180)
    void whatAConnectionSentIsNeverReadAsAnothers(@TempDir Path dir) throws Exception { // G7, L3
        try (TestCluster cluster = new TestCluster(dir)) {
            try (Admin admin = cluster.admin()) {
                admin.createTopics(
                                List.of(
                                        new NewTopic("vanishing", PARTITIONS, (short) 1),
                                        new NewTopic("staying", PARTITIONS, (short) 1)))
                        .all()
                        .get();
            }
            int port = cluster.listener.port();
            byte[] vanishing = frame("vanishing", (byte) 'v');
            byte[] staying = frame("staying", (byte) 's');
            var enough = new AtomicBoolean();
            var answered = CompletableFuture.supplyAsync(() -> produce(port, staying, enough));
            for (int i = 0; i < ROUNDS; i++) {
                produceAndVanish(port, vanishing);
            }
            enough.set(true);
            assertThat(answered.get()).isPositive();
            assertThat(cluster.broker.trouble()).isEmpty();
            assertThat(valuesOtherThan(cluster, "vanishing", (byte) 'v')).isZero();
            assertThat(valuesOtherThan(cluster, "staying", (byte) 's')).isZero();
        }
    }

    private static void produceAndVanish(int port, byte[] frame) throws Exception {
        try (Socket socket = new Socket("127.0.0.1", port)) {
            socket.setSoLinger(true, 0); // a reset
            for (int i = 0; i < REQUESTS_A_ROUND; i++) {
                socket.getOutputStream().write(frame);
            }
            Thread.sleep(5);
        } catch (IOException e) {
            // it is gone all the same
        }
    }

    /// @return how many requests were answered
    private static int produce(int port, byte[] frame, AtomicBoolean enough) {
        int count = 0;
        try (Socket socket = new Socket("127.0.0.1", port)) {
            while (!enough.get()) {
                socket.getOutputStream().write(frame);
                byte[] size = socket.getInputStream().readNBytes(4);
                socket.getInputStream().skipNBytes(ByteBuffer.wrap(size).getInt());
                count++;
            }
            return count;
        } catch (IOException e) {
            throw new AssertionError("A producer that stays was cut off", e);
        }
    }

    private static long valuesOtherThan(TestCluster cluster, String topic, byte expected) {
        long others = 0;
        try (KafkaConsumer<byte[], byte[]> consumer = cluster.consumer(Map.of())) {
            List<TopicPartition> all =
                    IntStream.range(0, PARTITIONS)
                            .mapToObj(p -> new TopicPartition(topic, p))
                            .toList();
            consumer.assign(all);
            long left = consumer.endOffsets(all).values().stream().mapToLong(end -> end).sum();
            assertThat(left).isPositive();
            consumer.seekToBeginning(all);
            long until = System.nanoTime() + PATIENCE.toNanos();
            while (left > 0 && System.nanoTime() < until) {
                for (ConsumerRecord<byte[], byte[]> record :
                        consumer.poll(PATIENCE.dividedBy(20))) {
                    left--;
                    others += isAllOf(expected, record.value()) ? 0 : 1;
                }
            }
            assertThat(left)
                    .as("records of %s that cannot be read", topic)
                    .isNotPositive(); // more may have come
        }
        return others;
    }

    private static boolean isAllOf(byte expected, byte[] value) {
        return Arrays.equals(value, value(expected));
    }

    private static byte[] value(byte of) {
        byte[] value = new byte[VALUE_BYTES];
        Arrays.fill(value, of);
        return value;
    }

    private static byte[] frame(String topic, byte of) {
        MemoryRecords records =
                MemoryRecords.withRecords(Compression.NONE, new SimpleRecord(1_000_000, value(of)));
        var data = new ProduceRequestData().setAcks((short) -1).setTimeoutMs(30_000);
        data.topicData()
                .add(
                        new TopicProduceData()
                                .setName(topic)
                                .setPartitionData(
                                        IntStream.range(0, PARTITIONS)
                                                .mapToObj(
                                                        p ->
                                                                new PartitionProduceData()
                                                                        .setIndex(p)
                                                                        .setRecords(records))
                                                .toList()));
        ByteBuffer body = MessageUtil.toByteBufferAccessor(data, VERSION).buffer();
        var header = new RequestHeader(ApiKeys.PRODUCE, VERSION, "vanishing", 1);
        ByteBuffer head =
                MessageUtil.toByteBufferAccessor(
                                header.data(), ApiKeys.PRODUCE.requestHeaderVersion(VERSION))
                        .buffer();
        int bytes = head.remaining() + body.remaining();
        return ByteBuffer.allocate(4 + bytes).putInt(bytes).put(head).put(body).array();
    }
}
