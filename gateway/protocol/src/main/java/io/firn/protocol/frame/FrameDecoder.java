package io.firn.protocol.frame;

import io.firn.protocol.RateLimitedLog;
import io.firn.protocol.TrafficObserver;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/// Cuts the stream into Kafka frames. Each frame gets a buffer of its own, which the rest of a
/// large frame is read into straight from the socket (see [SocketReads]), so that `nioBuffer()`
/// copies nothing. Bytes that cannot be a Kafka frame (HTTP, TLS, garbage) close the connection.
///
/// Memory follows the bytes that have come, not the size that was announced (G7): a frame begins
/// with [#FIRST_BYTES], or with as much as the connection's frames have had before, and its buffer
/// grows fourfold each time it is full. Bytes must come from the socket as they are: behind a TLS
/// handler there is no [SocketReads].
public final class FrameDecoder extends ChannelInboundHandlerAdapter
        implements ByteBudget.Claimant, SocketReads.Target {
    private static final Logger LOG = LoggerFactory.getLogger(FrameDecoder.class);
    private static final RateLimitedLog LIMITED =
            new RateLimitedLog(LOG); // what peers cause as often as they like
    private static final int SIZE_BYTES = 4;

    /// What a connection may hold before it has shown anything (DESIGN §5).
    public static final int FIRST_BYTES = 64 * 1024;

    /// Most that a frame gets before its bytes have come.
    private static final int MOST_TRUSTED_BYTES = 1024 * 1024;

    private static final int GROWTH = 4;

    /// Less is copied from a common buffer, since a read of its own would cost more.
    private static final int WORTH_A_READ_BYTES = 16 * 1024;

    /// A half frame has to grow so fast, on average over the budget's patience, when others wait
    /// for memory.
    private static final long SLOWEST_BYTES_PER_SECOND = 256 * 1024;

    /// And so fast over three times the patience when nobody does.
    private static final long STALLED_BYTES_PER_SECOND = 4 * 1024;

    private static final int STALLED_PATIENCE = 3;

    private int maxFrameBytes;
    private final ByteBudget.Share share;
    private final ByteBudget budget;
    private final ReadGate gate;
    private final TrafficObserver observer;
    private final Queue<ByteBuf> unread = new ArrayDeque<>();
    private @Nullable ChannelHandlerContext context;
    private int trustedBytes = FIRST_BYTES;
    private int sizeSoFar;
    private int sizeBytesRead;

    /// What the frame will be when it is whole.
    private ByteBudget.Kind kind = ByteBudget.Kind.SMALL;

    /// The frame so far. Its capacity is what the budget was charged.
    private @Nullable ByteBuf frame;

    private boolean lastWasLarge;
    private int wantedBytes;
    private volatile boolean hasPart;
    private long paceSinceNanos;
    private int paceSinceBytes;
    private boolean decoding;
    private boolean hurrying;
    private boolean watching;
    private boolean finished;

    /// What was given back at the end; a grant that was under way then goes back too.
    private int chargedWhenFinished;

    /// @param share of the budget, which its address has
    public FrameDecoder(
            int maxFrameBytes, ByteBudget.Share share, ReadGate gate, TrafficObserver observer) {
        this.maxFrameBytes = maxFrameBytes;
        this.share = share;
        this.budget = share.budget();
        this.gate = gate;
        this.observer = observer;
    }

    /// From now on, for example once the peer has said who it is.
    public void allowUpTo(int frameBytes) {
        maxFrameBytes = frameBytes;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        context = ctx;
        budget.join(this);
        gate.onOpen(
                () -> {
                    keepPace();
                    decode(ctx);
                });
    }

    /// Where the socket's next bytes go: into the frame that waits for them. Where a large frame is
    /// to be expected its size is read first, alone, so that nothing of it is copied: a system call
    /// costs less than 16 KiB do.
    @Override
    public @Nullable ByteBuf next(ByteBufAllocator alloc) {
        ByteBuf target = readTarget();
        if (target != null) {
            return target.retain();
        }
        int bytes = expectedSizeBytes();
        return bytes > 0 ? alloc.directBuffer(bytes, bytes) : null;
    }

    /// The buffer that the next bytes of the socket belong into; null if a common one will do. Only
    /// its writable part is to be filled.
    public @Nullable ByteBuf readTarget() {
        ByteBuf target = frame;
        return target != null
                        && unread.isEmpty()
                        && gate.isOpen()
                        && target.writableBytes() >= WORTH_A_READ_BYTES
                ? target
                : null;
    }

    /// How many bytes are still to come of the size of a frame that will be large, as the one
    /// before it was; else 0.
    public int expectedSizeBytes() {
        return frame == null && lastWasLarge && unread.isEmpty() && gate.isOpen()
                ? SIZE_BYTES - sizeBytesRead
                : 0;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        ByteBuf bytes = (ByteBuf) message;
        if (finished) {
            bytes.release();
        } else if (bytes == frame) {
            bytes.release(); // what the read held; the frame's own remains
            filled(ctx, bytes);
            decode(ctx);
        } else {
            unread.add(bytes);
            decode(ctx);
        }
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
        ByteBuf target = frame;
        if (target != null) {
            bytes.readBytes(target, Math.min(bytes.readableBytes(), target.writableBytes()));
            filled(ctx, target);
            return;
        }
        while (sizeBytesRead < SIZE_BYTES && bytes.isReadable()) {
            sizeSoFar = sizeSoFar << 8 | bytes.readUnsignedByte();
            sizeBytesRead++;
        }
        if (sizeBytesRead == SIZE_BYTES && isValid(ctx, sizeSoFar)) {
            kind = ByteBudget.Kind.of(SIZE_BYTES + sizeSoFar);
            grow(ctx, Math.min(SIZE_BYTES + sizeSoFar, trustedBytes));
        }
    }

    private void filled(ChannelHandlerContext ctx, ByteBuf target) {
        if (target.isWritable()) {
            return;
        }
        int total = SIZE_BYTES + sizeSoFar;
        int have = target.capacity();
        if (have < total) {
            grow(ctx, (int) Math.min(total, (long) have * GROWTH));
            return;
        }
        trustedBytes = Math.clamp(total, trustedBytes, MOST_TRUSTED_BYTES);
        frame = null;
        hasPart = false;
        lastWasLarge = total >= WORTH_A_READ_BYTES;
        sizeSoFar = 0;
        sizeBytesRead = 0;
        budget.whole(this);
        ctx.fireChannelRead(new Frame(target, share));
    }

    private boolean isValid(ChannelHandlerContext ctx, int size) {
        if (size > 0 && size <= maxFrameBytes) {
            return true;
        }
        LIMITED.warn(
                "Closing connection {}: its next frame would have {} bytes, but 1 to {} are allowed."
                        + " {}",
                ctx.channel(),
                size,
                maxFrameBytes,
                ForeignProtocol.guess(size));
        finish();
        ctx.close();
        return false;
    }

    private void grow(ChannelHandlerContext ctx, int capacity) {
        int have = frame == null ? 0 : frame.capacity();
        wantedBytes = capacity;
        if (share.tryTake(this, kind, capacity - have)) {
            resize(ctx);
        } else {
            gate.set(ReadGate.Reason.BUDGET, true);
            hurryOthers(ctx);
        }
    }

    private void resize(ChannelHandlerContext ctx) {
        ByteBuf known = frame;
        if (known == null) {
            int total = SIZE_BYTES + sizeSoFar;
            frame = ctx.alloc().directBuffer(wantedBytes, total).writeInt(sizeSoFar);
            hasPart = true;
            keepPace();
            watch(ctx);
        } else {
            known.capacity(wantedBytes);
        }
    }

    /// As long as this connection waits, others are looked at now and then.
    private void hurryOthers(ChannelHandlerContext ctx) {
        if (hurrying) {
            return;
        }
        hurrying = true;
        var unused =
                ctx.executor()
                        .schedule(
                                () -> {
                                    hurrying = false;
                                    if (gate.isClosedFor(ReadGate.Reason.BUDGET) && !finished) {
                                        budget.hurryAll();
                                        hurryOthers(ctx);
                                    }
                                },
                                budget.patience().toMillis(),
                                TimeUnit.MILLISECONDS);
    }

    @Override
    public boolean hasPart() {
        return hasPart;
    }

    @Override
    public void granted() {
        onLoop(
                ctx -> {
                    if (finished) {
                        share.give(kind, wantedBytes - chargedWhenFinished);
                        return;
                    }
                    resize(ctx);
                    gate.set(ReadGate.Reason.BUDGET, false);
                });
    }

    @Override
    public void hurry() {
        if (hasPart) {
            onLoop(ctx -> giveUpIfSlow(ctx, budget.patience().toNanos(), SLOWEST_BYTES_PER_SECOND));
        }
    }

    @Override
    public void giveUp() {
        onLoop(
                ctx -> {
                    if (frame != null && gate.isClosedFor(ReadGate.Reason.BUDGET)) {
                        giveUp(ctx, "it has waited for the rest longer than all others");
                    }
                });
    }

    /// As long as there are half frames, they are looked at now and then.
    private void watch(ChannelHandlerContext ctx) {
        if (watching) {
            return;
        }
        watching = true;
        var unused =
                ctx.executor()
                        .schedule(
                                () -> {
                                    watching = false;
                                    giveUpIfSlow(
                                            ctx,
                                            STALLED_PATIENCE * budget.patience().toNanos(),
                                            STALLED_BYTES_PER_SECOND);
                                    if (frame != null) {
                                        watch(ctx);
                                    }
                                },
                                budget.patience().toMillis(),
                                TimeUnit.MILLISECONDS);
    }

    /// @param patienceNanos over which its pace counts; a new count begins when it was fast enough,
    ///     so that what came long ago is no excuse
    private void giveUpIfSlow(
            ChannelHandlerContext ctx, long patienceNanos, long slowestBytesPerSecond) {
        ByteBuf half = frame;
        long nanos = System.nanoTime() - paceSinceNanos;
        if (half == null || !gate.isOpen() || nanos < patienceNanos) {
            return;
        }
        long came = half.writerIndex() - paceSinceBytes;
        if (came < nanos / 1e9 * slowestBytesPerSecond) {
            giveUp(
                    ctx,
                    "%d of them in the last %d ms"
                            .formatted(came, TimeUnit.NANOSECONDS.toMillis(nanos)));
        } else {
            keepPace();
        }
    }

    private void giveUp(ChannelHandlerContext ctx, String why) {
        ByteBuf half = frame;
        LIMITED.warn(
                "Closing connection {}: {} of the {} bytes of its frame have come, {}. It holds memory"
                        + " that others need (G7); {} connections wait for some",
                ctx.channel(),
                half == null ? 0 : half.writerIndex(),
                SIZE_BYTES + sizeSoFar,
                why,
                budget.waiting());
        observer.stalled();
        finish();
        ctx.close();
    }

    /// Time in which the connection was not read does not count against it.
    private void keepPace() {
        if (frame != null) {
            paceSinceNanos = System.nanoTime();
            paceSinceBytes = frame.writerIndex();
        }
    }

    private void onLoop(Consumer<ChannelHandlerContext> action) {
        ChannelHandlerContext ctx = context;
        if (ctx == null) {
            return;
        }
        try {
            ctx.executor().execute(() -> action.accept(ctx));
        } catch (RejectedExecutionException e) {
            LOG.debug("The server stops; {} needs no memory any more", ctx.channel());
        }
    }

    private void finish() {
        if (finished) {
            return;
        }
        finished = true;
        hasPart = false;
        budget.leave(this);
        ByteBuf half = frame;
        if (half != null) {
            chargedWhenFinished = half.capacity();
            frame = null;
            half.release();
            share.give(kind, chargedWhenFinished);
        }
        for (ByteBuf bytes : unread) {
            bytes.release();
        }
        unread.clear();
    }
}
