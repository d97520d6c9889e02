package io.firn.protocol;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.util.ArrayDeque;
import java.util.Queue;

/// Cuts the stream into Kafka frames. Each frame gets its buffer once its size is known, so that
/// large frames are copied once and `nioBuffer()` copies nothing. Bytes that cannot be a Kafka
/// frame (HTTP, TLS, garbage) close the connection.
final class FrameDecoder extends ChannelInboundHandlerAdapter {
    private static final Logger LOG = LoggerFactory.getLogger(FrameDecoder.class);
    private static final int SIZE_BYTES = 4;

    private int maxFrameBytes;
    private final ByteBudget budget;
    private final ReadGate gate;
    private final Queue<ByteBuf> unread = new ArrayDeque<>();
    private int sizeSoFar;
    private int sizeBytesRead;
    private @Nullable ByteBuf frame;
    private boolean decoding;
    private boolean finished;

    FrameDecoder(int maxFrameBytes, ByteBudget budget, ReadGate gate) {
        this.maxFrameBytes = maxFrameBytes;
        this.budget = budget;
        this.gate = gate;
    }

    /// From now on, for example once the peer has said who it is.
    void allowUpTo(int frameBytes) {
        maxFrameBytes = frameBytes;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        gate.onOpen(() -> decode(ctx));
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        ByteBuf bytes = (ByteBuf) message;
        if (finished) {
            bytes.release();
            return;
        }
        unread.add(bytes);
        decode(ctx);
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        finish();
        ctx.fireChannelInactive();
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        finish();
    }

    private void decode(ChannelHandlerContext ctx) {
        if (decoding) {
            return; // the loop below sees the gate open again
        }
        decoding = true;
        try {
            ByteBuf bytes = unread.peek();
            while (bytes != null && gate.isOpen() && !finished) {
                if (bytes.isReadable()) {
                    take(ctx, bytes);
                } else {
                    unread.remove();
                    bytes.release();
                    bytes = unread.peek();
                }
            }
        } finally {
            decoding = false;
        }
    }

    private void take(ChannelHandlerContext ctx, ByteBuf bytes) {
        if (frame == null) {
            while (sizeBytesRead < SIZE_BYTES && bytes.isReadable()) {
                sizeSoFar = sizeSoFar << 8 | bytes.readUnsignedByte();
                sizeBytesRead++;
            }
            if (sizeBytesRead == SIZE_BYTES && isValid(ctx, sizeSoFar)) {
                allocate(ctx, sizeSoFar);
            }
            return;
        }
        bytes.readBytes(frame, Math.min(bytes.readableBytes(), frame.writableBytes()));
        if (!frame.isWritable()) {
            Frame whole = new Frame(frame, budget);
            frame = null;
            sizeSoFar = 0;
            sizeBytesRead = 0;
            ctx.fireChannelRead(whole);
        }
    }

    private boolean isValid(ChannelHandlerContext ctx, int size) {
        if (size > 0 && size <= maxFrameBytes) {
            return true;
        }
        LOG.warn(
                "Closing connection {}: its next frame would have {} bytes, but 1 to {} are allowed."
                        + " {}",
                ctx.channel(),
                size,
                maxFrameBytes,
                Garbage.guess(size));
        finish();
        ctx.close();
        return false;
    }

    private void allocate(ChannelHandlerContext ctx, int size) {
        int total = SIZE_BYTES + size;
        if (!budget.tryTake(total, () -> ctx.executor().execute(() -> roomAgain(ctx)))) {
            gate.set(ReadGate.Reason.BUDGET, true);
            return;
        }
        frame = ctx.alloc().directBuffer(total, total).writeInt(size);
    }

    private void roomAgain(ChannelHandlerContext ctx) {
        if (finished) {
            return;
        }
        int total = SIZE_BYTES + sizeSoFar;
        if (budget.tryTake(total, () -> ctx.executor().execute(() -> roomAgain(ctx)))) {
            frame = ctx.alloc().directBuffer(total, total).writeInt(sizeSoFar);
            gate.set(ReadGate.Reason.BUDGET, false);
        }
    }

    private void finish() {
        finished = true;
        if (frame != null) {
            int charged = frame.capacity();
            frame.release();
            frame = null;
            budget.give(charged);
        }
        for (ByteBuf bytes : unread) {
            bytes.release();
        }
        unread.clear();
    }
}
