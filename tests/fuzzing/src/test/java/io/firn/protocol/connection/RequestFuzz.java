package io.firn.protocol.connection;

import static org.assertj.core.api.Assertions.assertThat;

import io.firn.protocol.ServerConfig;
import io.firn.protocol.TrafficObserver;
import io.firn.protocol.frame.ByteBudget;
import io.firn.protocol.frame.FrameDecoder;
import io.firn.protocol.frame.ReadGate;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;

import org.apache.kafka.common.errors.InvalidRequestException;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;

/// One frame with any bytes in it: an answer or a closed connection, never an exception that gets
/// out, and nothing held afterwards (G7).
public final class RequestFuzz {
    private static final ServerConfig CONFIG = ServerConfig.of("fuzz", "127.0.0.1", 0);

    private RequestFuzz() {}

    public static void fuzzerTestOneInput(byte[] input) {
        if (input.length == 0) {
            return;
        }
        ByteBudget budget = new ByteBudget(CONFIG.maxInFlightBytes());
        ByteBudget.Share share = budget.open(InetAddress.getLoopbackAddress());
        EmbeddedChannel channel = new Peer();
        ReadGate gate = new ReadGate(channel);
        channel.pipeline()
                .addLast(
                        new FrameDecoder(
                                CONFIG.maxRequestBytes(), share, gate, TrafficObserver.NONE))
                .addLast(
                        new ConnectionHandler(
                                channel,
                                CONFIG,
                                request -> request.fail(new InvalidRequestException("fuzzed")),
                                TrafficObserver.NONE,
                                share,
                                gate,
                                Runnable::run));
        channel.writeInbound(Unpooled.buffer().writeInt(input.length).writeBytes(input));
        channel.runPendingTasks();
        channel.checkException();
        boolean answered = channel.releaseOutbound();
        // Produce with acks=0 is the only request without an answer.
        assertThat(answered || !channel.isOpen() || isProduce(input)).isTrue();
        channel.finishAndReleaseAll();
        assertThat(budget.usedBytes()).isZero();
    }

    private static boolean isProduce(byte[] input) {
        return input.length > 1 && input[0] == 0 && input[1] == 0;
    }

    /// An embedded channel that has an address, as a socket has.
    private static final class Peer extends EmbeddedChannel {
        @Override
        protected SocketAddress remoteAddress0() {
            return isActive() ? new InetSocketAddress("127.0.0.1", 9) : null;
        }
    }
}
