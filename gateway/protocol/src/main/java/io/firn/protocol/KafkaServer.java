package io.firn.protocol;

import io.firn.protocol.connection.ConnectionHandler;
import io.firn.protocol.connection.RequestHandler;
import io.firn.protocol.frame.ByteBudget;
import io.firn.protocol.frame.FrameDecoder;
import io.firn.protocol.frame.ReadGate;
import io.firn.protocol.frame.SocketReads;
import io.firn.protocol.preface.Preface;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.socket.SocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.GlobalEventExecutor;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/// A port that speaks Kafka's protocol: frames, headers, order of responses, back-pressure. What
/// requests mean is the handler's business.
public final class KafkaServer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(KafkaServer.class);
    private static final WriteBufferWaterMark WATER_MARK =
            new WriteBufferWaterMark(256 * 1024, 1024 * 1024);

    /// For requests that would hold an event loop up; a connection has one there at most.
    private static final int WORKERS = 2;

    private final ServerConfig config;
    private final EventLoopGroup loops;
    private final ChannelGroup connections =
            new DefaultChannelGroup(GlobalEventExecutor.INSTANCE, true);
    private final Connections limits;
    private final ByteBudget budget;
    private final ExecutorService workers;
    private final Channel listening;

    private KafkaServer(ServerConfig config, RequestHandler handler, TrafficObserver observer) {
        this.config = config;
        this.limits = new Connections(config.name(), config.connections(), Descriptors.ofProcess());
        this.loops = IoLoops.start(config.name());
        this.budget = new ByteBudget(config.maxInFlightBytes());
        this.workers =
                Executors.newFixedThreadPool(
                        WORKERS,
                        new DefaultThreadFactory("firn-" + config.name() + "-worker", true));
        this.listening = listen(handler, observer);
    }

    /// Listens at once.
    ///
    /// @throws UncheckedIOException if the address cannot be bound
    public static KafkaServer start(ServerConfig config, RequestHandler handler) {
        return start(config, handler, TrafficObserver.NONE);
    }

    public static KafkaServer start(
            ServerConfig config, RequestHandler handler, TrafficObserver observer) {
        KafkaServer server = new KafkaServer(config, handler, observer);
        LOG.info("{} listens on {}:{}", config.name(), config.host(), server.port());
        return server;
    }

    /// The bound port.
    public int port() {
        return ((InetSocketAddress) listening.localAddress()).getPort();
    }

    /// Bytes of unanswered requests that are held now.
    public long inFlightBytes() {
        return budget.usedBytes();
    }

    /// Connections that are not read because there is no room for their requests.
    public int waitingForMemory() {
        return budget.waiting();
    }

    /// Why requests are not read for longer than a passing peak explains; empty while they are.
    public Optional<String> trouble() {
        Duration longest = budget.longestWait();
        return longest.compareTo(budget.patience()) < 0
                ? Optional.empty()
                : Optional.of(
                        ("%d connections of %s have waited for memory, up to %d s: unanswered and half requests"
                                        + " hold %d of %d bytes")
                                .formatted(
                                        budget.waiting(),
                                        config.name(),
                                        longest.toSeconds(),
                                        budget.usedBytes(),
                                        config.maxInFlightBytes()));
    }

    private Channel listen(RequestHandler handler, TrafficObserver observer) {
        ChannelInitializer<SocketChannel> init =
                new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(SocketChannel channel) {
                        InetAddress peer = channel.remoteAddress().getAddress();
                        Refusal refusal = limits.opened(peer);
                        if (refusal != null) {
                            observer.refused(refusal);
                            channel.close();
                            return;
                        }
                        ByteBudget.Share share = budget.open(peer);
                        channel.closeFuture()
                                .addListener(
                                        done -> {
                                            limits.closed(peer);
                                            share.close();
                                        });
                        connections.add(channel);
                        ReadGate gate = new ReadGate(channel);
                        int firstFrame =
                                config.clusterKey() == null
                                        ? config.maxRequestBytes()
                                        : Preface.MAX_BYTES;
                        FrameDecoder decoder = new FrameDecoder(firstFrame, share, gate, observer);
                        channel.config().setRecvByteBufAllocator(new SocketReads(decoder));
                        channel.pipeline()
                                .addLast(decoder)
                                .addLast(
                                        new ConnectionHandler(
                                                channel, config, handler, observer, share, gate,
                                                workers));
                    }
                };
        ChannelFuture bound =
                new ServerBootstrap()
                        .group(loops)
                        .channel(IoLoops.serverChannel())
                        .option(ChannelOption.SO_BACKLOG, 1024)
                        .option(ChannelOption.SO_REUSEADDR, true)
                        .childOption(ChannelOption.TCP_NODELAY, true)
                        .childOption(ChannelOption.SO_KEEPALIVE, true)
                        .childOption(ChannelOption.WRITE_BUFFER_WATER_MARK, WATER_MARK)
                        .childHandler(init)
                        .bind(config.host(), config.port())
                        .awaitUninterruptibly();
        if (!bound.isSuccess()) {
            loops.shutdownGracefully(0, 1, TimeUnit.SECONDS);
            workers.shutdown();
            throw new UncheckedIOException(
                    new IOException(
                            "Cannot listen for Kafka clients on %s:%d (%s): %s. Stop what uses the port or choose another one."
                                    .formatted(
                                            config.host(),
                                            config.port(),
                                            config.name(),
                                            bound.cause().getMessage()),
                            bound.cause()));
        }
        return bound.channel();
    }

    /// Takes no more connections and no more requests, and waits until those that it has are
    /// answered. A connection closes behind its last answer.
    ///
    /// @param patience for what takes longer, such as a long poll; [#close] cuts it off
    public void drain(Duration patience) {
        listening.close().awaitUninterruptibly();
        for (Channel channel : connections) {
            ConnectionHandler handler = channel.pipeline().get(ConnectionHandler.class);
            if (handler != null) {
                channel.eventLoop().execute(handler::drain);
            }
        }
        connections.newCloseFuture().awaitUninterruptibly(patience.toMillis());
    }

    /// Closes the port and all connections.
    @Override
    public void close() {
        listening.close().awaitUninterruptibly();
        connections.close().awaitUninterruptibly(2, TimeUnit.SECONDS);
        workers.shutdown();
        loops.shutdownGracefully(0, 2, TimeUnit.SECONDS).awaitUninterruptibly(3, TimeUnit.SECONDS);
    }
}
