package io.firn.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;

import org.junit.jupiter.api.Test;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

class FrameDecoderTest {
    private static final int MAX = 1000;
    private final ByteBudget budget = new ByteBudget(10_000);
    private final EmbeddedChannel channel = new EmbeddedChannel();
    private final ReadGate gate = new ReadGate(channel);

    {
        channel.pipeline().addLast(new FrameDecoder(MAX, budget, gate));
    }

    @Test
    void framesComeOutWholeHoweverTheStreamIsCut() {
        Random random = new Random(7);
        List<byte[]> sent = new ArrayList<>();
        ByteBuf stream = Unpooled.buffer();
        for (int i = 0; i < 200; i++) {
            byte[] frame = new byte[1 + random.nextInt(40)];
            random.nextBytes(frame);
            sent.add(frame);
            stream.writeInt(frame.length).writeBytes(frame);
        }
        List<byte[]> received = new ArrayList<>();
        while (stream.isReadable()) {
            int count = Math.min(stream.readableBytes(), random.nextInt(20));
            channel.writeInbound(stream.readBytes(count));
            receive(received);
        }
        assertThat(received).hasSameSizeAs(sent);
        for (int i = 0; i < sent.size(); i++) {
            assertThat(received.get(i)).isEqualTo(sent.get(i));
        }
        assertThat(budget.usedBytes()).isZero();
    }

    @Test
    void sizesThatCannotBeCloseTheConnection() {
        for (int size : new int[] {0, -1, Integer.MIN_VALUE, MAX + 1, Integer.MAX_VALUE}) {
            EmbeddedChannel other = new EmbeddedChannel();
            other.pipeline().addLast(new FrameDecoder(MAX, budget, new ReadGate(other)));
            other.writeInbound(Unpooled.buffer().writeInt(size).writeInt(1));
            assertThat(other.isOpen()).as("size %d", size).isFalse();
        }
        assertThat(budget.usedBytes()).isZero();
    }

    @Test
    void httpAndTlsCloseTheConnectionAndAreNamed() {
        channel.writeInbound(
                Unpooled.copiedBuffer("GET / HTTP/1.1\r\n\r\n", StandardCharsets.US_ASCII));
        assertThat(channel.isOpen()).isFalse();
        assertThat(Garbage.guess(0x47455420)).contains("HTTP");
        assertThat(Garbage.guess(0x16030100)).contains("TLS");
    }

    @Test
    void aFrameWithoutRoomInTheBudgetWaitsUntilThereIs() { // G7
        assertThat(budget.tryTake(9_900, () -> {})).isTrue();
        channel.writeInbound(Unpooled.buffer().writeInt(200).writeBytes(new byte[200]));
        assertThat((Object) channel.readInbound()).isNull();
        assertThat(channel.config().isAutoRead()).isFalse();
        budget.give(9_900);
        channel.runPendingTasks();
        Frame frame = channel.readInbound();
        assertThat(frame.size()).isEqualTo(204);
        assertThat(channel.config().isAutoRead()).isTrue();
        frame.release();
        frame.release();
        assertThat(budget.usedBytes()).isZero();
    }

    @Test
    void aConnectionThatEndsInTheMiddleOfAFrameGivesItsBytesBack() {
        channel.writeInbound(Unpooled.buffer().writeInt(500).writeBytes(new byte[100]));
        assertThat(budget.usedBytes()).isEqualTo(504);
        channel.close();
        assertThat(budget.usedBytes()).isZero();
    }

    @Test
    void nothingIsDecodedWhileTheGateIsClosed() {
        gate.set(ReadGate.Reason.QUEUE, true);
        channel.writeInbound(Unpooled.buffer().writeInt(1).writeByte(9));
        assertThat((Object) channel.readInbound()).isNull();
        gate.set(ReadGate.Reason.QUEUE, false);
        Frame frame = channel.readInbound();
        assertThat(frame.size()).isEqualTo(5);
        frame.release();
    }

    private void receive(List<byte[]> received) {
        Frame frame = channel.readInbound();
        while (frame != null) {
            received.add(ByteBufUtil.getBytes(frame.bytes(), 4, frame.size() - 4));
            frame.release();
            frame = channel.readInbound();
        }
    }
}
