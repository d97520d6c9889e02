package io.firn.broker.group;

import static org.assertj.core.api.Assertions.assertThat;

import org.apache.kafka.clients.consumer.ConsumerPartitionAssignor.Assignment;
import org.apache.kafka.clients.consumer.ConsumerPartitionAssignor.Subscription;
import org.apache.kafka.clients.consumer.internals.ConsumerProtocol;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

class ConsumerBytesTest {
    private final GroupNames names = new GroupNames(new io.firn.protocol.TenantNames("acme"));

    @ParameterizedTest
    @ValueSource(shorts = {0, 1, 2, 3})
    void aSubscriptionGoesInAndComesBackByteForByte(short version) {
        byte[] outside =
                array(
                        ConsumerProtocol.serializeSubscription(
                                new Subscription(
                                        List.of("b", "a.x"),
                                        ByteBuffer.wrap(new byte[] {1, 2, 3}),
                                        List.of(
                                                new TopicPartition("b", 0),
                                                new TopicPartition("b", 4),
                                                new TopicPartition("a.x", 1)),
                                        5,
                                        Optional.of("rack")),
                                version));

        byte[] inside = ConsumerBytes.subscription(outside, names::topic);

        Subscription seen = ConsumerProtocol.deserializeSubscription(ByteBuffer.wrap(inside));
        assertThat(seen.topics()).containsExactlyInAnyOrder("acme.b", "acme.a.x");
        assertThat(seen.userData()).isEqualTo(ByteBuffer.wrap(new byte[] {1, 2, 3}));
        if (version >= 1) {
            assertThat(seen.ownedPartitions())
                    .contains(new TopicPartition("acme.b", 4), new TopicPartition("acme.a.x", 1));
        }
        assertThat(ConsumerBytes.subscription(inside, names::outside)).isEqualTo(outside);
    }

    @Test
    void anAssignmentGoesInAndComesBackByteForByte() {
        byte[] outside =
                array(
                        ConsumerProtocol.serializeAssignment(
                                new Assignment(
                                        List.of(
                                                new TopicPartition("b", 0),
                                                new TopicPartition("a", 3)),
                                        ByteBuffer.wrap(new byte[] {9}))));

        byte[] inside = ConsumerBytes.assignment(outside, names::topic);

        assertThat(ConsumerProtocol.deserializeAssignment(ByteBuffer.wrap(inside)).partitions())
                .containsExactlyInAnyOrder(
                        new TopicPartition("acme.b", 0), new TopicPartition("acme.a", 3));
        assertThat(ConsumerBytes.assignment(inside, names::outside)).isEqualTo(outside);
    }

    @Test
    void bytesThatAreNotTheConsumerProtocolPassAsTheyAre() {
        byte[] good =
                array(
                        ConsumerProtocol.serializeAssignment(
                                new Assignment(List.of(new TopicPartition("b", 0)))));
        byte[] longer = Arrays.copyOf(good, good.length + 1);
        byte[] shorter = Arrays.copyOf(good, good.length - 3);
        byte[] text = "{\"leader\":\"w-1\"}".getBytes(StandardCharsets.UTF_8);
        byte[] future = good.clone();
        future[1] = 99;

        for (byte[] bytes : new byte[][] {longer, shorter, text, future, {}, {0}}) {
            assertThat(ConsumerBytes.assignment(bytes, names::topic)).isEqualTo(bytes);
            assertThat(ConsumerBytes.subscription(bytes, names::topic)).isEqualTo(bytes);
        }
    }

    private static byte[] array(ByteBuffer buffer) {
        byte[] bytes = new byte[buffer.remaining()];
        buffer.get(bytes);
        return bytes;
    }
}
