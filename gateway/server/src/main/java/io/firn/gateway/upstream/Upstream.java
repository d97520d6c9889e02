package io.firn.gateway.upstream;

import io.firn.controller.image.BrokerState;
import io.firn.protocol.IoLoops;
import io.firn.protocol.RateLimitedLog;
import io.firn.protocol.connection.InboundRequest;
import io.firn.protocol.frame.SocketReads;
import io.firn.protocol.preface.Preface;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.unix.UnixChannel;

import org.apache.kafka.common.errors.ApiException;
import org.apache.kafka.common.errors.NotControllerException;
import org.apache.kafka.common.requests.AbstractRequest;
import org.apache.kafka.common.requests.AbstractResponse;
import org.apache.kafka.common.requests.ProduceRequest;
import org.apache.kafka.common.requests.RequestHeader;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

/// The connection from one client connection to one broker, on the client's event loop. Frames go
/// out as they came and responses come back in the same order, so order and back-pressure are those
/// of a direct connection (G1). However it ends, each [Exchange] on it ends, too (G11), and the
/// client's connection with it if anything may have been done that nobody has heard of: nothing is
/// ever sent twice (G2).
///
/// `Connecting --> Open --> Closed`, and from either straight to `Closed`.
public final class Upstream extends ChannelInboundHandlerAdapter {
    private enum Link {
        CONNECTING,
        OPEN,
        CLOSED
    }

    private static final Logger LOG = LoggerFactory.getLogger(Upstream.class);
    private static final RateLimitedLog LIMITED = new RateLimitedLog(LOG);
    private static final WriteBufferWaterMark WATER_MARK =
            new WriteBufferWaterMark(512 * 1024, 2 * 1024 * 1024);

    /// Answers to other brokers' requests wait behind, since they leave in order.
    private static final int CONNECT_TIMEOUT_MS = 1000;

    private static final int FLUSH_BYTES = 256 * 1024;

    private final Upstreams owner;
    private final Reachability.Address broker;
    private final Queue<Exchange> unsent = new ArrayDeque<>();
    private final ResponseReader responses;
    private final @Nullable Channel channel;
    private final Runnable flush = this::flush;
    private final Patience patience = new Patience();
    private Link link;
    private boolean flushDue;
    private boolean watched;
    private boolean blocked;
    private long movedNanos;
    private int unflushedBytes;
    private int calls;

    /// Requests without a response (acks=0) that were sent.
    private long silent;

    /// Of these, the ones that the broker has not refused: it says so by closing the connection,
    /// and an answer to a later request shows that it did not.
    private long silentAccepted;

    private Upstream(Upstreams owner, BrokerState state) {
        this.owner = owner;
        this.broker = new Reachability.Address(state.id(), state.host(), state.port());
        this.responses = new ResponseReader(owner.client(), this::malformed, this::answered);
        if (!owner.links().reachability().mayTry(broker)) {
            this.link = Link.CLOSED;
            this.channel = null;
            return;
        }
        this.link = Link.CONNECTING;
        ChannelFuture connecting =
                new Bootstrap()
                        .group(owner.client().eventLoop())
                        .channel(IoLoops.clientChannel())
                        .resolver(HostResolver.GROUP)
                        .option(ChannelOption.TCP_NODELAY, true)
                        .option(ChannelOption.SO_KEEPALIVE, true)
                        .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, CONNECT_TIMEOUT_MS)
                        .option(ChannelOption.WRITE_BUFFER_WATER_MARK, WATER_MARK)
                        .option(ChannelOption.RECVBUF_ALLOCATOR, new SocketReads(responses))
                        .handler(this)
                        .connect(state.host(), state.port());
        this.channel = connecting.channel();
        if (channel instanceof UnixChannel socket) {
            responses.spliceFrom(socket.fd().intValue(), owner.links().pipes());
        }
        Channel opened = channel;
        responses.onBlocked(
                stop -> {
                    blocked = stop;
                    opened.config().setAutoRead(!stop);
                });
        connecting.addListener(done -> connected(opened, done.cause()));
    }

    /// Connects; what is sent meanwhile waits. A broker that was not reached a moment ago is not
    /// tried, and what is sent is refused.
    static Upstream open(Upstreams owner, BrokerState broker) {
        return new Upstream(owner, broker);
    }

    /// Whether nothing can be sent on it any more.
    boolean isClosed() {
        return link == Link.CLOSED;
    }

    /// Passes a client's request on. Its frame is held until it has been written.
    ///
    /// @param ifUnreachable what to answer when the broker cannot be reached
    public void forward(InboundRequest request, ApiException ifUnreachable) {
        AbstractRequest body = request.body();
        boolean hasResponse = !(body instanceof ProduceRequest produce) || produce.acks() != 0;
        send(new Exchange.PassThrough(request, hasResponse, patience.of(body), ifUnreachable));
    }

    /// Asks the broker something for the gateway itself, in the name of the same caller.
    ///
    /// @return fails with a [org.apache.kafka.common.errors.DisconnectException] when the outcome
    /// is unknown
    CompletableFuture<AbstractResponse> call(AbstractRequest request) {
        RequestHeader header =
                new RequestHeader(request.apiKey(), request.version(), "firn-gateway", --calls);
        ByteBuf body = Unpooled.wrappedBuffer(request.serializeWithHeader(header));
        ByteBuf size = Unpooled.buffer(4).writeInt(body.readableBytes());
        Exchange.Call call =
                new Exchange.Call(
                        header,
                        Unpooled.wrappedBuffer(size, body),
                        patience.of(request),
                        new NotControllerException("No broker is reachable"));
        send(call);
        return call.answer();
    }

    /// Whether the client may be read: the broker takes more. While it is being connected to, the
    /// number of unanswered requests is the bound.
    boolean takesMore() {
        return link != Link.OPEN || channel == null || channel.isWritable();
    }

    /// The client takes more, or less, than before.
    void clientWritability() {
        responses.pass();
    }

    /// The client has gone.
    void close() {
        end();
    }

    private void send(Exchange exchange) {
        switch (link) {
            case CONNECTING -> unsent.add(exchange);
            case OPEN -> write(exchange);
            case CLOSED -> exchange.broken();
        }
    }

    private void write(Exchange exchange) {
        Channel to = channel;
        if (to == null) {
            throw new IllegalStateException("A connection without a socket is closed");
        }
        exchange.sent(System.nanoTime(), silent);
        if (exchange.hasResponse()) {
            responses.expect(exchange);
            watch();
        } else {
            silent++;
        }
        ByteBuf frame = exchange.frame();
        unflushedBytes += frame.readableBytes();
        to.write(frame)
                .addListener(
                        done -> {
                            if (done.isSuccess()) {
                                exchange.written();
                            } else {
                                end(); // half a frame may be on the wire: nothing can follow it
                                exchange.broken();
                            }
                        });
        if (unflushedBytes >= FLUSH_BYTES) {
            flush();
        } else if (!flushDue) {
            flushDue = true;
            to.eventLoop().execute(flush);
        }
    }

    /// After what the loop is doing now, so that small requests of one moment leave together.
    private void flush() {
        flushDue = false;
        unflushedBytes = 0;
        if (channel != null) {
            channel.flush();
        }
    }

    private void connected(Channel opened, @Nullable Throwable failure) {
        if (failure == null) {
            owner.links().reachability().reached(broker);
        }
        if (link != Link.CONNECTING) {
            opened.close(); // the client has gone meanwhile
        } else if (failure != null) {
            owner.links().reachability().failed(broker);
            LIMITED.warn(
                    "Cannot reach broker {} at {}:{} for {}: {}",
                    broker.brokerId(),
                    broker.host(),
                    broker.port(),
                    owner.caller().clientHost(),
                    failure.getMessage());
            end();
        } else {
            link = Link.OPEN;
            Preface preface =
                    new Preface(
                            owner.caller(),
                            System.currentTimeMillis(),
                            ThreadLocalRandom.current().nextLong());
            opened.writeAndFlush(preface.encode(owner.links().clusterKey()));
            for (Exchange exchange = unsent.poll();
                    exchange != null && link == Link.OPEN;
                    exchange = unsent.poll()) {
                write(exchange);
            }
            owner.updatePause();
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        responses.read(ctx.alloc(), (ByteBuf) message);
    }

    /// Also after bytes that were moved from socket to socket.
    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        movedNanos = System.nanoTime();
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        owner.updatePause();
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        if (link == Link.OPEN && !responses.expected().isEmpty()) {
            LIMITED.warn(
                    "Broker {} closed its connection with {} requests of {} unanswered",
                    broker.brokerId(),
                    responses.expected().size(),
                    owner.caller().clientHost());
        }
        end();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        LIMITED.warn("The connection to broker {} broke: {}", broker.brokerId(), cause.toString());
        ctx.close();
    }

    private void malformed(String what) {
        LIMITED.error("Broker {} sent {}; closing both connections", broker.brokerId(), what);
        owner.connection().close();
        end();
    }

    private void answered(Exchange exchange) {
        silentAccepted = exchange.silentBefore();
    }

    /// Looks now and then whether the broker answers, as long as it has something to answer.
    private void watch() {
        if (!watched && channel != null) {
            watched = true;
            long every = Math.max(1, owner.links().timeout().toMillis() / 4);
            var unused = channel.eventLoop().schedule(this::look, every, TimeUnit.MILLISECONDS);
        }
    }

    private void look() {
        watched = false;
        Exchange head = responses.expected().peek();
        if (link != Link.OPEN || head == null) {
            return;
        }
        long now = System.nanoTime();
        if (blocked) {
            movedNanos = now; // it is the client that does not move
        }
        if (head.overdue(now, movedNanos, owner.links().timeout().toNanos())) {
            LIMITED.warn(
                    "Broker {} has not answered {} requests of {} in time; closing both connections",
                    broker.brokerId(),
                    responses.expected().size(),
                    owner.caller().clientHost());
            owner.links().timedOut();
            end();
        } else {
            watch();
        }
    }

    /// The one way out: whoever waits is answered or cut off.
    private void end() {
        if (link == Link.CLOSED) {
            return;
        }
        link = Link.CLOSED;
        responses.close();
        if (channel != null) {
            channel.close();
        }
        owner.remove(this);
        List<Exchange> left = new ArrayList<>(responses.expected());
        left.addAll(unsent);
        responses.expected().clear();
        unsent.clear();
        left.forEach(Exchange::broken);
        if (silent > silentAccepted) {
            owner.connection().close(); // with acks=0 a client can only hear of it this way
        }
    }
}
