package io.firn.protocol;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.FileRegion;
import io.netty.util.ReferenceCountUtil;

import org.jspecify.annotations.Nullable;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;

/// Unanswered requests of one connection in their order, and the answers that wait for their turn
/// (G1). Everything but [#complete] runs on the event loop.
final class ResponseQueue {
    /// A whole response: buffers and file regions; empty if the request has none.
    record Ready(List<Object> parts, Runnable afterSent) {}

    private final Channel channel;
    private final ReadGate gate;
    private final TrafficObserver observer;
    private final int maxQueued;
    private final Queue<Slot> slots = new ArrayDeque<>();
    private boolean draining;
    private boolean closed;

    ResponseQueue(Channel channel, ReadGate gate, TrafficObserver observer, int maxQueued) {
        this.channel = channel;
        this.gate = gate;
        this.observer = observer;
        this.maxQueued = maxQueued;
    }

    void add(InboundRequest request) {
        slots.add(new Slot(request));
        gate.set(ReadGate.Reason.QUEUE, slots.size() >= maxQueued);
    }

    /// From any thread. Takes ownership of the parts.
    void complete(InboundRequest request, Ready ready) {
        request.releaseFrame();
        if (channel.eventLoop().inEventLoop()) {
            completed(request, ready);
            return;
        }
        try {
            channel.eventLoop().execute(() -> completed(request, ready));
        } catch (java.util.concurrent.RejectedExecutionException e) {
            discard(ready); // the server is stopping
        }
    }

    StreamedAnswer stream(InboundRequest request, Runnable onTurn) {
        Slot slot = slotOf(request);
        if (slot == null) {
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
            if (slot.ready != null) {
                discard(slot.ready);
            }
        }
        slots.clear();
    }

    private void completed(InboundRequest request, Ready ready) {
        Slot slot = slotOf(request);
        if (closed || slot == null) {
            discard(ready);
            return;
        }
        slot.ready = ready;
        drain();
    }

    private @Nullable Slot slotOf(InboundRequest request) {
        for (Slot slot : slots) {
            if (slot.request == request) {
                return slot;
            }
        }
        return null;
    }

    private void drain() {
        if (draining) {
            return;
        }
        draining = true;
        boolean wrote = false;
        try {
            Slot head = slots.peek();
            while (head != null && !closed) {
                head.announce();
                Ready ready = head.ready;
                if (ready != null) {
                    wrote |= write(head.request, ready);
                } else if (!head.finished) {
                    break;
                }
                slots.remove();
                head = slots.peek();
            }
        } finally {
            draining = false;
        }
        if (wrote) {
            channel.flush();
        }
        if (!closed) {
            gate.set(ReadGate.Reason.QUEUE, slots.size() >= maxQueued);
        }
    }

    private boolean write(InboundRequest request, Ready ready) {
        long bytes = 0;
        ChannelFuture last = null;
        for (Object part : ready.parts()) {
            bytes += size(part);
            last = channel.write(part);
        }
        observer.answered(
                request.header().apiKey(), bytes, System.nanoTime() - request.receivedNanos());
        if (last == null) {
            ready.afterSent().run();
            return false;
        }
        last.addListener(
                done -> {
                    ready.afterSent().run();
                    if (!done.isSuccess()) {
                        channel.close(); // half a response is on the wire: nothing can follow it
                    }
                });
        return true;
    }

    private static long size(Object part) {
        return part instanceof ByteBuf buffer
                ? buffer.readableBytes()
                : ((FileRegion) part).count();
    }

    private static void discard(Ready ready) {
        new ArrayList<>(ready.parts()).forEach(ReferenceCountUtil::release);
        ready.afterSent().run();
    }

    /// The place of one request in the order.
    private final class Slot implements StreamedAnswer {
        private final InboundRequest request;
        private @Nullable Ready ready;
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
            if (closed || finished || !isTurn()) {
                part.release();
                return;
            }
            if (streamedBytes == 0) {
                observer.answered(
                        request.header().apiKey(), 0, System.nanoTime() - request.receivedNanos());
            }
            streamedBytes += part.readableBytes();
            observer.sent(part.readableBytes());
            channel.writeAndFlush(part);
            if (last) {
                finished = true;
                request.releaseFrame();
                drain();
            }
        }
    }
}
