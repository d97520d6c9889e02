package io.firn.protocol.connection;

import io.firn.protocol.RateLimitedLog;
import io.firn.protocol.SupportedApi;
import io.firn.protocol.TenantNames;
import io.firn.protocol.TrafficObserver;
import io.firn.protocol.body.BodyWeigher;
import io.firn.protocol.body.BodyWeight;
import io.firn.protocol.frame.ByteBudget;
import io.firn.protocol.frame.ReadGate;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;

import org.apache.kafka.common.errors.ApiException;
import org.apache.kafka.common.protocol.ApiKeys;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;

/// From a connection's frame to its handler, at a price that follows its bytes (G12): a body is
/// weighed before anything is made of it, and what it will hold is taken from the byte budget (G7).
///
/// Large bodies, and those of many entries, are weighed, parsed and handled on the workers and not
/// on the event loop. The connection is not read meanwhile, so order stays (G1), and it has one
/// request there at most. What takes long there as well goes in turns, so that no connection has
/// more than its share of them.
final class RequestReader implements ByteBudget.Claimant {
    /// What smaller bodies become is not worth a look.
    static final int UNWEIGHED_BYTES = 1024;

    /// Larger bodies leave the event loop, but for records, which are not parsed.
    static final int ON_LOOP_BYTES = 64 * 1024;

    private static final Logger LOG = LoggerFactory.getLogger(RequestReader.class);
    private static final RateLimitedLog LIMITED = new RateLimitedLog(LOG);

    /// A weighed request that waits for the memory of its body.
    ///
    /// @param held its frame, if a worker goes on with it; `null` if the event loop does
    private record Waiting(InboundRequest request, BodyWeight weight, @Nullable ByteBuf held) {}

    private final Channel channel;
    private final RequestHandler handler;
    private final TrafficObserver observer;
    private final ByteBudget.Share share;
    private final ReadGate gate;
    private final Executor workers;
    private final AtomicReference<@Nullable Waiting> waiting = new AtomicReference<>();
    private final AtomicInteger atWorkers = new AtomicInteger();
    private volatile BodyWeigher weigher;
    private volatile int wantedBytes;

    /// @param workers where large requests are parsed and handled
    RequestReader(
            Channel channel,
            RequestHandler handler,
            TrafficObserver observer,
            ByteBudget.Share share,
            ReadGate gate,
            Executor workers,
            TenantNames names) {
        this.channel = channel;
        this.handler = handler;
        this.observer = observer;
        this.share = share;
        this.gate = gate;
        this.workers = workers;
        this.weigher = new BodyWeigher(names.inside(""));
    }

    /// From now on names belong to another tenant.
    void names(TenantNames names) {
        weigher = new BodyWeigher(names.inside(""));
    }

    /// Takes over a request that has its place in the order of answers. Called on the event loop.
    void read(InboundRequest request) {
        int bytes = request.bodyBytes();
        if (bytes <= UNWEIGHED_BYTES || !request.header().isApiVersionSupported()) {
            handle(request);
        } else if (bytes > ON_LOOP_BYTES && !carriesRecords(request)) {
            leaveLoop(request);
        } else {
            weighOnLoop(request);
        }
    }

    private static boolean carriesRecords(InboundRequest request) {
        ApiKeys api = request.header().apiKey();
        return api == ApiKeys.PRODUCE || api == ApiKeys.FETCH;
    }

    private void weighOnLoop(InboundRequest request) {
        Optional<BodyWeight> weight;
        try {
            weight =
                    weigher.weighSmall(
                            request.header().apiKey(),
                            request.header().apiVersion(),
                            request.bodyBuffer());
        } catch (RuntimeException e) {
            refuse(request, e);
            return;
        }
        if (weight.isEmpty()) {
            leaveLoop(request);
        } else if (claim(new Waiting(request, weight.get(), null))) {
            handle(request);
        } else {
            gate.set(ReadGate.Reason.BODY, true);
        }
    }

    private void leaveLoop(InboundRequest request) {
        ByteBuf held = request.frame().retain(); // a connection that closes lets go of its frames
        observer.large();
        request.leavesLoop();
        leave();
        onWorker(
                request,
                held,
                () -> {
                    BodyWeight weight =
                            weigher.weigh(
                                    request.header().apiKey(),
                                    request.header().apiVersion(),
                                    request.bodyBuffer());
                    if (!claim(new Waiting(request, weight, held))) {
                        return false;
                    }
                    handle(request);
                    return true;
                });
    }

    /// Runs `work` for a request on a worker; the connection is not read before it has ended. For
    /// handlers that find out that an answer takes long. Called on the event loop, or where the
    /// request is handled.
    void leaveLoop(InboundRequest request, Runnable work) {
        if (!channel.eventLoop().inEventLoop()) {
            work.run();
            return;
        }
        inTurns(
                request,
                () -> {
                    if (channel.isActive()) { // else nobody waits for it
                        work.run();
                    }
                    return true;
                });
    }

    /// Runs `step` on the workers until it says that it was the last one; other connections have
    /// their turns between. This one is not read before. Called where the request is handled.
    void inTurns(InboundRequest request, BooleanSupplier step) {
        observer.large();
        request.leavesLoop();
        leave();
        turn(request, request.frame().retain(), step);
    }

    private void turn(InboundRequest request, ByteBuf held, BooleanSupplier step) {
        onWorker(
                request,
                held,
                () -> {
                    boolean[] last = {true};
                    handle(request, it -> last[0] = step.getAsBoolean());
                    if (!last[0]) {
                        turn(request, held, step);
                    }
                    return last[0];
                });
    }

    /// Something of this connection goes to the workers, on its loop or from a worker.
    private void leave() {
        if (atWorkers.getAndIncrement() == 0) {
            gate.set(ReadGate.Reason.WORKER, true);
        }
    }

    private void comeBack() {
        if (atWorkers.decrementAndGet() == 0) {
            onLoop(() -> gate.set(ReadGate.Reason.WORKER, false));
        }
    }

    /// @param work whether it is done, so that the connection may be read again
    private void onWorker(InboundRequest request, ByteBuf held, BooleanSupplier work) {
        Runnable task =
                () -> {
                    boolean done = true;
                    try {
                        done = work.getAsBoolean();
                    } catch (RuntimeException e) {
                        refuse(request, e);
                    } catch (Error e) {
                        channel.close();
                        throw e;
                    } finally {
                        if (done) {
                            held.release();
                            comeBack();
                        }
                    }
                };
        try {
            workers.execute(task);
        } catch (RejectedExecutionException e) {
            held.release();
            channel.close(); // the server stops
        }
    }

    /// @return whether the body's memory is there; otherwise [#granted] goes on with it
    private boolean claim(Waiting request) {
        int bytes = request.weight().heapBytes();
        wantedBytes = bytes;
        waiting.set(request);
        if (!share.tryTake(this, ByteBudget.Kind.of(bytes), bytes)) {
            return false;
        }
        waiting.set(null);
        request.request().chargeBody(bytes, this);
        return true;
    }

    /// A frame that waits for its body's memory holds some already, as a half frame does.
    @Override
    public boolean hasPart() {
        return true;
    }

    /// Nothing of it is still to come.
    @Override
    public void hurry() {}

    @Override
    public void giveUp() {}

    @Override
    public void granted() {
        Waiting next = waiting.getAndSet(null);
        if (next == null) { // the connection was closed
            share.budget().whole(this);
            share.give(ByteBudget.Kind.of(wantedBytes), wantedBytes);
            return;
        }
        InboundRequest request = next.request();
        request.chargeBody(next.weight().heapBytes(), this);
        if (next.held() == null) {
            onLoop(
                    () -> {
                        handle(request);
                        gate.set(ReadGate.Reason.BODY, false);
                    });
        } else {
            onWorker(
                    request,
                    next.held(),
                    () -> {
                        handle(request);
                        return true;
                    });
        }
    }

    /// The connection is gone.
    void close() {
        Waiting left = waiting.getAndSet(null);
        if (left != null && left.held() != null) {
            left.held().release();
        }
        share.budget().leave(this);
    }

    private void handle(InboundRequest request) {
        try {
            request.body();
        } catch (RuntimeException e) {
            refuse(request, e);
            return;
        }
        if (request.header().isApiVersionSupported()) {
            handle(request, handler);
        } else {
            request.answer(SupportedApi.unsupportedApiVersions());
        }
    }

    private void handle(InboundRequest request, RequestHandler by) {
        try {
            by.handle(request);
        } catch (ApiException e) { // what is wrong with the request, for its sender to hear
            request.fail(e);
        } catch (RuntimeException e) {
            LIMITED.error("Handling {} on connection {} failed", request.header(), channel, e);
            request.fail(e);
        }
    }

    private void refuse(InboundRequest request, RuntimeException e) {
        int bytes = request.frame().capacity();
        request.releaseFrame();
        refuse(channel, bytes, e);
    }

    /// Closes a connection whose frame is no request, or one that must not be answered.
    static void refuse(Channel channel, int frameBytes, RuntimeException e) {
        LIMITED.warn(
                "Closing connection {}: a frame of {} bytes is no request that this server knows: {}",
                channel,
                frameBytes,
                e.getMessage());
        channel.close();
    }

    private void onLoop(Runnable action) {
        try {
            channel.eventLoop().execute(action);
        } catch (RejectedExecutionException e) {
            LOG.debug("The server stops; {} is not read any more", channel);
        }
    }
}
