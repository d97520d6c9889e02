package io.firn.protocol.frame;

import static org.assertj.core.api.Assertions.assertThat;

import io.firn.protocol.TrafficObserver;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;

import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/// The stream of a client, cut anywhere: frames come out as they went in, whatever the cuts, and
/// nothing is held when the connection is gone (G7).
///
/// Input: one byte of piece size, then the stream.
public final class FrameFuzz {
    private static final int MAX_FRAME = 64;

    private FrameFuzz() {}

    public static void fuzzerTestOneInput(byte[] input) {
        if (input.length < 1) {
            return;
        }
        int piece = 1 + (input[0] & 0x1f);
        ByteBudget budget = new ByteBudget(1 << 20);
        EmbeddedChannel channel = new EmbeddedChannel();
        channel.pipeline()
                .addLast(
                        new FrameDecoder(
                                MAX_FRAME,
                                budget.open(InetAddress.getLoopbackAddress()),
                                new ReadGate(channel),
                                TrafficObserver.NONE));
        for (int at = 1; at < input.length && channel.isOpen(); at += piece) {
            int length = Math.min(piece, input.length - at);
            channel.writeInbound(Unpooled.copiedBuffer(input, at, length));
        }
        List<ByteBuffer> frames = new ArrayList<>();
        for (Frame f = channel.readInbound(); f != null; f = channel.readInbound()) {
            frames.add(ByteBuffer.wrap(io.netty.buffer.ByteBufUtil.getBytes(f.bytes())));
            f.release();
        }
        assertThat(frames).isEqualTo(expected(ByteBuffer.wrap(input, 1, input.length - 1).slice()));
        channel.finishAndReleaseAll();
        assertThat(budget.usedBytes()).isZero();
    }

    private static List<ByteBuffer> expected(ByteBuffer stream) {
        List<ByteBuffer> frames = new ArrayList<>();
        int at = 0;
        while (stream.limit() - at >= 4) {
            int size = stream.getInt(at);
            if (size < 1 || size > MAX_FRAME || size > stream.limit() - at - 4) {
                break;
            }
            frames.add(stream.slice(at, 4 + size));
            at += 4 + size;
        }
        return frames;
    }
}
