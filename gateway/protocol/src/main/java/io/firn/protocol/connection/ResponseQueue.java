package io.firn.protocol.connection;

import io.firn.protocol.TrafficObserver;
import io.firn.protocol.frame.ReadGate;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.FileRegion;
import io.netty.channel.socket.DuplexChannel;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.ReferenceCounted;

import org.jspecify.annotations.Nullable;

import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;

/// Unanswered requests of one connection in their order, and the answers that wait for their turn
/// (G1). Everything but [#complete] runs on the event loop.
///
/// However many answers come at once, the loop is woken once for them and they leave in one write.
final class ResponseQueue {
    /// A whole response.
    ///
    /// @param parts makes buffers and file regions, empty if the request has no response; `null`
    ///     when that fails, which closes the connection. Called once; who calls it owns the parts
    /// @param holds whether the parts are there already and hold memory that is to be given back;
    ///     otherwise nothing is made of an answer that nobody waits for any more
    /// @param afterSent called when the last byte has been written or never will be
    record Ready(Supplier<@Nullable List<Object>> parts, boolean holds, Runnable afterSent) {}

    private record Arrival(InboundRequest request, Ready ready) {}

    /// Parts of responses that are passed on are written out when so many wait.
    private static final int FLUSH_BYTES = 256 * 1024;

    /// What a connection writes of its buffers before the loop looks after the others: while the
    /// system copies megabytes, nobody else runs on that processor.
    private static final int TURN_BYTES = 256 * 1024;

    /// In which the loop sleeps if there is nothing else to do, so that other threads get its
    /// processor: a kernel that does not preempt (`PREEMPT_NONE`) leaves it to a loop that is busy
    /// for milliseconds. Bounds what one connection gets of answers in memory to some GB/s.
    private static final long BETWEEN_TURNS_MICROS = 50;

    /// How long a peer has to close a connection on which nothing more comes.
    private static final long LINGER_MILLIS = 1_000;

    private final Channel channel;
    private final ReadGate gate;
    private final TrafficObserver observer;
    private final int maxQueued;
    private final Queue<Slot> slots = new ArrayDeque<>();

    /// Answers from other threads, which the loop has been or is about to be told of.
    private final Queue<Arrival> arrivals = new ConcurrentLinkedQueue<>();

    private final AtomicBoolean loopKnows = new AtomicBoolean();
    private final Runnable takeArrivals = this::takeArrivals;
    private final Runnable drain = this::drain;
    private final Runnable flush = this::flush;
    private boolean draining;
    private boolean flushDue;
    private int unflushedBytes;
    private boolean closed;
    private boolean lastOnes;

    ResponseQueue(Channel channel, ReadGate gate, TrafficObserver observer, int maxQueued) {
        this.channel = channel;
        this.gate = gate;
        this.observer = observer;
        this.maxQueued = maxQueued;
    }

    /// Whether all requests have been answered.
    boolean isEmpty() {
        return slots.isEmpty();
    }

    /// Ends the connection behind the last answer: the peer sees that nothing more comes, and has a
    /// moment to close it.
    void endWhenEmpty() {
        lastOnes = true;
        endIfLast();
    }

    private void endIfLast() {
        if (lastOnes && !closed && slots.isEmpty()) {
            lastOnes = false;
            channel.writeAndFlush(Unpooled.EMPTY_BUFFER)
                    .addListener(sent -> ((DuplexChannel) channel).shutdownOutput());
            var unused =
                    channel.eventLoop()
                            .schedule(() -> channel.close(), LINGER_MILLIS, TimeUnit.MILLISECONDS);
        }
    }

    void add(InboundRequest request) {
        Slot slot = new Slot(request);
        request.slot = slot;
        slots.add(slot);
        gate.set(ReadGate.Reason.QUEUE, slots.size() >= maxQueued);
    }

    /// From any thread. Takes ownership of what the answer holds.
    void complete(InboundRequest request, Ready ready) {
        if (channel.eventLoop().inEventLoop()) {
            completed(request, ready);
            return;
        }
        arrivals.add(new Arrival(request, ready));
        if (loopKnows.compareAndSet(false, true)) {
            try {
                channel.eventLoop().execute(takeArrivals);
            } catch (RejectedExecutionException e) {
                discardArrivals(); // the server is stopping
            }
        }
    }

    private void takeArrivals() {
        loopKnows.set(false);
        Arrival next = arrivals.poll();
        while (next != null) {
            completed(next.request(), next.ready());
            next = arrivals.poll();
        }
    }

    private void discardArrivals() {
        Arrival next = arrivals.poll();
        while (next != null) {
            next.request().releaseFrame();
            discard(next.ready());
            next = arrivals.poll();
        }
    }

    StreamedAnswer stream(InboundRequest request, Runnable onTurn) {
        Slot slot = request.slot;
        if (closed || slot == null) {
            return new Slot(request); // the connection is gone: its parts are dropped
        }
        slot.onTurn = onTurn;
        drain();
        return slot;
    }

    void close() {
        closed = true;
        for (Slot slot : slots) {
            slot.request.releaseFrame();
            if (slot.unwritten != null && slot.ready != null) {
                slot.unwritten.forEachRemaining(ReferenceCountUtil::release);
                slot.ready.afterSent().run();
            } else if (slot.ready != null) {
                discard(slot.ready);
            }
        }
        slots.clear();
    }

    private void completed(InboundRequest request, Ready ready) {
        request.releaseFrame();
        Slot slot = request.slot;
        if (closed || slot == null) {
            discard(ready);
            return;
        }
        slot.ready = ready;
        drain();
    }

    private void drain() {
        if (draining) {
            return;
        }
        draining = true;
        try {
            Slot head = slots.peek();
            while (head != null && !closed) {
                head.announce();
                if (head.ready == null ? !head.finished : !write(head, head.ready)) {
                    break;
                }
                slots.poll();
                head = slots.peek();
            }
        } finally {
            draining = false;
        }
        if (!closed) {
            gate.set(ReadGate.Reason.QUEUE, slots.size() >= maxQueued);
            endIfLast();
        }
    }

    /// Gives the channel as much of the response as it takes in one turn of the loop.
    ///
    /// @return whether that was the last of it
    private boolean write(Slot slot, Ready ready) {
        Iterator<Object> unwritten = slot.unwritten;
        if (unwritten == null) {
            List<Object> parts = ready.parts().get();
            if (parts == null) {
                ready.afterSent().run();
                channel.close();
                return true;
            }
            long total = 0;
            for (Object part : parts) {
                total += size(part);
            }
            observer.answered(
                    slot.request.header().apiKey(),
                    total,
                    System.nanoTime() - slot.request.receivedNanos());
            unwritten = parts.iterator();
            slot.unwritten = unwritten;
        }
        long bytes = 0;
        ChannelFuture last = null;
        while (unwritten.hasNext()) {
            if (bytes >= TURN_BYTES) {
                channel.flush();
                afterOthers(drain);
                return false;
            }
            if (!channel.isWritable()) {
                channel.flush(); // which may tell [#writable] at once, to no effect
                if (!channel.isWritable()) {
                    return false;
                }
            }
            Object part = unwritten.next();
            bytes += part instanceof ByteBuf buffer ? buffer.readableBytes() : 0;
            last = channel.write(part);
        }
        if (last == null) {
            ready.afterSent().run();
            return true;
        }
        last.addListener(
                done -> {
                    ready.afterSent().run();
                    if (!done.isSuccess()) {
                        channel.close(); // half a response is on the wire: nothing can follow it
                    }
                });
        flushSoon();
        return true;
    }

    /// The channel takes more than before.
    void writable() {
        drain();
    }

    /// Behind the other connections' sockets. A task that a task executes runs before the loop
    /// looks at any of them; one whose time has come runs after it.
    private void afterOthers(Runnable task) {
        channel.eventLoop().schedule(task, BETWEEN_TURNS_MICROS, TimeUnit.MICROSECONDS);
    }

    /// After what the loop is doing now, so that all answers of this moment leave together.
    private void flushSoon() {
        if (!flushDue) {
            flushDue = true;
            channel.eventLoop().execute(flush);
        }
    }

    private void flush() {
        flushDue = false;
        unflushedBytes = 0;
        channel.flush();
    }

    private static void discard(Ready ready) {
        List<Object> parts = ready.holds() ? ready.parts().get() : null;
        if (parts != null) {
            parts.forEach(ReferenceCountUtil::release);
        }
        ready.afterSent().run();
    }

    private static long size(Object part) {
        return part instanceof ByteBuf buffer
                ? buffer.readableBytes()
                : ((FileRegion) part).count();
    }

    /// The place of one request in the order.
    final class Slot implements StreamedAnswer {
        private final InboundRequest request;
        private @Nullable Ready ready;
        private @Nullable Iterator<Object> unwritten;
        private @Nullable Runnable onTurn;
        private boolean announced;
        private boolean finished;
        private long streamedBytes;

        Slot(InboundRequest request) {
            this.request = request;
        }

        void announce() {
            if (onTurn != null && !announced) {
                announced = true;
                onTurn.run();
            }
        }

        @Override
        public boolean isTurn() {
            return slots.peek() == this;
        }

        @Override
        public void write(ByteBuf part, boolean last) {
            pass(part, last, FLUSH_BYTES);
        }

        @Override
        public void write(FileRegion part, boolean last) {
            pass(part, last, 0);
        }

        private void pass(ReferenceCounted part, boolean last, int flushBytes) {
            if (closed || finished || !isTurn()) {
                part.release();
                return;
            }
            if (streamedBytes == 0) {
                observer.answered(
                        request.header().apiKey(), 0, System.nanoTime() - request.receivedNanos());
            }
            int bytes = Math.toIntExact(size(part));
            streamedBytes += bytes;
            unflushedBytes += bytes;
            observer.sent(bytes);
            channel.write(part, channel.voidPromise());
            if (unflushedBytes >= flushBytes) {
                unflushedBytes = 0;
                channel.flush();
            } else {
                flushSoon();
            }
            if (last) {
                finished = true;
                request.releaseFrame();
                drain();
            }
        }
    }
}
