package io.firn.protocol.frame;

import static io.firn.protocol.frame.ByteBudget.Kind.LARGE;
import static io.firn.protocol.frame.ByteBudget.Kind.SMALL;

import static org.assertj.core.api.Assertions.assertThat;

import io.firn.protocol.TrafficObserver;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;

import org.junit.jupiter.api.Test;

import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;

class FrameDecoderTest {
    private static final int MAX = 1000;
    private static final InetAddress HERE = InetAddress.ofLiteral("10.0.0.1");
    private static final InetAddress FAR = InetAddress.ofLiteral("10.0.0.3");
    private static final InetAddress THERE = InetAddress.ofLiteral("10.0.0.2");
    private final ByteBudget budget = new ByteBudget(10_000);
    private final ByteBudget.Share others = budget.open(THERE);
    private final EmbeddedChannel channel = new EmbeddedChannel();
    private final ReadGate gate = new ReadGate(channel);

    {
        channel.pipeline().addLast(decoder(MAX, budget, gate));
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
            other.pipeline().addLast(decoder(MAX, budget, new ReadGate(other)));
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
        assertThat(ForeignProtocol.guess(0x47455420)).contains("HTTP");
        assertThat(ForeignProtocol.guess(0x16030100)).contains("TLS");
    }

    @Test
    void aFrameWithoutRoomInTheBudgetWaitsUntilThereIs() { // G7
        assertThat(others.tryTake(new Somebody(), SMALL, 5_000)).isTrue();
        assertThat(budget.open(FAR).tryTake(new Somebody(), SMALL, 4_900)).isTrue();
        channel.writeInbound(Unpooled.buffer().writeInt(200).writeBytes(new byte[200]));
        assertThat((Object) channel.readInbound()).isNull();
        assertThat(channel.config().isAutoRead()).isFalse();
        others.give(SMALL, 5_000);
        channel.runPendingTasks();
        Frame frame = channel.readInbound();
        assertThat(frame.size()).isEqualTo(204);
        assertThat(channel.config().isAutoRead()).isTrue();
        frame.release();
        frame.release();
        assertThat(budget.usedBytes()).isEqualTo(4_900);
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

    @Test
    void aHalfFrameHoldsWhatHasComeAndNotWhatWasAnnounced() { // G7
        ByteBudget large = new ByteBudget(100_000_000);
        EmbeddedChannel other = connection(large);
        other.writeInbound(Unpooled.buffer().writeInt(50_000_000).writeBytes(new byte[100]));
        assertThat(large.usedBytes()).isEqualTo(FrameDecoder.FIRST_BYTES);
        other.writeInbound(Unpooled.wrappedBuffer(new byte[1_000_000]));
        assertThat(large.usedBytes()).isBetween(1_000_000L, 4_200_000L);
        other.close();
        assertThat(large.usedBytes()).isZero();
    }

    @Test
    void aFrameThatGrewComesOutWhole() {
        byte[] sent = new byte[900_000];
        new Random(3).nextBytes(sent);
        EmbeddedChannel other = connection(new ByteBudget(2_000_000));
        for (int frame = 0; frame < 2; frame++) {
            other.writeInbound(Unpooled.buffer().writeInt(sent.length));
            for (int at = 0; at < sent.length; at += 30_000) {
                other.writeInbound(Unpooled.copiedBuffer(sent, at, 30_000));
            }
            Frame received = other.readInbound();
            assertThat(ByteBufUtil.getBytes(received.bytes(), 4, sent.length)).isEqualTo(sent);
            received.release();
        }
    }

    @Test
    void halfFramesThatWaitForEachOtherAllComeThrough() { // G7: one may go beyond the budget
        ByteBudget tight = new ByteBudget(2 * FrameDecoder.FIRST_BYTES);
        List<EmbeddedChannel> all = List.of(connection(tight), connection(tight));
        byte[] frame = new byte[200_000];
        for (EmbeddedChannel one : all) {
            one.writeInbound(
                    Unpooled.buffer().writeInt(frame.length), Unpooled.wrappedBuffer(frame));
        }
        for (EmbeddedChannel one : all) {
            one.runPendingTasks();
            Frame whole = one.readInbound();
            assertThat(whole.size()).isEqualTo(frame.length + 4);
            whole.release();
        }
        assertThat(tight.usedBytes()).isZero();
    }

    @Test
    void aHalfFrameThatStopsIsGivenUpWhenOthersWait() throws Exception { // G7
        ByteBudget tight = new ByteBudget(FrameDecoder.FIRST_BYTES, Duration.ofMillis(20));
        EmbeddedChannel slow = connection(tight);
        EmbeddedChannel waiting = connection(tight);
        slow.writeInbound(Unpooled.buffer().writeInt(200_000).writeBytes(new byte[10]));
        waiting.writeInbound(Unpooled.buffer().writeInt(100_000).writeBytes(new byte[100_000]));
        assertThat((Object) waiting.readInbound()).isNull();
        for (int i = 0; i < 200 && slow.isOpen(); i++) {
            Thread.sleep(5);
            waiting.runScheduledPendingTasks();
            slow.runPendingTasks();
        }
        assertThat(slow.isOpen()).isFalse();
        waiting.runPendingTasks();
        Frame frame = waiting.readInbound();
        assertThat(frame.size()).isEqualTo(100_004);
        frame.release();
        assertThat(tight.usedBytes()).isZero();
    }

    @Test
    void aConnectionThatEndsWhileItWaitsLeavesTheQueue() {
        Somebody first = new Somebody();
        assertThat(others.tryTake(first, SMALL, 10_000)).isTrue();
        channel.writeInbound(Unpooled.buffer().writeInt(200).writeBytes(new byte[200]));
        assertThat(budget.waiting()).isOne();
        channel.close();
        assertThat(budget.waiting()).isZero();
        others.give(SMALL, 10_000);
        channel.runPendingTasks();
        assertThat(budget.usedBytes()).isZero();
    }

    @Test
    void afterALargeFrameTheSizeOfTheNextIsReadAloneAndThenItsBytesIntoTheirPlace() {
        var large = new ByteBudget(1_000_000);
        EmbeddedChannel other = new EmbeddedChannel();
        var decoder = decoder(100_000, large, new ReadGate(other));
        other.pipeline().addLast(decoder);
        assertThat(decoder.expectedSizeBytes()).isZero();
        other.writeInbound(Unpooled.buffer().writeInt(20_000).writeZero(20_000));
        ((Frame) other.readInbound()).release();
        assertThat(decoder.expectedSizeBytes()).isEqualTo(4);
        other.writeInbound(Unpooled.buffer().writeMedium(30_000 >> 8));
        assertThat(decoder.expectedSizeBytes()).isEqualTo(1);
        other.writeInbound(Unpooled.buffer().writeByte(30_000));
        assertThat(decoder.expectedSizeBytes()).isZero();
        ByteBuf target = decoder.readTarget();
        assertThat(target.writableBytes()).isEqualTo(30_000);
        other.writeInbound(target.retain().writeZero(30_000));
        Frame whole = other.readInbound();
        assertThat(whole.size()).isEqualTo(30_004);
        whole.release();
        other.writeInbound(Unpooled.buffer().writeInt(10).writeZero(10));
        ((Frame) other.readInbound()).release();
        assertThat(decoder.expectedSizeBytes()).isZero();
        assertThat(large.usedBytes()).isZero();
    }

    @Test
    void halfFramesThatHoldAllTheRestLeaveRoomForSmallOnes() { // G7
        ByteBudget full = new ByteBudget(256 << 20);
        for (int i = 0; i < 8; i++) {
            halfFrame(full, HERE, 55_000_000);
        }
        passes(connection(full, HERE), 10_000);
        passes(connection(full, THERE), 60_000);
    }

    @Test
    void anAddressWhoseLargeFramesAreBeyondItsShareStillHasSmallOnesRead() { // G7
        ByteBudget full = new ByteBudget(256 << 20);
        assertThat(full.open(HERE).tryTake(new Somebody(), LARGE, 250 << 20)).isTrue();
        passes(connection(full, HERE), 10_000);
    }

    @Test
    void oneAddressLeavesAQuarterForTheOthers() { // G7
        ByteBudget full = new ByteBudget(256 << 20);
        for (int i = 0; i < 8; i++) {
            halfFrame(full, HERE, 55_000_000);
        }
        passes(connection(full, THERE), 20 << 20);
        EmbeddedChannel same = connection(full, HERE);
        same.writeInbound(Unpooled.buffer().writeInt(20 << 20).writeZero(20 << 20));
        same.runPendingTasks();
        assertThat((Object) same.readInbound()).isNull();
    }

    @Test
    void smallFramesOfOneAddressLeaveAQuarterForTheOthers() { // G7
        ByteBudget full = new ByteBudget(1_000_000);
        for (int i = 0; i < 100; i++) {
            connection(full, HERE).writeInbound(Unpooled.buffer().writeInt(50_000));
        }
        assertThat(full.usedBytes()).isBetween(700_000L, 750_000L);
        passes(connection(full, THERE), 50_000);
    }

    @Test
    void whatCameFastIsNoExcuseForAHalfFrameThatStopsWhileOthersWait() throws Exception { // G7
        ByteBudget tight = new ByteBudget(32 << 20, Duration.ofMillis(50));
        List<EmbeddedChannel> halves = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            halves.add(halfFrame(tight, HERE, 20_000_000));
        }
        EmbeddedChannel waiting = connection(tight, HERE);
        waiting.writeInbound(Unpooled.buffer().writeInt(2_000_000).writeZero(2_000_000));
        Frame frame = waiting.readInbound();
        assertThat(frame).isNull();
        assertThat(tight.longestWait()).isPositive();
        for (int i = 0; i < 2_000 && frame == null; i++) {
            Thread.sleep(5);
            for (EmbeddedChannel one : halves) {
                one.runPendingTasks(); // its own timers stand still: only others press it
            }
            waiting.runPendingTasks();
            waiting.runScheduledPendingTasks();
            frame = waiting.readInbound();
        }
        assertThat(frame).isNotNull();
        frame.release();
        assertThat(halves).anyMatch(it -> !it.isOpen());
    }

    @Test
    void aHalfFrameThatStopsIsGivenUpThoughNobodyWaits() throws Exception { // G7
        ByteBudget ample = new ByteBudget(1_000_000, Duration.ofMillis(10));
        var stalled = new AtomicInteger();
        EmbeddedChannel half = new EmbeddedChannel();
        half.pipeline()
                .addLast(
                        new FrameDecoder(
                                MAX,
                                ample.open(HERE),
                                new ReadGate(half),
                                new TrafficObserver() {
                                    @Override
                                    public void stalled() {
                                        stalled.incrementAndGet();
                                    }
                                }));
        half.writeInbound(Unpooled.buffer().writeInt(500).writeZero(10));
        for (int i = 0; i < 2_000 && half.isOpen(); i++) {
            Thread.sleep(5);
            half.runScheduledPendingTasks();
        }
        assertThat(half.isOpen()).isFalse();
        assertThat(stalled).hasValue(1);
        assertThat(ample.usedBytes()).isZero();
    }

    private static FrameDecoder decoder(int most, ByteBudget budget, ReadGate gate) {
        return new FrameDecoder(most, budget.open(HERE), gate, TrafficObserver.NONE);
    }

    private static EmbeddedChannel connection(ByteBudget budget) {
        return connection(budget, HERE);
    }

    private static EmbeddedChannel connection(ByteBudget budget, InetAddress of) {
        EmbeddedChannel other = new EmbeddedChannel();
        var share = budget.open(of);
        other.pipeline()
                .addLast(
                        new FrameDecoder(
                                100_000_000, share, new ReadGate(other), TrafficObserver.NONE));
        return other;
    }

    private static EmbeddedChannel halfFrame(ByteBudget budget, InetAddress of, int bytes) {
        EmbeddedChannel half = connection(budget, of);
        half.writeInbound(Unpooled.buffer().writeInt(60_000_000));
        for (int left = bytes; left > 0 && half.config().isAutoRead(); left -= 100_000) {
            half.writeInbound(Unpooled.buffer().writeZero(Math.min(left, 100_000)));
        }
        return half;
    }

    private static void passes(EmbeddedChannel client, int frameBytes) {
        client.writeInbound(Unpooled.buffer().writeInt(frameBytes).writeZero(frameBytes));
        client.runPendingTasks();
        Frame whole = client.readInbound();
        assertThat(whole).isNotNull();
        whole.release();
    }

    /// Holds whole frames only.
    private static final class Somebody implements ByteBudget.Claimant {
        @Override
        public boolean hasPart() {
            return false;
        }

        @Override
        public void granted() {}

        @Override
        public void hurry() {}

        @Override
        public void giveUp() {}
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
