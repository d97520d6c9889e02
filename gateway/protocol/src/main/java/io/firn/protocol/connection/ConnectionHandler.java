package io.firn.protocol.connection;

import io.firn.protocol.RateLimitedLog;
import io.firn.protocol.ServerConfig;
import io.firn.protocol.TenantNames;
import io.firn.protocol.TrafficObserver;
import io.firn.protocol.frame.ByteBudget;
import io.firn.protocol.frame.Frame;
import io.firn.protocol.frame.FrameDecoder;
import io.firn.protocol.frame.ReadGate;
import io.firn.protocol.preface.Caller;
import io.firn.protocol.preface.Preface;
import io.firn.protocol.preface.PrefaceException;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoop;
import io.netty.channel.unix.UnixChannel;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/// One connection: checks its preface if it needs one, makes requests of its frames and hands them
/// over.
public final class ConnectionHandler extends ChannelInboundHandlerAdapter
        implements Connection, ClientChannel {
    private static final Logger LOG = LoggerFactory.getLogger(ConnectionHandler.class);
    private static final RateLimitedLog LIMITED =
            new RateLimitedLog(LOG); // what peers cause as often as they like

    private final Channel channel;
    private final ServerConfig config;
    private final TrafficObserver observer;
    private final ReadGate gate;
    private final ResponseQueue responses;
    private final RequestReader requests;
    private final InetAddress peer;
    private final Map<Class<?>, Object> attributes = new ConcurrentHashMap<>();
    private final List<Runnable> closeActions = new ArrayList<>();
    private Caller caller;
    private TenantNames names;
    private boolean awaitsPreface;
    private boolean closed;
    private boolean draining;
    private long activeNanos = System.nanoTime();

    /// What it took, when it was last looked at, until more could be written.
    private long unwritable;

    private @Nullable Runnable onWritability;

    public ConnectionHandler(
            Channel channel,
            ServerConfig config,
            RequestHandler handler,
            TrafficObserver observer,
            ByteBudget.Share share,
            ReadGate gate,
            Executor workers) {
        this.channel = channel;
        this.config = config;
        this.observer = observer;
        this.gate = gate;
        this.responses = new ResponseQueue(channel, gate, observer, config.maxQueuedRequests());
        this.peer = ((InetSocketAddress) channel.remoteAddress()).getAddress();
        this.caller = config.defaultCaller().at(peer.getHostAddress());
        this.names = new TenantNames(caller.tenant());
        this.requests = new RequestReader(channel, handler, observer, share, gate, workers, names);
        this.awaitsPreface = config.clusterKey() != null;
        observer.opened();
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        watchIdle(config.connections().maxIdle().toNanos());
    }

    private void watchIdle(long nanos) {
        var unused = channel.eventLoop().schedule(this::closeIfIdle, nanos, TimeUnit.NANOSECONDS);
    }

    /// Idle is who sends nothing and is owed nothing, and also who does not take what it is owed. A
    /// request that is worked on is activity, however long it takes.
    private void closeIfIdle() {
        if (!channel.isActive()) {
            return;
        }
        long now = System.nanoTime();
        long writable = channel.bytesBeforeWritable();
        boolean waits = !responses.isEmpty() && (channel.isWritable() || writable != unwritable);
        unwritable = writable;
        if (waits) {
            activeNanos = now;
        }
        long left = config.connections().maxIdle().toNanos() - (now - activeNanos);
        if (left > 0) {
            watchIdle(left);
        } else {
            observer.idle();
            LOG.debug("Closing connection {}: it was idle", channel);
            channel.close();
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        activeNanos = System.nanoTime();
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        Frame frame = (Frame) message;
        if (closed || draining) {
            frame.release();
        } else if (awaitsPreface) {
            readPreface(frame);
        } else {
            readRequest(frame);
        }
    }

    private void readPreface(Frame frame) {
        byte[] key = config.clusterKey();
        try {
            if (key == null) {
                throw new PrefaceException("this server has no cluster key");
            }
            var bytes = frame.bytes().slice(4, frame.size() - 4);
            caller = Preface.decode(bytes, key, System.currentTimeMillis()).caller();
            names = new TenantNames(caller.tenant());
            requests.names(names);
            awaitsPreface = false;
            channel.pipeline().get(FrameDecoder.class).allowUpTo(config.maxRequestBytes());
        } catch (PrefaceException e) {
            LIMITED.warn("Closing connection {} to {}: {}", channel, config.name(), e.getMessage());
            channel.close();
        } finally {
            frame.release();
        }
    }

    private void readRequest(Frame frame) {
        InboundRequest request;
        try {
            request = new InboundRequest(frame, caller, peer, this);
        } catch (RuntimeException e) {
            frame.release();
            RequestReader.refuse(channel, frame.size(), e);
            return;
        }
        observer.received(request.header().apiKey(), frame.size());
        responses.add(request);
        requests.read(request);
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        gate.set(ReadGate.Reason.SLOW_READER, !channel.isWritable());
        if (channel.isWritable()) {
            responses.writable();
        }
        if (onWritability != null) {
            onWritability.run();
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        List<Runnable> actions;
        synchronized (closeActions) {
            closed = true;
            actions = new ArrayList<>(closeActions);
            closeActions.clear();
        }
        requests.close();
        responses.close();
        observer.closed();
        actions.forEach(this::runCloseAction);
    }

    private void runCloseAction(Runnable action) {
        try {
            action.run();
        } catch (RuntimeException e) {
            LOG.error("Clean-up after connection {} failed", channel, e);
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        if (cause instanceof IOException) {
            LOG.debug("Connection {} broke: {}", channel, cause.getMessage());
        } else {
            LIMITED.error("Closing connection {} after an unexpected error", channel, cause);
        }
        ctx.close();
    }

    ResponseQueue responses() {
        return responses;
    }

    RequestReader requests() {
        return requests;
    }

    TenantNames names() {
        return names;
    }

    @Override
    public String id() {
        return channel.id().asShortText();
    }

    @Override
    public <T> T attribute(Class<T> type, Supplier<T> create) {
        return type.cast(attributes.computeIfAbsent(type, t -> create.get()));
    }

    @Override
    public void onClose(Runnable action) {
        synchronized (closeActions) {
            if (!closed) {
                closeActions.add(action);
                return;
            }
        }
        runCloseAction(action);
    }

    @Override
    public ScheduledFuture<?> after(long millis, Runnable action) {
        return channel.eventLoop().schedule(action, millis, TimeUnit.MILLISECONDS);
    }

    @Override
    public void pause(boolean paused) {
        if (channel.eventLoop().inEventLoop()) {
            gate.set(ReadGate.Reason.OVERLOAD, paused);
            return;
        }
        try {
            channel.eventLoop().execute(() -> gate.set(ReadGate.Reason.OVERLOAD, paused));
        } catch (RejectedExecutionException e) {
            LOG.debug("The server stops; {} is read no more", channel); // a log's thread asks
        }
    }

    /// On its event loop: answers what it was asked, then ends. What comes meanwhile is read and
    /// dropped: closing a socket that has bytes unread resets it, and an answer on its way would be
    /// lost with it.
    public void drain() {
        draining = true;
        responses.endWhenEmpty();
    }

    @Override
    public void close() {
        channel.close();
    }

    @Override
    public EventLoop eventLoop() {
        return channel.eventLoop();
    }

    @Override
    public boolean isWritable() {
        return channel.isWritable();
    }

    @Override
    public OptionalInt plainSocket() {
        return channel instanceof UnixChannel socket
                        && channel.pipeline().first() instanceof FrameDecoder // so no TLS before it
                ? OptionalInt.of(socket.fd().intValue())
                : OptionalInt.empty();
    }

    @Override
    public void onWritability(Runnable action) {
        this.onWritability = action;
    }

    @Override
    public void pauseReading(boolean pause) {
        gate.set(ReadGate.Reason.HANDLER, pause);
    }
}
