package io.firn.broker.group;

import org.apache.kafka.common.message.ConsumerProtocolAssignment;
import org.apache.kafka.common.message.ConsumerProtocolSubscription;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.protocol.Message;
import org.apache.kafka.common.protocol.MessageUtil;
import org.jspecify.annotations.Nullable;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.function.UnaryOperator;

/// Topic names inside the subscription and assignment bytes of classic consumers. The coordinator
/// reads them: an offset of a topic that a member subscribes to neither expires nor may be deleted,
/// and a classic group's members can move to KIP-848. So they must carry inside names there.
///
/// Bytes that are not exactly Kafka's consumer protocol (Connect, own assignors, versions to come)
/// pass as they are; user data always does.
final class ConsumerBytes {
    /// The protocol type of consumers; other types put what they like into their bytes.
    static final String TYPE = "consumer";

    private ConsumerBytes() {}

    static byte[] subscription(byte[] bytes, UnaryOperator<String> name) {
        return rename(
                bytes,
                ConsumerProtocolSubscription.HIGHEST_SUPPORTED_VERSION,
                (buffer, version) -> new ConsumerProtocolSubscription(buffer, version),
                (ConsumerProtocolSubscription message) -> {
                    message.setTopics(message.topics().stream().map(name).toList());
                    var owned =
                            new ConsumerProtocolSubscription.TopicPartitionCollection(
                                    message.ownedPartitions().size());
                    message.ownedPartitions()
                            .forEach(
                                    it ->
                                            owned.add(
                                                    it.duplicate()
                                                            .setTopic(name.apply(it.topic()))));
                    message.setOwnedPartitions(owned);
                });
    }

    static byte[] assignment(byte[] bytes, UnaryOperator<String> name) {
        return rename(
                bytes,
                ConsumerProtocolAssignment.HIGHEST_SUPPORTED_VERSION,
                (buffer, version) -> new ConsumerProtocolAssignment(buffer, version),
                (ConsumerProtocolAssignment message) -> {
                    var assigned =
                            new ConsumerProtocolAssignment.TopicPartitionCollection(
                                    message.assignedPartitions().size());
                    message.assignedPartitions()
                            .forEach(
                                    it ->
                                            assigned.add(
                                                    it.duplicate()
                                                            .setTopic(name.apply(it.topic()))));
                    message.setAssignedPartitions(assigned);
                });
    }

    private interface Parser<M extends Message> {
        M parse(ByteBufferAccessor bytes, short version);
    }

    private interface Edit<M extends Message> {
        void apply(M message);
    }

    private static <M extends Message> byte[] rename(
            byte @Nullable [] bytes, short highest, Parser<M> parser, Edit<M> edit) {
        if (bytes == null || bytes.length < Short.BYTES) {
            return bytes == null ? new byte[0] : bytes;
        }
        short version = ByteBuffer.wrap(bytes).getShort();
        if (version < 0 || version > highest) {
            return bytes;
        }
        try {
            ByteBuffer body = ByteBuffer.wrap(bytes, Short.BYTES, bytes.length - Short.BYTES);
            M message = parser.parse(new ByteBufferAccessor(body), version);
            if (!Arrays.equals(MessageUtil.toVersionPrefixedBytes(version, message), bytes)) {
                return bytes;
            }
            edit.apply(message);
            return MessageUtil.toVersionPrefixedBytes(version, message);
        } catch (RuntimeException e) {
            return bytes; // not the consumer protocol
        }
    }
}
