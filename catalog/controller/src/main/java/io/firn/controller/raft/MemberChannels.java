package io.firn.controller.raft;

import io.firn.protocol.preface.Caller;
import io.firn.protocol.preface.Preface;
import io.netty.buffer.ByteBuf;

import org.apache.kafka.common.memory.MemoryPool;
import org.apache.kafka.common.network.Authenticator;
import org.apache.kafka.common.network.ChannelBuilder;
import org.apache.kafka.common.network.ChannelMetadataRegistry;
import org.apache.kafka.common.network.KafkaChannel;
import org.apache.kafka.common.network.PlaintextTransportLayer;
import org.apache.kafka.common.network.TransportLayer;
import org.apache.kafka.common.security.auth.KafkaPrincipal;
import org.apache.kafka.common.security.auth.KafkaPrincipalSerde;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;

/// A member's connections to controllers: each begins with the cluster's preface, as a gateway's
/// connections to brokers do (G6). Kafka's network client takes it for its authentication.
final class MemberChannels implements ChannelBuilder {
    /// Whom a member speaks for: itself. Controllers look at the key only.
    private static final Caller MEMBER =
            new Caller("cluster", "User:member", "", RaftNode.LISTENER.value());

    private final byte[] clusterKey;

    MemberChannels(byte[] clusterKey) {
        this.clusterKey = clusterKey.clone();
    }

    @Override
    public void configure(Map<String, ?> configs) {}

    @Override
    public KafkaChannel buildChannel(
            String id,
            SelectionKey key,
            int maxReceiveSize,
            MemoryPool memoryPool,
            ChannelMetadataRegistry metadataRegistry) {
        PlaintextTransportLayer transport = new PlaintextTransportLayer(key);
        return new KafkaChannel(
                id,
                transport,
                () -> new PrefaceSender(transport, preface()),
                maxReceiveSize,
                memoryPool == null ? MemoryPool.NONE : memoryPool,
                metadataRegistry);
    }

    private ByteBuffer preface() {
        ByteBuf bytes =
                new Preface(
                                MEMBER,
                                System.currentTimeMillis(),
                                ThreadLocalRandom.current().nextLong())
                        .encode(clusterKey);
        try {
            ByteBuffer copy = ByteBuffer.allocate(bytes.readableBytes());
            bytes.readBytes(copy);
            return copy.flip();
        } finally {
            bytes.release();
        }
    }

    @Override
    public void close() {}

    /// Done when all of the preface is written: nobody answers it, a wrong one ends the connection.
    private static final class PrefaceSender implements Authenticator {
        private final TransportLayer transport;
        private final ByteBuffer preface;

        PrefaceSender(TransportLayer transport, ByteBuffer preface) {
            this.transport = transport;
            this.preface = preface;
        }

        @Override
        public void authenticate() throws IOException {
            transport.write(preface);
            if (preface.hasRemaining()) {
                transport.addInterestOps(SelectionKey.OP_WRITE);
            } else {
                transport.removeInterestOps(SelectionKey.OP_WRITE);
            }
        }

        @Override
        public boolean complete() {
            return !preface.hasRemaining();
        }

        @Override
        public KafkaPrincipal principal() {
            return KafkaPrincipal.ANONYMOUS;
        }

        @Override
        public Optional<KafkaPrincipalSerde> principalSerde() {
            return Optional.empty();
        }

        @Override
        public void close() {}
    }
}
