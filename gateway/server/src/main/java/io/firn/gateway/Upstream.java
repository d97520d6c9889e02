package io.firn.gateway;

import io.firn.controller.BrokerState;
import io.firn.protocol.InboundRequest;
import io.firn.protocol.IoLoops;
import io.firn.protocol.Preface;
import io.firn.protocol.SocketReads;
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
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadLocalRandom;

/// The connection from one client connection to one broker, on the client's event loop. Frames go
/// out as they came and responses come back in the same order, so order and back-pressure are those
/// of a direct connection (G1). When it breaks with requests on the way, their outcome is unknown
/// and the client's connection is closed: nothing is ever sent twice (G2).
final class Upstream extends ChannelInboundHandlerAdapter {
    private static final Logger LOG = LoggerFactory.getLogger(Upstream.class);
    private static final WriteBufferWaterMark WATER_MARK =
            new WriteBufferWaterMark(512 * 1024, 2 * 1024 * 1024);
    private static final int CONNECT_TIMEOUT_MS = 3000;
    private static final int FLUSH_BYTES = 256 * 1024;

    private final Upstreams owner;
    private final BrokerState broker;
    private final Queue<Exchange> unsent = new ArrayDeque<>();
    private final ResponseReader responses;
    private final Channel channel;
    private final Runnable flush = this::flush;
    private boolean connected;
    private boolean closed;
    private boolean flushDue;
    private int unflushedBytes;
    private int calls;

    /// Connects; what is sent meanwhile waits.
    Upstream(Upstreams owner, BrokerState broker, byte[] clusterKey) {
        this.owner = owner;
        this.broker = broker;
        this.responses = new ResponseReader(owner.client(), this::protocolError);
        ChannelFuture connecting =
                new Bootstrap()
                        .group(owner.client().eventLoop())
                        .channel(IoLoops.clientChannel())
                        .option(ChannelOption.TCP_NODELAY, true)
                        .option(ChannelOption.SO_KEEPALIVE, true)
                        .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, CONNECT_TIMEOUT_MS)
                        .option(ChannelOption.WRITE_BUFFER_WATER_MARK, WATER_MARK)
                        .option(ChannelOption.RECVBUF_ALLOCATOR, new SocketReads(responses))
                        .handler(this)
                        .connect(broker.host(), broker.port());
        this.channel = connecting.channel();
        if (channel instanceof UnixChannel socket) {
            responses.spliceFrom(socket.fd().intValue(), owner.pipes());
        }
        responses.onBlocked(blocked -> channel.config().setAutoRead(!blocked));
        connecting.addListener(done -> connected(done.cause(), clusterKey));
    }

    /// Passes a client's request on. Its frame is held until it has been written.
    ///
    /// @param whenAway what to answer when the broker cannot be reached
    void forward(InboundRequest request, ApiException whenAway) {
        boolean hasResponse =
                !(request.body() instanceof ProduceRequest produce) || produce.acks() != 0;
        send(new Exchange.PassThrough(request, hasResponse, whenAway));
    }

    /// Asks the broker something for the gateway itself, in the name of the same caller.
    CompletableFuture<AbstractResponse> call(AbstractRequest request) {
        RequestHeader header =
                new RequestHeader(request.apiKey(), request.version(), "firn-gateway", --calls);
        ByteBuf body = Unpooled.wrappedBuffer(request.serializeWithHeader(header));
        ByteBuf size = Unpooled.buffer(4).writeInt(body.readableBytes());
        Exchange.Call call =
                new Exchange.Call(
                        header,
                        Unpooled.wrappedBuffer(size, body),
                        new CompletableFuture<>(),
                        new NotControllerException("No broker is reachable"));
        send(call);
        return call.answer();
    }

    /// Whether the client may be read: the broker is connected and takes more.
    boolean takesMore() {
        return closed || (connected && channel.isWritable());
    }

    /// The client takes more, or less, than before.
    void clientWritability() {
        responses.pass();
    }

    /// The client has gone.
    void close() {
        closed = true;
        responses.close();
        channel.close();
        for (Exchange exchange : unsent) {
            exchange.notSent();
        }
        unsent.clear();
    }

    private void send(Exchange exchange) {
        if (closed) {
            exchange.notSent();
        } else if (connected) {
            write(exchange);
        } else {
            unsent.add(exchange);
        }
    }

    private void write(Exchange exchange) {
        if (exchange.hasResponse()) {
            responses.expect(exchange);
        }
        ByteBuf frame = exchange.frame();
        unflushedBytes += frame.readableBytes();
        channel.write(frame).addListener(done -> exchange.written(done.isSuccess()));
        if (unflushedBytes >= FLUSH_BYTES) {
            flush();
        } else if (!flushDue) {
            flushDue = true;
            channel.eventLoop().execute(flush);
        }
    }

    /// After what the loop is doing now, so that small requests of one moment leave together.
    private void flush() {
        flushDue = false;
        unflushedBytes = 0;
        channel.flush();
    }

    private void connected(@Nullable Throwable failure, byte[] clusterKey) {
        if (closed) {
            channel.close();
            return;
        }
        if (failure != null) {
            LOG.warn(
                    "Cannot reach broker {} at {}:{} for {}: {}",
                    broker.id(),
                    broker.host(),
                    broker.port(),
                    owner.caller().clientHost(),
                    failure.getMessage());
            closed = true;
            owner.remove(this);
            unsent.forEach(Exchange::notSent);
            unsent.clear();
            return;
        }
        connected = true;
        Preface preface =
                new Preface(
                        owner.caller(),
                        System.currentTimeMillis(),
                        ThreadLocalRandom.current().nextLong());
        channel.writeAndFlush(preface.encode(clusterKey));
        unsent.forEach(this::write);
        unsent.clear();
        owner.updatePause();
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        responses.read(ctx.alloc(), (ByteBuf) message);
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        owner.updatePause();
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        if (closed) {
            return;
        }
        closed = true;
        responses.close();
        owner.remove(this);
        if (!responses.expected().isEmpty()) {
            LOG.info(
                    "Broker {} closed its connection with {} requests of {} unanswered",
                    broker.id(),
                    responses.expected().size(),
                    owner.caller().clientHost());
            responses.expected().forEach(Exchange::lost);
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        LOG.warn("The connection to broker {} broke: {}", broker.id(), cause.toString());
        ctx.close();
    }

    private void protocolError(String what) {
        LOG.error("Broker {} sent {}; closing both connections", broker.id(), what);
        owner.connection().close();
        channel.close();
    }
}
